/** A redacted capture gives the findings of the original, modulo the mapping: for every sample and every scenario of every rule. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { rules } from '../../rules/index.ts';
import { encode, ENCODINGS } from '../../samples/craft/index.ts';
import { SCENARIOS } from '../../samples/scenarios.ts';
import { samples } from '../../samples/shipped.ts';
import { redactReport } from '../../src/evidence/redaction/report.ts';
import { essenceOf, estimatesIn, mappingOf, redactBytes, reportOn } from './redaction.ts';

const mapping = mappingOf();
const keeping = mappingOf({ keepVendor: true });

async function expectSameFindings(bytes: Uint8Array, by = mapping): Promise<void> {
  const original = await reportOn(bytes, 'trace.pcap');
  const redacted = await redactBytes(bytes, by);
  expect(redacted.damage).toBeNull();
  const report = await reportOn(redacted.bytes, by.names.mapPath('trace.pcap'));
  expect(essenceOf(report)).toEqual(essenceOf(redactReport(original, by)));
  const [before, after] = [original, report].map(({ health, verdicts, findings }) =>
    estimatesIn([health, verdicts, findings]),
  );
  expect(after?.map(({ name }) => name)).toEqual(before?.map(({ name }) => name));
  for (const [at, { count, tolerance }] of (after ?? []).entries())
    expect(Math.abs(count - (before?.[at]?.count ?? 0))).toBeLessThanOrEqual(tolerance);
}

it('covers every rule', () => {
  expect(Object.keys(SCENARIOS).toSorted()).toEqual(rules.map(({ meta }) => meta.article.id).toSorted());
});

describe('samples', () => {
  it.each(samples.map(({ file }) => file))('%s', async (file) => {
    const bytes = readFileSync(fileURLToPath(new URL(`../../samples/${file}`, import.meta.url)));
    const plain = file.endsWith('.gz') ? gunzipSync(bytes) : bytes;
    await expectSameFindings(plain);
    await expectSameFindings(plain, keeping);
  });
});

describe.each(Object.entries(SCENARIOS))('scenarios of %s', (_, scenarios) => {
  it.each(scenarios)('$name: $title', async (scenario) => {
    await expectSameFindings(encode(scenario.build(), scenario.encoding ?? ENCODINGS.pcap));
  });
});
