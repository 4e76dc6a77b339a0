/** What a redacted report keeps of its own words, and what it tells of the ones that were given. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { rules } from '../../rules/index.ts';
import { ascii, concat } from '../../samples/craft/index.ts';
import { samples } from '../../samples/shipped.ts';
import { renameInHint } from '../../src/capture/format.ts';
import { analyze } from '../../src/engine/analyze.ts';
import { redactOptions, redactReport } from '../../src/evidence/redaction/report.ts';
import { toReport } from '../../src/report/model.ts';
import type { Report } from '../../src/report/schema.ts';
import { ethernetInterface } from './blocks.ts';
import { mappingOf, reportOn } from './redaction.ts';

const mapping = mappingOf();

function sampleOf(file: string): Uint8Array {
  const bytes = readFileSync(fileURLToPath(new URL(`../../samples/${file}`, import.meta.url)));
  return file.endsWith('.gz') ? gunzipSync(bytes) : bytes;
}

/** A little-endian pcapng of microseconds with an interface of another name. */
function withInterface(bytes: Uint8Array, name: string): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const blocks: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += view.getUint32(at + 4, true)) {
    const isInterface = view.getUint32(at, true) === 1;
    const block = bytes.subarray(at, at + view.getUint32(at + 4, true));
    blocks.push(isInterface ? ethernetInterface([2, ascii(name)]) : block);
  }
  return concat(...blocks);
}

/** The strings of a report and the fields that they stand in. */
function* stringsOf(value: unknown, field = ''): Generator<readonly [field: string, text: string]> {
  if (typeof value === 'string') yield [field, value];
  else if (Array.isArray(value)) for (const item of value) yield* stringsOf(item, field);
  else if (value !== null && typeof value === 'object')
    for (const [name, item] of Object.entries(value)) yield* stringsOf(item, name);
}

const NAMING_FIELDS: ReadonlySet<string> = new Set([
  ...['domain', 'key', 'related', 'countsIn', 'path', 'file', 'bytes'],
]);

/** A report without what names an interface or a file. */
const wordsOf = (report: Report): unknown[] =>
  [...stringsOf(report)].filter(([field]) => !NAMING_FIELDS.has(field));

describe('words of our own', () => {
  const sample = sampleOf('q151387-p10-drops.pcapng');
  const redactedOf = async (name: string): Promise<Report> =>
    redactReport(await reportOn(withInterface(sample, name), name), mapping);

  it.each([
    ...['fault', 'found', 'error', 'lease', 'Q151387', 'definitive', 'server', 'kbdiag-report', 'ARP', 'a'],
  ])('stay, with an interface and a file that are called %s', async (name) => {
    const [report, other] = [await redactedOf(name), await redactedOf('zqhost77')];
    expect(wordsOf(report)).toEqual(wordsOf(other));
    expect(report.summary).toEqual(other.summary);
    expect(report.findings.length).toBeGreaterThan(0);
    for (const { domain, key } of report.findings) {
      expect(domain).toBe(mapping.names.map(name));
      expect(key.split('|')[1]).toBe(domain);
    }
    expect(report.captures[0]?.path).toBe(mapping.names.mapPath(name));
  });
});

describe.each(samples.map(({ file }) => file))('%s', (file) => {
  it('names no interface in a sentence, and has keys that are known again without it', async () => {
    const report = await reportOn(sampleOf(file), 'trace.pcap');
    const domains = [...new Set([...report.findings, ...report.health.gaps].map(({ domain }) => domain))];
    for (const [, text] of wordsOf(report) as Array<[string, string]>)
      for (const domain of domains) expect(text).not.toContain(domain);
    const redacted = redactReport(report, mapping);
    const keys = report.findings.map(({ key }) => key);
    expect(redactOptions({ ignore: keys }, mapping)['ignore']).toEqual(
      redacted.findings.map(({ key }) => key),
    );
  });
});

