/** `kbdiag scan --redact`: nothing below the output folder tells of the network or of the names of captures. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { encode, ENCODINGS, Script } from '../../samples/craft/index.ts';
import { fingerprintOf } from '../../src/evidence/redaction/key.ts';
import { arpCapture, run } from '../cli/kbdiag.ts';
import { found } from '../evidence/canary-forms.ts';
import { ADDRESSES, FRAMES, HOST, MACS, WORDS } from '../evidence/canary-frames.ts';
import { KEY, mappingOf, redactBytes, reportOn } from '../evidence/redaction.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { filesBelow, readIndex, SAMPLES, sampleNames } from './folder.ts';

const folder = temporaryFolder();
const put = (name: string, bytes: Uint8Array | string): void => {
  mkdirSync(dirname(join(folder, name)), { recursive: true });
  writeFileSync(join(folder, name), bytes);
};
put('key', Buffer.from(KEY).toString('hex'));
put('other.key', 'ab'.repeat(32));

/** Addresses such as 10.0.0.5 stand in every file by chance; under another key the same captures have rarer ones. */
const rare = mappingOf(
  {},
  Uint8Array.from({ length: 32 }, (_, at) => at + 100),
);
const macs = new Set(MACS);
const addresses = new Set(ADDRESSES);
for (const [index, name] of sampleNames().entries()) {
  const sample = readFileSync(join(SAMPLES, name));
  const { bytes } = await redactBytes(name.endsWith('.gz') ? gunzipSync(sample) : sample, rare);
  put(`customer/${HOST}/zqsite${index}/zqtrace-${name.replace('.gz', '')}`, bytes);
  const report = await reportOn(bytes, name);
  for (const finding of report.findings) {
    for (const mac of finding.macs) macs.add(mac);
    for (const host of finding.hosts) addresses.add(host);
  }
}
const script = new Script({ interfaces: [{ name: `uplink-${HOST}` }] });
for (const [at, bytes] of FRAMES.entries()) script.at(at * 0.01, bytes, { comment: HOST });
put(`customer/${HOST}-canaries.pcapng`, encode(script, ENCODINGS.pcapng));
put('customer/zqcut.pcap', arpCapture(3).subarray(0, -10));
put('customer/zqnotes.txt', `${WORDS.join(' ')} ${ADDRESSES.join(' ')}\n`);
put('customer/zqempty.pcap', '');
const FORMATS = 'json,text,ndjson,markdown,html,sarif,csv';
const words = [...WORDS, 'customer', 'zqsite', 'zqtrace', 'zqcut', 'zqnotes', 'zqempty', 'zqmissing'];
const scan = (out: string, ...more: string[]) => run(['scan', 'customer', '-r', '-o', out, ...more], folder);
const keyed = ['--redact', '--redact-key', 'key'];
const whole = await run(
  ['scan', 'customer', 'zqmissing/capture.pcap', '-r', '-o', 'out', ...keyed, '-f', FORMATS],
  folder,
);

