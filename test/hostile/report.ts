/** Reports in which everything that can come from outside is a hostile string. */
import { CaptureError } from '../../src/capture/errors.ts';
import type { AnalysisResult } from '../../src/engine/result.ts';
import { toReport } from '../../src/report/model.ts';
import type { Report } from '../../src/report/schema.ts';
import { analysis, at, exampleRules, finding, frame } from '../report/example.ts';

/** One capture, one failure, one fault and one notice for each text, which stands wherever the engine lets a text through. */
export function hostileReport(texts: readonly string[]): Report {
  const [capture] = analysis().captures;
  const [verdict] = analysis().verdicts;
  if (capture === undefined || verdict === undefined) throw new Error('the example has both');
  const { health } = analysis();
  const result: AnalysisResult = analysis({
    captures: texts.map((text, index) => ({
      ...capture,
      file: index,
      path: pathOf(text, index),
      compression: index % 2 === 0 ? null : 'gzip',
      linkTypes: ['ETHERNET', text],
      damage: { code: 'cut-short' as const, offset: 99, message: text },
      oddities: { 'time-fraction': 1 },
    })),
    health: {
      ...health,
      gaps: texts.map((text) => ({ domain: text, from: at(10), seconds: 45 })),
    },
    verdicts: [{ ...verdict, observed: { subjects: 4, judged: 1, undecided: { cut: 3 } } }],
    findings: texts.flatMap((text, index) => [
      finding({
        key: `Q151387|${text}|${index}`,
        domain: text,
        subject: text,
        hosts: ['10.0.0.5', text],
        macs: ['00:11:22:33:44:55', text],
        frames: [
          frame(4, { file: index, role: text, summary: text }),
          frame(131, { file: (index + 1) % texts.length, role: 'use', summary: text }),
        ],
        data: { address: text, overrun: 84, server: text, packets: 1234 },
        facts: { server: text, overrunSeconds: -84.5, none: null },
        series: [
          {
            name: text,
            unit: text,
            points: [
              [0, 1],
              [84, -2],
            ],
          },
        ],
        related: [`Q151387|${text}|other`],
        countsIn: index % 2 === 0 ? null : `Q151387|${text}|0`,
      }),
      finding({ kind: 'notice', key: `notice|${text}|${index}`, domain: text, subject: text }),
    ]),
    options: {},
  });
  const failures = texts.map(
    (text, index) => new CaptureError('not-a-capture', `failed ${pathOf(text, index)}`, text, text, 12),
  );
  return toReport({ ...result, failures }, exampleRules, {
    choices: Object.fromEntries(texts.map((text, index) => [`choice${index}`, text])),
    sha256: new Map(texts.map((text, index) => [pathOf(text, index), 'ab'.repeat(32)])),
  });
}

/** A path is never empty, and no two inputs here have the same one. */
function pathOf(text: string, index: number): string {
  return `${text}${index === 0 && text !== '' ? '' : index}`;
}
