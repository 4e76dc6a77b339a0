/** `kbdiag analyze`: from the arguments to the report and the exit code. */
import { statSync } from 'node:fs';
import { isatty } from 'node:tty';
import type { Command } from 'commander';
import { Option } from 'commander';
import type { CaptureError } from '../capture/errors.ts';
import { analyze } from '../engine/analyze.ts';
import { terminalText } from '../report/escape.ts';
import { type Format, FORMATS, type RenderContext, renderPieces } from '../report/formats.ts';
import type { Report } from '../report/schema.ts';
import { describeDevice } from '../report/style.ts';
import type { CommonOptions } from './terminal.ts';
import { addCommonOptions, note, stdoutDevice, terminalStream } from './terminal.ts';
import type { ExitCode } from './exit.ts';
import { EXIT, exitCodeOf, UsageError } from './exit.ts';
import type { DiagnosisCommandOptions } from './diagnose.ts';
import { addDiagnosisOptions, prepareDiagnosis, readThresholds } from './diagnose.ts';
import { checkEvidence, evidenceFindings, fileStates, parseContext, runEvidence } from './evidence.ts';
import { catchInterrupt } from './interrupt.ts';
import { checkOutputFile, writeOutputFile, writeStdout } from './output.ts';
import { createProgress } from './progress.ts';
import type { ReportRedactionChoices } from './redaction.ts';
import { addRedactOptions, checkRedaction, loadRedaction } from './redaction.ts';

interface AnalyzeCommandOptions extends CommonOptions, DiagnosisCommandOptions, ReportRedactionChoices {
  readonly format: Format;
  readonly output?: string;
  readonly evidence?: string;
  readonly context?: number;
  readonly timings?: true;
  readonly quiet?: true;
}

export function addAnalyzeCommand(program: Command, finish: (code: ExitCode) => void): void {
  const command = program
    .command('analyze')
    .description('Say which known network faults are in a capture, with the frames that prove it.')
    .argument(
      '<captures...>',
      'pcap, pcapng, Network Monitor or snoop files, gzip or zstd too; several are one timeline; - is standard input',
    )
    .addOption(new Option('-f, --format <format>', 'format of the report').choices(FORMATS).default('text'))
    .option('-o, --output <file>', 'write the report to a file')
    .option('--evidence <file>', 'write the cited frames, with comments, to a pcapng file')
    .option('--context <frames>', 'frames around each cited one in the evidence (0 to 1000)', parseContext)
    .option('--timings', 'put the time spent per stage into the report')
    .option(
      '--quiet',
      'no progress and no notes on standard error; a key that --redact makes is told all the same',
    );
  addRedactOptions(addDiagnosisOptions(command));
  addCommonOptions(command).action(async (paths: string[], options: AnalyzeCommandOptions) => {
    finish(await runAnalyze(paths, options));
  });
}

async function runAnalyze(paths: readonly string[], options: AnalyzeCommandOptions): Promise<ExitCode> {
  checkInputs(paths, options);
  const diagnosis = await prepareDiagnosis(options, await readThresholds(options));
  if (options.output !== undefined) checkOutputFile(options.output, paths);
  checkEvidence(options, paths);
  checkRedaction(options);
  const redaction = await loadRedaction(options);
  const before = options.evidence === undefined ? [] : fileStates(paths);

  const interrupt = catchInterrupt();
  const showsProgress = options.quiet !== true && terminalStream(2) !== null;
  const progress = showsProgress ? createProgress() : null;
  const result = await analyze(paths, {
    ...diagnosis.analysis,
    signal: interrupt.signal,
    timings: options.timings === true,
    ...(progress === null ? {} : { onProgress: (state) => progress.update(state) }),
  }).finally(() => progress?.stop());

  interrupt.release();
  if (options.quiet !== true) for (const failure of result.failures) note(describeCaptureError(failure));
  const whole = await diagnosis.toReport(result);
  // Keys are those that the report shows: of a redacted one, the redacted ones.
  const shown = redaction.report(whole);
  if (options.quiet !== true) for (const line of diagnosis.scope.notes(result, shown)) note(line);
  const report = diagnosis.scope.apply(shown);
  const exitCode = exitCodeOf(report, options.failOn);
  redaction.tellKey();
  if (options.evidence === undefined) {
    await writeReport(report, options, { rules: diagnosis.analysis.rules, exitCode });
    return exitCode;
  }
  const keys = new Set(report.findings.map(({ key }) => key));
  const kept = whole.findings.filter((_, at) => keys.has(shown.findings[at]?.key ?? ''));
  const { localZone } = diagnosis.analysis;
  const cited = {
    paths,
    before,
    findings: evidenceFindings(result.findings, kept),
    ...(localZone === undefined ? {} : { localZone }),
  };
  const inputs = { ...cited, ...redaction.evidence(cited, report) };
  const { evidence, error, isInterrupted } = await runEvidence(options.evidence, inputs, options);
  const ended = isInterrupted ? EXIT.interrupted : exitCode;
  const facts =
    evidence === null ? {} : { evidence: { ...evidence, path: redaction.evidencePath(evidence.path) } };
  await writeReport({ ...report, ...facts }, options, {
    rules: diagnosis.analysis.rules,
    exitCode: error === null ? ended : EXIT.output,
  });
  if (error !== null) throw error;
  return ended;
}

function checkInputs(paths: readonly string[], options: AnalyzeCommandOptions): void {
  const pipes = paths.filter((path) => path === '-').length;
  if (pipes > 1) throw new UsageError('standard input (-) can be read only once');
  if (pipes === 1 && isatty(0)) {
    throw new UsageError(
      'standard input is a terminal; pipe a capture into it: tcpdump -w - | kbdiag analyze -',
    );
  }
  if (!options.hash) return;
  const piped = paths.find(
    (path) => path === '-' || statSync(path, { throwIfNoEntry: false })?.isFile() === false,
  );
  if (piped !== undefined) {
    throw new UsageError(
      `--hash reads the capture a second time, and ${terminalText(piped)} is not a file; save it first`,
    );
  }
}

async function writeReport(
  report: Report,
  options: AnalyzeCommandOptions,
  context: RenderContext,
): Promise<void> {
  const device =
    options.output === undefined ? stdoutDevice(options) : describeDevice(null, {}, options.color);
  const pieces = await renderPieces(report, options.format, device, context);
  if (options.output === undefined) await writeStdout(pieces);
  else writeOutputFile(options.output, pieces);
}

/** What, where, and what to do now. */
export function describeCaptureError({ path, message, hint, offset }: CaptureError): string {
  const place = path === '-' ? 'standard input' : terminalText(path);
  const at = offset === null || offset === 0 ? '' : ` (at byte ${offset})`;
  return `${place}: ${terminalText(message)}${at}\n  ${terminalText(hint)}`;
}
