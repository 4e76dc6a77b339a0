import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { CaptureError } from '../../src/capture/errors.ts';
import { toReport } from '../../src/report/model.ts';
import { reportJsonSchema, reportLineJsonSchema, reportSchema } from '../../src/report/schema.ts';
import { TOOL } from '../../src/report/tool.ts';
import { analysis, at, exampleRules, finding, frame } from './example.ts';

const root = new URL('../../', import.meta.url);

it.each([
  ['report', reportJsonSchema()],
  ['report-line', reportLineJsonSchema()],
])('schema/%s.schema.json is current (npm run schema writes it)', (name, schema) => {
  const published: unknown = JSON.parse(readFileSync(new URL(`schema/${name}.schema.json`, root), 'utf8'));
  expect(published).toEqual(schema);
});

it('the version is that of package.json', () => {
  const { name, version } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8')) as typeof TOOL;
  expect(TOOL).toEqual({ name, version });
});

it('a report with everything in it is valid and has no field that the schema does not know', () => {
  const [capture] = analysis().captures;
  if (capture === undefined) throw new Error('the example has a capture');
  const result = {
    ...analysis({
      captures: [
        {
          ...capture,
          compression: 'gzip',
          damage: { code: 'cut-short', offset: 99, message: 'cut' },
          oddities: { odd: 1 },
        },
      ],
      findings: [
        finding({
          frames: [frame(1, { time: null })],
          series: [{ name: 'use', unit: 'frames', points: [[0, 1]] }],
          related: ['x'],
          firstSeen: null,
          facts: { none: null, yes: true },
        }),
      ],
      timings: { read: 1.5 },
      options: { 'capture.reorderMillis': 20 },
      interrupted: true,
    }),
    failures: [new CaptureError('not-a-capture', 'x', 'no', 'hint', 12)],
  };
  const report = toReport(result, exampleRules, {
    sha256: new Map([[capture.path, 'ab']]),
    choices: { rules: 'Q151387' },
  });
  expect(reportSchema.parse(report)).toEqual(report);
});

it('refuses what is no report', () => {
  const report = toReport(analysis({ findings: [finding({ firstSeen: at(1) })] }), exampleRules);
  expect(reportSchema.safeParse({ ...report, schema: 'kbdiag-report/2' }).success).toBe(false);
  expect(reportSchema.safeParse({ ...report, findings: [{}] }).success).toBe(false);
  expect(reportSchema.safeParse({ ...report, interrupted: undefined }).success).toBe(false);
});
