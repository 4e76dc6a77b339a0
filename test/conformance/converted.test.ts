/** Captures that editcap converts to formats of other programs: the same frames, times and findings as before. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { CaptureError } from '../../src/capture/errors.ts';
import { InterfaceRegistry } from '../../src/capture/interfaces.ts';
import { openCapture } from '../../src/capture/open.ts';
import { analyze } from '../../src/engine/analyze.ts';
import { rules } from '../../rules/index.ts';
import { drain, limitConcurrency, outputOf, readCatalog } from '../capture/corpus.ts';
import { copyOf } from '../capture/read.ts';
import { arePeersRequired, hasPeer } from '../peers.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const hasPeers = hasPeer('tshark');
const samples = fileURLToPath(new URL('../../samples/', import.meta.url));
const folder = temporaryFolder();
const atMostTwo = limitConcurrency(2);

const FORMATS = ['netmon1', 'netmon2', 'snoop'] as const;
type Format = (typeof FORMATS)[number];

async function readAll(file: string) {
  const registry = new InterfaceRegistry();
  const capture = await openCapture(file, { file: 0, interfaces: registry });
  const frames: string[] = [];
  const times: number[] = [];
  const linkTypes = new Set<number>();
  let longest = 0;
  await drain(capture, (record) => {
    const { number, captured, original, data, time } = copyOf(record);
    const linkType = registry.list[record.interface]?.linkType ?? -1;
    linkTypes.add(linkType);
    longest = Math.max(longest, original);
    frames.push(`${number} ${captured}/${original} ${linkType} ${data}`);
    times.push(time === null ? Number.NaN : record.seconds + record.nanos / 1e9);
  });
  return { capture, frames, times, linkTypes, longest };
}

async function judge(file: string) {
  const { findings, verdicts } = await analyze([file], { rules });
  return {
    findings: findings.map(({ article, kind, tier, key, count, frames }) => ({
      article,
      kind,
      tier,
      key,
      count,
      frames: frames.map(({ number, role }) => `${number} ${role}`),
    })),
    verdicts: verdicts.map(({ article, verdict }) => `${article} ${verdict}`),
  };
}

const SUNATM = 123;

/** Converts; null where the format cannot hold the capture: another link type, or frames that are longer. */
async function convert(source: string, name: string, format: Format): Promise<string | null> {
  const target = join(folder, `${name.replaceAll('/', '_')}.${format}`);
  await outputOf('editcap', ['-F', format, source, target]);
  const { capture } = await readAll(target).catch((error: unknown) => {
    if (error instanceof CaptureError) return { capture: null };
    throw error;
  });
  if (capture === null) return null;
  expect(capture.format).toBe(format);
  return target;
}

/** NetMon 1.x has milliseconds, and rounds; the others cut at microseconds. */
const TOLERANCE: Readonly<Record<Format, number>> = { netmon1: 0.0021, netmon2: 0.000_002, snoop: 0.000_002 };

async function compare(source: string, target: string, format: Format): Promise<number> {
  const [before, after] = await Promise.all([readAll(source), readAll(target)]);
  expect(after.frames).toEqual(before.frames);
  expect(after.capture.damage).toBeNull();
  let worst = 0;
  for (const [i, time] of after.times.entries())
    worst = Math.max(worst, Math.abs(time - (before.times[i] ?? Number.NaN)));
  expect(worst).toBeLessThan(TOLERANCE[format]);
  return after.frames.length;
}

async function timesByTshark(file: string): Promise<string[]> {
  const fields = ['-e', 'frame.time_epoch', '-e', 'frame.len', '-e', 'frame.cap_len'];
  const output = await outputOf('tshark', ['-n', '-r', file, '-T', 'fields', ...fields]);
  return output.trimEnd().split('\n');
}

describe.skipIf(!hasPeers && !arePeersRequired)('samples, converted by editcap (needs editcap)', () => {
  const names = readdirSync(samples).filter((name) => /\.pcap(?:ng)?$/.test(name));
  let compared = 0;

  it.concurrent.each(names.flatMap((name) => FORMATS.map((format) => [name, format] as const)))(
    '%s as %s: the same findings',
    (name, format) =>
      atMostTwo(async () => {
        const sample = join(samples, name);
        // Names of interfaces and losses do not survive a conversion, so the twin is a pcap.
        const source = name.endsWith('ng') ? join(folder, `${name}.${format}.pcap`) : sample;
        if (source !== sample) await outputOf('editcap', ['-F', 'pcap', sample, source]);
        const target = await convert(source, name, format);
        if (target === null) return;
        await compare(source, target, format);
        expect(await judge(target)).toEqual(await judge(source));
        compared++;
      }),
    60_000,
  );

  it('compared most of them', () => {
    expect(compared).toBeGreaterThan(FORMATS.length * names.length * 0.6);
  });
});

/** Every other one of the shorter ones: the programs that they are compared with take their time. */
const rows = readCatalog()
  .filter(
    ({ format, capinfosStatus, packets }) =>
      capinfosStatus === 0 && format === 'pcap' && packets > 0 && packets < 1500,
  )
  .filter((_row, at) => at % 2 === 0);

describe.skipIf((!hasPeers || rows.length === 0) && !arePeersRequired)(
  'real captures, converted (needs the corpus)',
  () => {
    let compared = 0;

    it.concurrent.each(rows.map((row) => [row.path.slice(-80), row] as const))(
      '%s: the same frames, and the times of tshark',
      (_name, row) =>
        atMostTwo(async () => {
          const original = await readAll(row.file);
          // ATM has headers of its own in each format.
          if (original.capture.oddities.size > 0 || original.linkTypes.has(SUNATM)) return;
          for (const format of FORMATS) {
            const target = await convert(row.file, row.path, format);
            if (target === null) continue;
            const span = Math.max(...original.times) - Math.min(...original.times);
            // 32 bits of milliseconds, and of unsigned ones.
            const isInRange =
              span < 4_000_000 && original.times.every((time) => time >= (original.times[0] ?? 0));
            if (format !== 'snoop' && !isInRange) continue;
            // Lengths of NetMon 1.x have 16 bits.
            if (format === 'netmon1' && original.longest > 0xffff) continue;
            compared += await compare(row.file, target, format);
            const ours = await readAll(target);
            const theirs = await timesByTshark(target);
            expect(ours.times.map((time) => time.toFixed(3))).toEqual(
              theirs.map((line) => Number(line.split('\t')[0]).toFixed(3)),
            );
          }
        }),
      60_000,
    );

    it('compared most of them', () => {
      expect(compared).toBeGreaterThan(5000);
    });
  },
);