describe('scan --redact', () => {
  it('leaves no address, no name and no path, in no file and no name of one', () => {
    expect(whole.stderr).toBe('');
    expect(whole.code).toBe(4);
    expect(addresses.size).toBeGreaterThan(ADDRESSES.length + 10);
    const files = filesBelow(join(folder, 'out'));
    expect(files.length).toBeGreaterThan(7 * sampleNames().length);
    expect(files).toContain('.kbdiag/journal.ndjson');
    for (const name of files) {
      const bytes = Buffer.concat([Buffer.from(`${name}\n`), readFileSync(join(folder, 'out', name))]);
      expect({ name, canaries: found(bytes, words, [...addresses], [...macs]) }).toEqual({
        name,
        canaries: [],
      });
    }
  });

  it('has the rows that a scan without it has, under other names', async () => {
    await run(['scan', 'customer', 'zqmissing/capture.pcap', '-r', '-o', 'open'], folder);
    const facts = (out: string) => {
      const { captures, faults, shared, summary } = readIndex(folder, out);
      const rows = captures.map(({ path, status, code, packets, findings, verdicts }) =>
        JSON.stringify([path.split('/').length, status, code, packets, findings, verdicts]),
      );
      return {
        rows: rows.toSorted((a, b) => (a < b ? -1 : 1)),
        faults: faults.map(({ article, severity, count, hosts }) => [article, severity, count, hosts.length]),
        shared: shared.map(({ kind, count }) => [kind, count]),
        summary,
      };
    };
    expect(facts('out')).toEqual(facts('open'));
    // What is looked for is there to be found.
    const journal = readFileSync(join(folder, 'open/.kbdiag/journal.ndjson'));
    expect(found(journal, words, [...addresses], [...macs]).length).toBeGreaterThan(20);
    expect(readIndex(folder, 'out').options).toEqual({ redact: `key ${fingerprintOf(KEY)}` });
    expect(readIndex(folder, 'out').shared.length).toBeGreaterThan(0);
  });

  it('has the reports of analyze --redact, byte for byte', async () => {
    const { captures } = readIndex(folder, 'out');
    const names = [`customer/${HOST}-canaries.pcapng`, 'customer/zqcut.pcap'];
    for (const name of names) {
      const row = captures.find(({ path }) => path === mappingOf().names.mapPath(name));
      for (const format of ['json', 'text']) {
        const { stdout } = await run(['analyze', ...keyed, '-f', format, name], folder);
        expect(readFileSync(join(folder, 'out', row?.reports[format] ?? ''), 'utf8')).toBe(stdout);
      }
    }
  });

  it('goes on with the same key only', async () => {
    const before = readFileSync(join(folder, 'out/index.json'), 'utf8');
    const targets = [
      'scan',
      'customer',
      'zqmissing/capture.pcap',
      '-r',
      '-o',
      'out',
      '-f',
      FORMATS,
      '--resume',
    ];
    const again = await run([...targets, ...keyed], folder);
    expect(again.code).toBe(4);
    expect(readFileSync(join(folder, 'out/index.json'), 'utf8')).toBe(before);
    const other = await run([...targets, '--redact', '--redact-key', 'other.key'], folder);
    expect(other).toMatchObject({ code: 2, stderr: expect.stringContaining('with another key') as string });
    const open = await run(targets, folder);
    expect(open.code).toBe(2);
    const without = await run([...targets, '--redact'], folder);
    expect(without).toMatchObject({ code: 2, stderr: expect.stringContaining('--redact-key') as string });
    const keeping = await run([...targets, ...keyed, '--keep-oui'], folder);
    expect(keeping.code).toBe(2);
  });

  it('makes a key and tells it once', async () => {
    const { stderr, code } = await scan('made', '--redact');
    expect(code).toBe(4);
    const [, ...keys] = stderr.split(/redacted with a new key: (?=[0-9a-f]{64})/);
    expect(keys).toHaveLength(1);
    put('made.key', (keys[0] as string).slice(0, 64));
    const resumed = await scan('made', '--redact', '--redact-key', 'made.key', '--resume');
    expect(resumed).toMatchObject({ code: 4, stderr: '' });
  });

  it('keeps vendors on request', async () => {
    await scan('vendors', ...keyed, '--keep-oui');
    const macsOf = (out: string) =>
      readIndex(folder, out).shared.flatMap(({ kind, value }) => (kind === 'mac' ? [value.slice(0, 8)] : []));
    const vendors = macsOf('open');
    expect(vendors.length).toBeGreaterThan(0);
    const order = (a: string, b: string): number => (a < b ? -1 : 1);
    expect(macsOf('vendors').toSorted(order)).toEqual(vendors.toSorted(order));
    expect(macsOf('out').toSorted(order)).not.toEqual(vendors.toSorted(order));
  });

  it('tells captures apart whose names have one image', async () => {
    // Letters of other alphabets have more values than their images: of these, several must meet.
    const names = Array.from({ length: 400 }, (_, at) => `${String.fromCodePoint(0x4e00 + at)}.pcap`);
    for (const name of names) put(`letters/${name}`, arpCapture(1));
    const images = new Set(names.map((name) => mappingOf().names.mapPath(`letters/${name}`)));
    expect(images.size).toBeLessThan(names.length);
    await run(['scan', 'letters', '-o', 'apart', ...keyed], folder);
    const { captures } = readIndex(folder, 'apart');
    expect(new Set(captures.map(({ path }) => path)).size).toBe(names.length);
    expect(new Set(captures.map(({ report }) => report)).size).toBe(names.length);
    expect(filesBelow(join(folder, 'apart/reports'))).toHaveLength(names.length);
  }, 60_000);

  it('needs --redact for its key', async () => {
    expect(await scan('x', '--redact-key', 'key')).toMatchObject({ code: 2 });
  });
});
