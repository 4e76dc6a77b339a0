/**
 * A worker of a scan: from the paths of a task to reports, written aside, and the entry of the journal. It runs in a thread of the
 * pool, or in a process of its own with one task.
 */
import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isMainThread, threadId, workerData } from 'node:worker_threads';
import { CaptureError } from '../capture/errors.ts';
import type { Overlap } from '../capture/timeline.ts';
import { analyze } from '../engine/analyze.ts';
import type { Severity } from '../engine/result.ts';
import { render } from '../report/formats.ts';
import type { Report } from '../report/schema.ts';
import { describeDevice } from '../report/style.ts';
import type { FoundFile } from '../scan/discover.ts';
import { fingerprint } from '../scan/fingerprint.ts';
import type { IndexRow } from '../scan/index-schema.ts';
import { reportPath } from '../scan/report-paths.ts';
import {
  EMPTY_INVENTORY,
  faultsOf,
  rowOf,
  rowWithout,
  storedInventory,
  unreadableRow,
  worstOf,
} from '../scan/row.ts';
import type { Answer, Task, WrittenReport } from '../scan/task.ts';
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
}

/** The next file of a ring is begun when the one before is full; packets on their way may still go to that one. */
const MAX_OVERLAP_SECONDS = 1;

class Worker {
  readonly #data: WorkerData;
  readonly #setup: WorkerSetup;
  #diagnosis: Promise<Diagnosis> | null = null;
  #written = 0;

  constructor(data: WorkerData) {
    this.#data = data;
    this.#setup = data.setup as WorkerSetup;
  }

  async perform(task: Task): Promise<Answer> {
    const started = performance.now();
    // Before the first byte is read: what changes from now on counts as changed.
    const files = task.paths.map(stateOf);
    const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
    const entryOf = (row: IndexRow) => ({
      files: files.map((file) => ({ ...file, fingerprint: fingerprint(file.path) })),
      row: task.apart === null ? row : { ...row, apart: task.apart },
      faults: [],
      worst: null,
      inventory: EMPTY_INVENTORY,
      elapsedMillis: Math.round((performance.now() - started) * 10) / 10,
    });
    const odd = task.paths.find(isNoFile);
    if (odd !== undefined) {
      const facts = { code: 'unreadable', reason: 'neither a file nor a folder', bytes: 0 };
      return { entry: entryOf(rowWithout('unreadable', task.paths, facts)), reports: [] };
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
      const result = await analyze(task.paths, {
        ...diagnosis.analysis,
        withInventory: true,
        ...(task.paths.length === 1 ? {} : { overlapLimit: { maxSeconds: MAX_OVERLAP_SECONDS, onOverlap } }),
        ...(bytesRead === null
          ? {}
          : {
              onProgress: ({ progress }) => {
                bytesRead[task.slot] = (progress ?? 0) * bytes;
              },
            }),
      });
      if (overlap !== null) return { apart: describeOverlap(overlap) };
      inventory = result.inventory === undefined ? EMPTY_INVENTORY : storedInventory(result.inventory);
      report = diagnosis.scope.apply(await diagnosis.toReport(result));
    } catch (error) {
      const row =
        error instanceof CaptureError
          ? unreadableRow(error, task.paths, bytes)
          : rowWithout('failed', task.paths, { code: 'error', reason: messageOf(error), bytes });
      return { entry: entryOf(row), reports: [] };
    }
    const written: WrittenReport[] = [];
    const reports: Record<string, string> = {};
    for (const format of task.formats) {
      const device = describeDevice(null, {}, this.#setup.color);
      const context = { rules: diagnosis.analysis.rules, exitCode: exitCodeOf(report, this.#setup.failOn) };
      const text = await render(report, format, device, context);
      const aside = join(task.aside, `${process.pid}-${threadId}-${this.#written}`);
      this.#written += 1;
      try {
        writeFileSync(aside, text);
      } catch (error) {
        return { unwritable: { path: aside, message: messageOf(error) } };
      }
      const path = reportPath(task.stem, format);
      reports[format] = path;
      written.push({ aside, path });
    }
    const entry = {
      ...entryOf(rowOf(report, task.paths, reports)),
      faults: faultsOf(report),
      worst: worstOf(report),
      inventory,
    };
    return { entry, reports: written };
  }
}

function describeOverlap({ earlier, later }: Overlap): string {
  return `the files of its ring are no one timeline: ${earlier} goes on after ${later} has begun`;
}

function stateOf(path: string): FoundFile {
  const facts = statSync(path, { throwIfNoEntry: false });
  return { path, bytes: facts?.size ?? 0, mtimeMillis: Math.floor(facts?.mtimeMs ?? 0) };
}

/** A pipe that took a file's place since it was found would be waited for without end. */
function isNoFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === false;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

let worker: Worker | undefined;

/** For the pool. */
export default function perform(task: Task): Promise<Answer> {
  worker ??= new Worker(workerData as WorkerData);
  return worker.perform(task);
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
