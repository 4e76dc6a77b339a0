/** A redacted capture gives the findings of the original, modulo the mapping: for every sample and every scenario of every rule. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { scenarios as q120599 } from '../../rules/addressing/q120599-duplicate-ip-address/scenarios.ts';
import { scenarios as q193157 } from '../../rules/addressing/q193157-stale-mac-address/scenarios.ts';
import { scenarios as q193599 } from '../../rules/clustering/q193599-cluster-configuration/scenarios.ts';
import { scenarios as q228942 } from '../../rules/clustering/q228942-silent-cluster-host/scenarios.ts';
import { scenarios as q151387 } from '../../rules/dhcp/q151387-use-past-lease/scenarios.ts';
import { scenarios as q159309 } from '../../rules/dial-in/q159309-leaking-address-pool/scenarios.ts';
import { scenarios as q228811 } from '../../rules/tcp/q228811-sequence-goes-backward/scenarios.ts';
import { rules } from '../../rules/index.ts';
import { encode, ENCODINGS, type Scenario } from '../../samples/craft/index.ts';
import { samples } from '../../samples/shipped.ts';
import { redactReport } from '../../src/evidence/redaction/report.ts';
import { essenceOf, estimatesIn, mappingOf, redactBytes, reportOn } from './redaction.ts';

const SCENARIOS: Readonly<Record<string, readonly Scenario[]>> = {
  Q120599: q120599,
  Q151387: q151387,
  Q159309: q159309,
  Q193157: q193157,
  Q193599: q193599,
  Q228811: q228811,
  Q228942: q228942,
};

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
