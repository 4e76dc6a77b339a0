/** `analyze --evidence`: what it asks of the command line, and the file it comes to. */
import { statSync } from 'node:fs';
import { InvalidArgumentError } from 'commander';
import type { LocalZone } from '../capture/local-time.ts';
import type { Finding } from '../engine/result.ts';
import type { EvidenceOptions, EvidenceSummary, EvidenceTransform } from '../evidence/evidence.ts';
import type { EvidenceFinding } from '../evidence/selection.ts';
import { terminalText } from '../report/escape.ts';
import type { ReportEvidence, ReportFinding } from '../report/schema.ts';
import { formatPlural } from '../report/units.ts';
import { OutputError, type OutputKind, UsageError } from './exit.ts';
import { catchInterrupt, type Interrupt } from './interrupt.ts';
import { checkOutputFile, isSameFile, isStandardStream, OutputFile } from './output.ts';
import { createProgress } from './progress.ts';
import { note, terminalStream } from './terminal.ts';

const EVIDENCE_OUTPUT: OutputKind = { name: 'the evidence', option: '--evidence' };

/** More would be the capture itself, and there is editcap for that. */
const MAX_CONTEXT = 1000;
/** Frames a message names. */
const MAX_NAMED = 5;

export interface EvidenceCommandOptions {
  readonly evidence?: string;
  readonly context?: number;
  readonly output?: string;
  readonly quiet?: true;
}

export function parseContext(text: string): number {
  const frames = /^\d{1,4}$/.test(text) ? Number(text) : MAX_CONTEXT + 1;
  if (frames > MAX_CONTEXT) throw new InvalidArgumentError(`It is a number of frames, 0 to ${MAX_CONTEXT}.`);
  return frames;
}

/** Refuses what cannot be done before anything is read. */
export function checkEvidence(options: EvidenceCommandOptions, paths: readonly string[]): void {
  const { evidence, output } = options;
  if (evidence === undefined) {
    if (options.context !== undefined) throw new UsageError('--context needs --evidence FILE.pcapng');
    return;
  }
  if (evidence === '' || evidence === '-') throw new UsageError('--evidence needs the name of a file');
  const piped = paths.find(
    (path) => path === '-' || statSync(path, { throwIfNoEntry: false })?.isFile() === false,
  );
  if (piped !== undefined) {
    throw new UsageError(
      `--evidence reads the capture a second time, and ${terminalText(piped)} is not a file; save it first`,
    );
  }
  if (output !== undefined && isSameFile(output, evidence)) {
    throw new UsageError(`--evidence and -o both name ${terminalText(evidence)}; name two files`);
  }
  if (output === undefined && isStandardStream(1, evidence)) {
    throw new UsageError(
      '--evidence names standard output, where the report goes; send the report to a file with -o',
    );
  }
  checkOutputFile(evidence, paths, EVIDENCE_OUTPUT);
}

/** What tells whether a file was changed: size and times, to the nanosecond, and which file it is. */
export type FileStates = readonly string[];

export function fileStates(paths: readonly string[]): FileStates {
  return paths.map((path) => {
    const facts = statSync(path, { throwIfNoEntry: false, bigint: true });
    return facts === undefined ? '' : [facts.dev, facts.ino, facts.size, facts.mtimeNs].join(' ');
  });
}

export interface EvidenceInputs {
  readonly paths: readonly string[];
  /** As the files were before they were analysed. */
  readonly before: FileStates;
  readonly findings: readonly EvidenceFinding[];
  /** What comments call the files; their paths by default. */
  readonly names?: readonly string[];
  readonly transform?: EvidenceTransform;
  /** As in the analysis. */
  readonly localZone?: LocalZone;
}

/** The findings that a report shows, in its words, with the frames where the analysis saw them. */
export function evidenceFindings(
  found: readonly Finding[],
  shown: readonly ReportFinding[],
): EvidenceFinding[] {
  const frames = new Map(found.map((finding) => [finding.key, finding.frames]));
  return shown.map(({ article, title, kind, tier, subject, key }) => {
    return { article, title, kind, tier, subject, frames: frames.get(key) ?? [] };
  });
}

