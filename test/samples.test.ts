/** The captures in samples/ are what the scenarios make, and the report on each says what MANIFEST.json promises. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { gzipStored } from '../samples/craft/index.ts';
import type { ManifestEntry } from '../samples/shipped.ts';
import { buildSample, describeSample, MANIFEST, manifestText, samples } from '../samples/shipped.ts';
import { reportSchema } from '../src/report/schema.ts';
import { run } from './cli/kbdiag.ts';

const folder = fileURLToPath(new URL('../samples/', import.meta.url));
const read = (file: string): Buffer => readFileSync(folder + file);
const committed = JSON.parse(read(MANIFEST).toString()) as { readonly samples: readonly ManifestEntry[] };

function entryOf(file: string): ManifestEntry {
  const entry = committed.samples.find((candidate) => candidate.file === file);
  if (entry === undefined) throw new Error(`${file} is not in ${MANIFEST}: npm run samples`);
  return entry;
}

describe('samples/', () => {
  it('holds the captures of the manifest and no other, and stays small', () => {
    const files = readdirSync(folder).filter((name) => !/^(?:craft|.*\.ts)$/.test(name));
    expect(files.toSorted()).toEqual([MANIFEST, ...samples.map(({ file }) => file)].toSorted());
    const sizes = committed.samples.map(({ bytes }) => bytes);
    expect(Math.max(...sizes)).toBeLessThan(300_000);
    expect(sizes.reduce((sum, bytes) => sum + bytes, 0)).toBeLessThan(2_000_000);
  });

  it('has the manifest that npm run samples writes', async () => {
    const entries: ManifestEntry[] = [];
    for (const sample of samples) entries.push(await describeSample(sample));
    expect(read(MANIFEST).toString()).toBe(manifestText(entries));
  });
});

describe.each(samples.map((sample) => ({ ...sample, sample })))('$file', ({ file, scenario, sample }) => {
  it('has the bytes that its scenario makes, and their hash', () => {
    const bytes = read(file);
    expect(Buffer.compare(bytes, buildSample(sample))).toBe(0);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    expect(entryOf(file)).toMatchObject({ bytes: bytes.length, sha256 });
  });

  it('gives the report that the manifest promises', async () => {
    const { code, stdout, stderr } = await run(['analyze', '-f', 'json', '--hash', folder + file]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const { captures, verdicts, findings } = reportSchema.parse(JSON.parse(stdout));
    const entry = entryOf(file);
    expect(captures).toMatchObject([{ packets: entry.packets, sha256: entry.sha256, damaged: null }]);
    expect(Object.fromEntries(verdicts.map(({ article, verdict }) => [article, verdict]))).toEqual(
      entry.verdicts,
    );
    const found = findings.map(({ article, kind, tier, severity, subject, frames }) => ({
      article,
      kind,
      tier,
      severity,
      subject,
      frames: frames.map(({ number }) => number),
    }));
    expect(found).toEqual(entry.findings);
  });

  // The manifest is written from a report: it must not drift from what the scenario asks for.
  it('is promised what its scenario expects', () => {
    const { verdicts, findings } = entryOf(file);
    const { expect: wanted, rule } = scenario;
    expect(verdicts[rule]).toBe(wanted.verdict);
    const own = findings.filter(({ article }) => article === rule);
    const faults = own.filter(({ kind }) => kind === 'fault');
    const { tier, severity } = wanted;
    expect(faults.map((fault) => [fault.tier, fault.severity])).toEqual(
      Array.from({ length: wanted.findings }, () => [tier, severity]),
    );
    expect(own.length - faults.length).toBe(wanted.notices ?? 0);
    const cited = new Set(own.flatMap(({ frames }) => frames));
    const marks = scenario.build().frameNumbers();
    for (const mark of wanted.cites ?? []) {
      expect
        .soft(
          marks.get(mark)?.some((frame) => cited.has(frame)),
          mark,
        )
        .toBe(true);
    }
  });
});

it.each([0, 1, 65_535, 65_536, 200_000])('a stored gzip of %i bytes is read by zlib', (length) => {
  const bytes = Uint8Array.from({ length }, (_, index) => index * 7);
  expect(Buffer.compare(gunzipSync(gzipStored(bytes, 'trace.pcap')), bytes)).toBe(0);
});
