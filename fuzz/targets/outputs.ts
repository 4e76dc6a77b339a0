/**
 * What is written of mutated captures: every format of a report, evidence, redacted copies. Each must be readable again, by our own
 * reader or by somebody else's, and say what the report says.
 */
import { rules } from '../../rules/index.ts';
import { CaptureError } from '../../src/capture/errors.ts';
import { writeEvidence } from '../../src/evidence/evidence.ts';
import { redactCapture } from '../../src/evidence/redaction/capture.ts';
import { redactingTransform } from '../../src/evidence/redaction/evidence.ts';
import { Mapping } from '../../src/evidence/redaction/mapping.ts';
import { redactReport } from '../../src/evidence/redaction/report.ts';
import { FORMATS, render } from '../../src/report/formats.ts';
import { renderInfo, toCaptureInfo } from '../../src/report/info.ts';
import { inZone } from '../../src/report/zoned.ts';
import { findTimeZone, UTC } from '../../src/report/time-zone.ts';
import { describeDevice } from '../../src/report/style.ts';
import { MemorySink, readBack } from '../../test/evidence/written.ts';
import { CHECKS } from '../../test/hostile/checks.ts';
import { textProblems } from '../../test/hostile/unshowable.ts';
import { readBytes } from '../../test/capture/read.ts';
import { conversations } from '../input/conversation.ts';
import type { Library } from '../input/library.ts';
import { analysed, checkReport } from './analysis.ts';
import { changeCapture } from './readers.ts';
import { savedFile } from './saved-file.ts';
import { Broken, hashOf, must, type Seed, type Target } from './target.ts';

const device = describeDevice(null, {}, false);
const berlin = findTimeZone('Europe/Berlin') ?? UTC;

async function runRender(bytes: Uint8Array): Promise<void> {
  const outcome = await analysed([{ bytes, path: 'memory' }]);
  if (outcome === null) return;
  const { result, report } = outcome;
  // The page takes longer than all others together.
  const formats = FORMATS.filter((format) => format !== 'html' || (hashOf(bytes) & 7) === 0);
  for (const format of formats) {
    const output = await render(report, format, device, { rules, exitCode: 0 });
    refuse(format, CHECKS[format]?.(output, report) ?? []);
  }
  refuse('info', textProblems(await renderInfo(toCaptureInfo(result), device)));
  refuse('text of a zone', textProblems(await render(inZone(report, berlin), 'text', device)));
}

function refuse(what: string, problems: readonly string[]): void {
  const [first] = problems;
  if (first !== undefined) throw new Broken(`${what}: ${first}`);
}

const mapping = new Mapping(Uint8Array.from({ length: 32 }, (_, at) => (at * 151 + 7) & 0xff));

async function runEvidence(bytes: Uint8Array): Promise<void> {
  const path = savedFile(bytes);
  const outcome = await analysed([path]);
  if (outcome === null) return;
  const { captures } = outcome.result;
  const findings = outcome.result.findings.map((finding, index) => ({
    ...finding,
    title: outcome.report.findings[index]?.title ?? '',
  }));
  const hash = hashOf(bytes);
  const sink = new MemorySink();
  const isRedacted = (hash & 1) === 0;
  const summary = await writeEvidence(sink, {
    inputs: [path],
    findings,
    context: hash % 4,
    ...(isRedacted ? { transform: redactingTransform(mapping), names: ['x'] } : {}),
  });
  const written = await readBack(sink.bytes);
  must(written.frames.length === summary.frames, 'the evidence has the frames that it is said to have');
  if (captures[0]?.damage?.code !== 'bad-compression')
    must(summary.missing.length === 0, 'no cited frame is missing from the evidence');
  const cited = new Set(findings.flatMap(({ frames }) => frames.map(({ number }) => number)));
  must(
    summary.citedFrames + summary.missing.length === cited.size,
    'the evidence has the frames that are cited',
  );
}

async function runRedact(bytes: Uint8Array): Promise<void> {
  const sink = new MemorySink();
  let packets: number;
  try {
    const options = { mapping, tool: { name: 'kbdiag', version: '0.0.0' } };
    const result = await redactCapture({ bytes, path: 'memory' }, sink, options);
    packets = result.packets;
    if (result.damage?.code === 'bad-compression') return;
  } catch (error) {
    if (error instanceof CaptureError) return;
    throw error;
  }
  const { records } = await readBytes(bytes);
  const { capture, records: copies } = await readBytes(sink.bytes);
  must(capture.damage === null, 'a redacted copy is whole');
  must(copies.length === packets && copies.length === records.length, 'a redacted copy has every packet');
  for (const [index, copy] of copies.entries()) {
    const record = records[index];
    must(copy.number === record?.number, 'frames keep their numbers');
    must(copy.captured === record.captured && copy.original === record.original, 'frames keep their lengths');
    must(copy.time === record.time, 'frames keep their times');
    must(copy.drops === record.drops, 'frames keep the losses before them');
  }
  const outcome = await analysed([{ bytes, path: 'memory' }]);
  if (outcome !== null) checkReport(redactReport(outcome.report, mapping));
}

const seeds = (library: Library): readonly Seed[] => library.captures;
const fresh = (seed: number): Uint8Array => conversations(seed, 1)[0] as Uint8Array;
const shared = { extension: 'bin', isGuided: true, seeds, fresh, change: changeCapture };

export const OUTPUTS: readonly Target[] = [
  { ...shared, name: 'report-formats', share: 2, run: runRender },
  { ...shared, name: 'evidence', share: 1, run: runEvidence },
  { ...shared, name: 'redaction', share: 1, run: runRedact },
];
