/** Runs the built product on a stream and says what it took, and how it ended. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Flood } from './flood.ts';
import type { Pieces } from './stream.ts';

/**
 * The peak of a process is its own to tell: what the system tells its parent begins with the memory of the parent, from which it was
 * forked. Linux alone has it.
 */
const TELL_PEAK = `
  process.on('exit', () => {
    const fs = require('node:fs');
    fs.writeFileSync(process.env.KBDIAG_PEAK_FILE, fs.readFileSync('/proc/self/status'));
  });`;

/** The report, as far as it is looked at here. */
export interface Report {
  readonly captures: ReadonlyArray<{ readonly packets: number; readonly damaged: unknown }>;
  readonly health: {
    readonly evictions: Readonly<Record<string, number>>;
    readonly clockEpochs: number;
    readonly notExamined: Readonly<Record<string, number>>;
  };
  readonly verdicts: ReadonlyArray<{
    readonly article: string;
    readonly verdict: string;
    readonly reason: string;
    readonly observed: {
      readonly subjects: number;
      readonly judged: number;
      readonly undecided: Readonly<Record<string, number>>;
    };
    readonly notExamined: Readonly<Record<string, number>>;
  }>;
  readonly findings: ReadonlyArray<{ readonly article: string; readonly tier: string }>;
}

export interface Outcome {
  readonly code: number | null;
  readonly signal: string | null;
  /** Peak resident set; NaN if the process was killed. */
  readonly peakBytes: number;
  readonly seconds: number;
  readonly writtenBytes: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** False where the peak cannot be told. */
export const canTellPeak = process.platform === 'linux';

/** `kbdiag analyze … -` on so much of a flood as its standard input, or on the files that it consists of. */
export async function analyze(
  root: string,
  flood: Flood,
  count: number,
  args: readonly string[],
): Promise<Outcome> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'kbdiag-limits-'));
  const files = flood.isFiles === true ? writeFiles(folder, flood.stream(count)) : null;
  const pieces = files === null ? flood.stream(count) : [];
  const preload = path.join(folder, 'peak.cjs');
  const peakFile = path.join(folder, 'status');
  writeFileSync(preload, TELL_PEAK);
  const start = performance.now();
  const child = spawn(
    process.execPath,
    ['--require', preload, path.join(root, 'bin/kbdiag.js'), 'analyze', ...args, ...(files?.paths ?? ['-'])],
    { cwd: root, env: { ...process.env, KBDIAG_PEAK_FILE: peakFile }, stdio: ['pipe', 'pipe', 'pipe'] },
  );
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout.on('data', (data: Buffer) => stdout.push(data));
  child.stderr.on('data', (data: Buffer) => stderr.push(data));
  const closed = new Promise<readonly [number | null, string | null]>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve([code, signal]));
  });
  // It may end without reading all of it.
  let isOver = false;
  child.stdin.on('error', () => {
    isOver = true;
  });
  let writtenBytes = files?.bytes ?? 0;
  for (const piece of pieces) {
    if (isOver) break;
    await new Promise<void>((resolve) => {
      child.stdin.write(piece, () => resolve());
    });
    writtenBytes += piece.length;
  }
  child.stdin.end();
  const [code, signal] = await closed;
  const seconds = (performance.now() - start) / 1000;
  try {
    return {
      code,
      signal,
      peakBytes: peakOf(peakFile),
      seconds,
      writtenBytes,
      stdout: Buffer.concat(stdout).toString(),
      stderr: Buffer.concat(stderr).toString(),
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function writeFiles(folder: string, pieces: Pieces): { readonly paths: string[]; readonly bytes: number } {
  const paths: string[] = [];
  let bytes = 0;
  for (const piece of pieces) {
    const file = path.join(folder, `${String(paths.length).padStart(5, '0')}.pcap`);
    writeFileSync(file, piece);
    paths.push(file);
    bytes += piece.length;
  }
  return { paths, bytes };
}

function peakOf(file: string): number {
  try {
    return 1024 * Number(/^VmHWM:\s+(\d+) kB/m.exec(readFileSync(file, 'utf8'))?.[1]);
  } catch {
    return Number.NaN;
  }
}
