/** The real captures that conformance is shown on, and the programs of the field that it is shown against. */
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { CaptureRecord } from '../../src/capture/record.ts';
import { END, RECORD, type RecordSource } from '../../src/capture/capture.ts';

const CORPUS = fileURLToPath(new URL('../../../shared/corpus/', import.meta.url));

/** Those that kbdiag reads, as capinfos names them. */
export const CAPTURE_FORMATS: ReadonlySet<string> = new Set([
  'pcap',
  'nsecpcap',
  'modpcap',
  'pcapng',
  'netmon1',
  'netmon2',
  'snoop',
]);

export interface CorpusRow {
  readonly path: string;
  readonly file: string;
  readonly format: string;
  /** What capinfos counted, or 0. */
  readonly packets: number;
  readonly capinfosStatus: number;
}

export function readCatalog(): CorpusRow[] {
  if (!existsSync(`${CORPUS}catalog.tsv`)) return [];
  const lines = readFileSync(`${CORPUS}catalog.tsv`, 'utf8').trimEnd().split('\n').slice(1);
  return lines.map((line) => {
    const [path = '', , , format = '', , packets = '', , , status = ''] = line.split('\t');
    return {
      path,
      file: `${CORPUS}captures/${path}`,
      format,
      packets: Number(packets),
      capinfosStatus: Number(status),
    };
  });
}

/**
 * Output of a program whatever its exit status: tshark writes what it could read before it complains. It takes times without a zone
 * to be of the machine's.
 */
export function outputOf(command: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    const env = { ...process.env, TZ: 'UTC' };
    execFile(command, args, { maxBuffer: 256 * 1024 * 1024, env }, (_error, stdout) => resolve(stdout));
  });
}

/** Calls `visit` for each record; returns how many there were. */
export async function drain(source: RecordSource, visit: (record: CaptureRecord) => void): Promise<number> {
  const record = new CaptureRecord();
  let count = 0;
  for (;;) {
    const status = source.next(record);
    if (status === END) return count;
    if (status === RECORD) {
      count++;
      visit(record);
    } else {
      await source.feed();
    }
  }
}

/** Lets at most `width` tasks run at a time. */
export function limitConcurrency(width: number): <Result>(task: () => Promise<Result>) => Promise<Result> {
  let running = 0;
  const queue: Array<() => void> = [];
  return async (task) => {
    if (running >= width) await new Promise<void>((resolve) => queue.push(resolve));
    else running++;
    try {
      return await task();
    } finally {
      const next = queue.shift();
      if (next) next();
      else running--;
    }
  };
}