describe('options', () => {
  it.each([
    ['00:60:8c:2a:10:77', '00:60:8c:2a:10:77'],
    ['00-60-8C-2A-10-77', '00:60:8c:2a:10:77'],
    ['0060.8c2a.1077', '00:60:8c:2a:10:77'],
    ['00608C2A1077', '00:60:8c:2a:10:77'],
    [' 10.0.0.77 ', '10.0.0.77'],
  ])('have the host %j in the notation of findings, in sentences as well', async (given, shown) => {
    const result = await analyze([{ bytes: sampleOf('q151387-p1-definitive.pcap'), path: 'x' }], { rules });
    const reportOf = (host: string): Report =>
      redactReport(toReport(result, rules, { hosts: [host], choices: { host: [host] } }), mapping);
    const [report, other] = [reportOf(given), reportOf(shown)];
    expect(report).toEqual(other);
    expect(JSON.stringify(report)).not.toContain(given.trim());
    expect(report.options['host']).not.toEqual([shown]);
    expect(report.verdicts[0]?.reason).toContain(String(report.options['host']));
  });

  it('have keys that are redacted already as they are', async () => {
    const report = await reportOn(sampleOf('q151387-p2-second-holder.pcapng'), 'x');
    const keys = redactReport(report, mapping).findings.map(({ key }) => key);
    const asked = { ...report, options: { ignore: keys } };
    expect(redactReport(asked, mapping).options['ignore']).toEqual(keys);
  });

  it.each([
    ['Q151387|zqhost77|10.213.87.41 on 00:60:97:9d:b3:5e'],
    ['Q151387|zqhost77|up|10.213.87.41'],
    ['Q151387|zqhost77|zquser88'],
    ['Q120599|eth0|10.213.87.41|zqhost77'],
    ['zqhost77'],
    ['zqhost77|zquser88|10.213.87.41'],
  ])('tell nothing of the key %s, which fits nothing', async (key) => {
    for (const options of [
      redactOptions({ ignore: [key] }, mapping),
      redactReport(
        { ...(await reportOn(sampleOf('q151387-p1-definitive.pcap'), 'x')), options: { ignore: [key] } },
        mapping,
      ).options,
    ])
      expect(String(options['ignore'])).not.toMatch(/zqhost77|zquser88|10\.213\.87|9d:b3:5e/);
  });

  it('say by which key, and that vendors were kept', () => {
    expect(redactOptions({}, mapping)).toEqual({ redact: `key ${mapping.fingerprint}` });
    expect(redactOptions({}, mappingOf({ keepVendor: true }))).toEqual({
      keepOui: 'yes',
      redact: `key ${mapping.fingerprint}`,
    });
  });
});

describe('what to do about a file that cannot be read', () => {
  const long = (start: string): Uint8Array => ascii(start.padEnd(600, 'x'));
  const KINDS: ReadonlyArray<readonly [hint: string, bytes: Uint8Array]> = [
    ['Convert it first: editcap ', long('cpse')],
    ['Convert it first, if it is of an Ethernet network: editcap ', long('iptrace ')],
    ['Unpack it on the way: bzip2 -dc ', long('BZh')],
    ['Save it first: gzip -dc ', gzipSync(long('GMBU'))],
  ];
  const PATHS = [
    'zqhost77.cap',
    'zqhost77 net.cap',
    "zqhost77's net.cap",
    '-zqhost77',
    'editcap',
    'first',
    'out.pcap',
  ];

  it.each(KINDS.flatMap(([hint, bytes]) => PATHS.map((path) => ({ hint, path, bytes }))))(
    'says of $path: $hint',
    async ({ hint, path, bytes }) => {
      const sample = { bytes: sampleOf('q151387-p1-definitive.pcap'), path: 'trace.pcap' };
      const result = await analyze([sample, { bytes, path }], { rules });
      const image = mapping.names.mapPath(path);
      const other = await analyze([sample, { bytes, path: image }], { rules });
      expect(result.failures).toHaveLength(1);
      const [failure] = redactReport(toReport(result, rules), mapping).failures;
      expect(failure).toEqual(toReport(other, rules).failures[0]);
      expect(failure?.hint.startsWith(hint)).toBe(true);
      expect(failure?.hint).toContain(image.replaceAll("'", "'\\''"));
    },
  );

  it('stays where it names none', () => {
    expect(renameInHint('Check the name.', 'Check', 'other')).toBe('Check the name.');
  });
});
