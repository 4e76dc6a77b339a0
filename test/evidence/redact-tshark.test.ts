/** tshark reads a redacted file as it reads the original: the same frames, lengths, times and comments' absence, and no checksum worse. */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { encode, ENCODINGS } from '../../samples/craft/index.ts';
import { scenarios } from '../../rules/dial-in/q159309-leaking-address-pool/scenarios.ts';
import { samples } from '../../samples/shipped.ts';
import { readCatalog } from '../capture/corpus.ts';
import { labelOf } from '../../src/evidence/redaction/capture.ts';
import { arePeersRequired, hasPeer } from '../peers.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { mappingOf, redactBytes, TOOL } from './redaction.ts';

const hasTshark = hasPeer('tshark');
const folder = temporaryFolder();
const mapping = mappingOf();

const CHECKSUMS = ['ip', 'tcp', 'udp', 'icmp', 'eth.fcs'].map((protocol) =>
  protocol === 'eth.fcs' ? 'eth.fcs.status' : `${protocol}.checksum.status`,
);
const FIELDS = [
  'frame.number',
  'frame.time_epoch',
  'frame.len',
  'frame.cap_len',
  'frame.comment',
  ...CHECKSUMS,
];
const FIRST_CHECKSUM = 5;
/** 1 is good, 2 not verified. */
const BAD = '0';

/** One row a frame, by `FIELDS`. */
function read(name: string): string[][] {
  const preferences = ['ip.check_checksum', 'tcp.check_checksum', 'udp.check_checksum'].flatMap((name_) => [
    '-o',
    `${name_}:TRUE`,
  ]);
  const { stdout, stderr, status } = spawnSync(
    'tshark',
    [
      '-r',
      join(folder, name),
      '-n',
      ...preferences,
      '-T',
      'fields',
      ...FIELDS.flatMap((field) => ['-e', field]),
    ],
    { encoding: 'utf8', maxBuffer: 1 << 28 },
  );
  expect({ status, stderr: stderr.replaceAll(/^Running as user.*\n/gm, '') }).toEqual({
    status: 0,
    stderr: '',
  });
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split('\t'));
}

/** What differs between tshark's readings of a capture and of its redacted copy, one line each. */
async function differences(bytes: Uint8Array): Promise<string[]> {
  writeFileSync(join(folder, 'original'), bytes);
  writeFileSync(join(folder, 'redacted.pcapng'), (await redactBytes(bytes, mapping)).bytes);
  const [original, redacted] = [read('original'), read('redacted.pcapng')].map((rows_) =>
    // Custom blocks and journal entries have a number and no time; of them, only the number is kept.
    rows_.filter((row) => row[1] !== ''),
  ) as [string[][], string[][]];
  const found: string[] = [];
  if (original.length !== redacted.length) found.push(`${original.length} frames, now ${redacted.length}`);
  for (const [at, row] of redacted.entries()) {
    const before = original[at] ?? [];
    // A fraction of more than a second overflows there.
    const from = /\.\d{10}/.test(before[1] ?? '') ? 2 : 0;
    if (row.slice(from, 4).join() !== before.slice(from, 4).join())
      found.push(`${before.join()}, now ${row.join()}`);
    if (row[4] !== '') found.push(`frame ${row[0]} has a comment`);
    for (let column = FIRST_CHECKSUM; column < FIELDS.length; column += 1) {
      // The first of several is that of the outermost header. What is zeroed as a whole has none any more.
      const was = before[column]?.split(',')[0];
      const is = row[column]?.split(',')[0];
      if ((is === BAD) !== (was === BAD) && is !== '')
        found.push(`frame ${row[0]}: ${FIELDS[column]} ${was}, now ${is}`);
    }
  }
  return found;
}

it.runIf(arePeersRequired)('tshark is here where it has to be', () => {
  expect(hasTshark).toBe(true);
});

describe.skipIf(!hasTshark)('tshark', () => {
  it.each(samples.map(({ file }) => file))('reads %s', async (file) => {
    const bytes = readFileSync(fileURLToPath(new URL(`../../samples/${file}`, import.meta.url)));
    expect(await differences(file.endsWith('.gz') ? gunzipSync(bytes) : bytes)).toEqual([]);
  });

  it.each(scenarios.slice(0, 12).map((scenario) => ({ name: scenario.name, scenario })))(
    'reads calls of $name',
    async ({ scenario }) => {
      expect(await differences(encode(scenario.build(), scenario.encoding ?? ENCODINGS.pcap))).toEqual([]);
    },
  );

  it('shows that the file was altered', async () => {
    const [sample] = samples;
    const bytes = readFileSync(fileURLToPath(new URL(`../../samples/${sample?.file}`, import.meta.url)));
    writeFileSync(join(folder, 'label.pcapng'), (await redactBytes(bytes, mapping)).bytes);
    const { stdout } = spawnSync('capinfos', ['-k', join(folder, 'label.pcapng')], { encoding: 'utf8' });
    expect(stdout).toContain(labelOf({ mapping, tool: TOOL }));
  });
});

const rows = readCatalog().filter(
  ({ format, packets, capinfosStatus }) =>
    /^(?:pcap|nsecpcap|pcapng)$/.test(format) && packets > 0 && packets <= 2000 && capinfosStatus === 0,
);

describe.skipIf(!hasTshark || rows.length === 0)('tshark, of real captures', () => {
  it.each(rows.filter((_, at) => at % 4 === 0).map(({ path, file }) => ({ path, file })))(
    'reads $path',
    async ({ file }) => {
      expect(await differences(readFileSync(file))).toEqual([]);
    },
  );
});