/** How the evidence turned out; a report is worth having even where its evidence could not be written. */
export interface EvidenceOutcome {
  readonly evidence: ReportEvidence | null;
  readonly error: Error | null;
  readonly isInterrupted: boolean;
}

export async function runEvidence(
  path: string,
  inputs: EvidenceInputs,
  options: EvidenceCommandOptions,
): Promise<EvidenceOutcome> {
  const { context = 0, quiet = false } = options;
  let file: OutputFile | null = null;
  let interrupt: Interrupt | null = null;
  const progress = !quiet && terminalStream(2) !== null ? createProgress() : null;
  try {
    // Once more: between the first look and now, somebody may have linked the name to a capture.
    checkOutputFile(path, inputs.paths, EVIDENCE_OUTPUT);
    file = new OutputFile(path, EVIDENCE_OUTPUT);
    // A pipe can block until it is read; then only the default of the signal ends the program, and there is nothing to clean up.
    if (file.isAside) interrupt = catchInterrupt();
    const { frames, citedFrames, missing } = await write(file, path, inputs, {
      context,
      ...(interrupt === null ? {} : { signal: interrupt.signal }),
      ...(progress === null ? {} : { onProgress: (state) => progress.update(state) }),
    });
    progress?.stop();
    if (!quiet) for (const text of remarks(path, citedFrames, missing, inputs)) note(text);
    const evidence = { path, context, frames, citedFrames, missingFrames: missing.length };
    return { evidence, error: null, isInterrupted: false };
  } catch (cause) {
    progress?.stop();
    const isInterrupted = interrupt?.signal.aborted === true;
    if (isInterrupted && !quiet) note('interrupted: no evidence was written');
    const error = cause instanceof Error ? cause : new Error(String(cause));
    return { evidence: null, error: isInterrupted ? null : error, isInterrupted };
  } finally {
    file?.discard();
    interrupt?.release();
  }
}

async function write(
  file: OutputFile,
  path: string,
  { paths, names, findings, transform, localZone }: EvidenceInputs,
  options: Pick<EvidenceOptions, 'context' | 'signal' | 'onProgress'>,
): Promise<EvidenceSummary> {
  const { writeEvidence } = await import('../evidence/evidence.ts');
  const summary = await writeEvidence(file, {
    ...options,
    inputs: paths,
    findings,
    ...(names === undefined ? {} : { names }),
    ...(transform === undefined ? {} : { transform }),
    ...(localZone === undefined ? {} : { localZone }),
  });
  if (summary.citedFrames === 0 && summary.missing.length > 0) {
    throw new OutputError(
      path,
      new Error('no cited frame is where it was: the capture was changed meanwhile'),
      EVIDENCE_OUTPUT,
    );
  }
  file.commit();
  return summary;
}

/** What the user should know of the file beside its name. */
function remarks(
  path: string,
  citedFrames: number,
  missing: EvidenceSummary['missing'],
  { paths, before }: EvidenceInputs,
): string[] {
  const name = terminalText(path);
  const lines: string[] = [];
  if (missing.length > 0) {
    const named = missing
      .slice(0, MAX_NAMED)
      .map(({ file, number }) => `${terminalText(paths[file] ?? '')}#${number}`);
    if (missing.length > MAX_NAMED) named.push('…');
    lines.push(
      `${formatPlural(missing.length, 'cited frame is', 'cited frames are')} missing from ${name}, as the capture was changed after it was read: ${named.join(', ')}\n  Run kbdiag again once nothing writes to it.`,
    );
  } else {
    const after = fileStates(paths);
    for (const [index, file] of paths.entries()) {
      if (before[index] !== after[index]) {
        lines.push(
          `${terminalText(file)} was written to while kbdiag read it; every cited frame is still where it was`,
        );
      }
    }
  }
  if (citedFrames === 0) lines.push(`${name}: no finding cites a frame, so there is none in it`);
  return lines;
}
