/**
 * A worker of a scan: from the paths of a task to reports and the entry of the journal. It runs in a thread of the pool, or in a
 * process of its own with one task.
 */
import { statSync } from 'node:fs';
import { isMainThread, workerData } from 'node:worker_threads';
import { CaptureError } from '../capture/errors.ts';
import type { Overlap } from '../capture/timeline.ts';
import { analyze } from '../engine/analyze.ts';
import type { Severity } from '../engine/result.ts';
import { render } from '../report/formats.ts';
import type { Report } from '../report/schema.ts';
import { describeDevice } from '../report/style.ts';
import type { FoundFile } from '../scan/discover.ts';
import { type Disclosure, FULL_DISCLOSURE } from '../scan/disclosure.ts';
import type { RedactionSetup } from './scan-redaction.ts';
import { fingerprint } from '../scan/fingerprint.ts';
import type { IndexRow } from '../scan/index-schema.ts';
import { reportPath } from '../scan/report-paths.ts';
import { EMPTY_INVENTORY, faultsOf, rowOf, rowWithout, storedInventory, worstOf } from '../scan/row.ts';
import { factsOf, type JournalEntry, lineOf } from '../scan/journal.ts';
import type { Answer, FinishedReport, Task } from '../scan/task.ts';
import type { WorkerData } from '../scan/workers.ts';
import { exitCodeOf } from './exit.ts';
import { type Diagnosis, type DiagnosisOptions, prepareDiagnosis } from './diagnose.ts';

/** What the reports of all captures depend on. */
export interface WorkerSetup {
  readonly options: DiagnosisOptions;
  readonly overrides: Readonly<Record<string, number>>;
  readonly color: boolean | undefined;
  /** What `analyze` would end with stands in some reports. */
  readonly failOn: Severity | undefined;
  /** Null where nothing is redacted. */
  readonly redaction: RedactionSetup | null;
}

/** The next file of a ring is begun when the one before is full; packets on their way may still go to that one. */
const MAX_OVERLAP_SECONDS = 1;

class Worker {
  readonly #data: WorkerData;
  readonly #setup: WorkerSetup;
  #diagnosis: Promise<Diagnosis> | null = null;
  #disclosure: Disclosure | null = null;

  constructor(data: WorkerData) {
    this.#data = data;
    this.#setup = data.setup as WorkerSetup;
  }

  async perform(task: Task): Promise<Answer> {
    const started = performance.now();
    const { paths, shown } = task;
    const disclosure = (this.#disclosure ??= await disclosureOf(this.#setup));
    // Before the first byte is read: what changes from now on counts as changed.
    const states = paths.map(stateOf);
    const files = states.map(({ file }) => file);
    const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
    const entryOf = (row: IndexRow): JournalEntry => ({
      files: files.map((file, index) => ({
        ...file,
        path: shown[index] as string,
        fingerprint: disclosure.digest(fingerprint(file.path)),
      })),
      row: task.apart === null ? row : { ...row, apart: task.apart },
      faults: [],
      worst: null,
      inventory: EMPTY_INVENTORY,
      elapsedMillis: Math.round((performance.now() - started) * 10) / 10,
    });
    // A pipe that took a file's place since it was found would be waited for without end.
    if (states.some(({ isOdd }) => isOdd)) {
      const facts = { code: 'unreadable', reason: 'neither a file nor a folder', bytes: 0 };
      return answerOf(entryOf(rowWithout('unreadable', shown, facts)), []);
    }
    let overlap: Overlap | null = null;
    const onOverlap = (found: Overlap): void => {
      overlap = found;
    };
    let report: Report;
    let inventory;
    let diagnosis: Diagnosis;
    try {
      this.#diagnosis ??= prepareDiagnosis(this.#setup.options, this.#setup.overrides);
      diagnosis = await this.#diagnosis;
      const { bytesRead } = this.#data;
      const result = await analyze(paths, {
        ...diagnosis.analysis,
        withInventory: true,
        ...(paths.length === 1 ? {} : { overlapLimit: { maxSeconds: MAX_OVERLAP_SECONDS, onOverlap } }),
        ...(bytesRead === null
          ? {}
          : {
              onProgress: ({ progress }) => {
                bytesRead[task.slot] = (progress ?? 0) * bytes;
              },
            }),
      });
      if (overlap !== null) return { apart: disclosure.sentence(describeOverlap(overlap), paths) };
      inventory =
        result.inventory === undefined
          ? EMPTY_INVENTORY
          : disclosure.inventory(
              storedInventory(
                result.inventory,
                result.captures.every(({ timeZone }) => timeZone === 'UTC'),
              ),
            );
      report = diagnosis.scope.apply(disclosure.report(await diagnosis.toReport(result)));
    } catch (error) {
      const [status, code] =
        error instanceof CaptureError
          ? (['unreadable', error.code] as const)
          : (['failed', 'error'] as const);
      const reason = disclosure.sentence(messageOf(error), paths);
      const row = rowWithout(status, shown, { code, reason, bytes });
      return answerOf(entryOf(row), []);
    }
    const finished: FinishedReport[] = [];
    const reports: Record<string, string> = {};
    const device = describeDevice(null, {}, this.#setup.color);
    const context = { rules: diagnosis.analysis.rules, exitCode: exitCodeOf(report, this.#setup.failOn) };
    for (const format of task.formats) {
      const path = reportPath(task.stem, format);
      reports[format] = path;
      finished.push({ path, text: await render(report, format, device, context) });
    }
    const entry = {
      ...entryOf(rowOf(report, shown, reports)),
      faults: faultsOf(report),
      worst: worstOf(report),
      inventory,
    };
    return answerOf(entry, finished);
  }
}

async function disclosureOf({ redaction }: WorkerSetup): Promise<Disclosure> {
  if (redaction === null) return FULL_DISCLOSURE;
  const { Redaction } = await import('./scan-redaction.ts');
  return new Redaction(redaction);
}

function answerOf(entry: JournalEntry, reports: readonly FinishedReport[]): Answer {
  return { facts: factsOf(entry), line: lineOf(entry), reports };
}

function describeOverlap({ earlier, later }: Overlap): string {
  return `the files of its ring are no one timeline: ${earlier} goes on after ${later} has begun`;
}

/** `isOdd`: there, and no file. */
function stateOf(path: string): { file: FoundFile; isOdd: boolean } {
  const facts = statSync(path, { throwIfNoEntry: false });
  const file = { path, bytes: facts?.size ?? 0, mtimeMillis: Math.floor(facts?.mtimeMs ?? 0) };
  return { file, isOdd: facts?.isFile() === false };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

let worker: Worker | undefined;
let last: Promise<unknown> = Promise.resolve();

/** For the pool, which sends a task before the one before it is answered: one after the other, since each takes its memory. */
export default function perform(task: Task): Promise<Answer> {
  const own = (worker ??= new Worker(workerData as WorkerData));
  const answer = last.then(() => own.perform(task));
  last = answer.catch(() => {});
  return answer;
}

if (isMainThread && process.send !== undefined) {
  process.once('message', (message) => {
    const { data, task } = message as { data: WorkerData; task: Task };
    new Worker(data).perform(task).then(
      (answer) => process.send?.(answer),
      (error: unknown) => {
        throw error;
      },
    );
  });
}
