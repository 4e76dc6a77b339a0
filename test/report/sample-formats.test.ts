/** SARIF, CSV and NDJSON of every sample, held against the schemas and read by the parsers of other people. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { rules } from '../../rules/index.ts';
import { linkBytes } from '../../samples/craft/index.ts';
import { samples } from '../../samples/shipped.ts';
import { analyze } from '../../src/engine/analyze.ts';
import { render } from '../../src/report/formats.ts';
import type { Format } from '../../src/report/formats.ts';
import { toReport } from '../../src/report/model.ts';
import { describeDevice } from '../../src/report/style.ts';
import { CHECKS } from '../hostile/checks.ts';
import { SARIF_SCHEMA, schemaViolations } from '../hostile/sarif-check.ts';
import { arePeersRequired } from '../peers.ts';

const folder = fileURLToPath(new URL('../../samples/', import.meta.url));
const device = describeDevice(null, {}, false);

const reports = new Map<string, ReturnType<typeof toReport>>();

async function reportOf(file: string): Promise<ReturnType<typeof toReport>> {
  const known = reports.get(file) ?? toReport(await analyze([folder + file], { rules }), rules);
  reports.set(file, known);
  return known;
}

async function outputOf(file: string, format: Format): Promise<string> {
  return render(await reportOf(file), format, device, { rules, exitCode: 0 });
}

interface Place {
  readonly physicalLocation: {
    readonly artifactLocation: { readonly uri: string };
    readonly region: { readonly byteOffset: number; readonly byteLength: number };
  };
  readonly logicalLocations: ReadonlyArray<{ readonly fullyQualifiedName: string }>;
}

interface Log {
  readonly runs: ReadonlyArray<{
    readonly results: ReadonlyArray<{
      readonly kind: string;
      readonly ruleId: string;
      readonly locations: readonly Place[];
      readonly relatedLocations?: readonly Place[];
    }>;
  }>;
}

describe.each(samples.map((sample) => ({ ...sample, sample })))('$file', ({ file, scenario, encoding }) => {
  // The schema comes with a package of 104 MB; .ci/run installs it.
  it.skipIf(SARIF_SCHEMA === undefined && !arePeersRequired)('is SARIF by the official schema', async () => {
    if (SARIF_SCHEMA === undefined) throw new Error('the official schema is not here: KBDIAG_SARIF_SCHEMA');
    expect(schemaViolations(JSON.parse(await outputOf(file, 'sarif')))).toEqual([]);
  });

  it('is SARIF whose places hold the bytes of the frames', async () => {
    const { runs } = JSON.parse(await outputOf(file, 'sarif')) as Log;
    const results = runs.flatMap((run) => run.results);
    const report = await reportOf(file);
    const faults = results.filter(({ kind }) => kind === 'fail');
    expect(faults.map(({ ruleId }) => ruleId)).toEqual(report.findings.map(({ article }) => article));
    const bytes = file.endsWith('.gz')
      ? gunzipSync(readFileSync(folder + file))
      : readFileSync(folder + file);
    const frames = scenario.build().timeline();
    for (const { locations, relatedLocations = [] } of faults) {
      for (const { physicalLocation, logicalLocations } of [...locations, ...relatedLocations]) {
        const { byteOffset, byteLength } = physicalLocation.region;
        const [, number] = /^frame\/(\d+)$/.exec(logicalLocations[0]?.fullyQualifiedName ?? '') ?? [];
        const frame = frames[Number(number) - 1];
        if (frame === undefined) throw new Error(`there is no frame ${number}`);
        const held = bytes.subarray(byteOffset, byteOffset + byteLength);
        expect(held.equals(linkBytes(frame, encoding).subarray(0, byteLength))).toBe(true);
        expect(byteLength).toBeGreaterThan(0);
        expect(fileURLToPath(physicalLocation.artifactLocation.uri)).toBe(folder + file);
      }
    }
    const judged = report.verdicts.filter(({ verdict }) => verdict !== 'found' && verdict !== 'suspected');
    const others = results.filter(({ kind }) => kind !== 'fail');
    expect(others.map(({ ruleId }) => ruleId)).toEqual(judged.map(({ article }) => article));
  });

  it.each(['csv', 'ndjson'] as const)('is %s', async (format) => {
    const report = await reportOf(file);
    expect(CHECKS[format]?.(await outputOf(file, format), report)).toEqual([]);
  });
});
