/** Runs one process to its end and says what it took, from its start to its exit. */
import { spawnSync } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeSync,
  readSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/** GNU time: its child is measured by wait4, free of this process's own memory. */
const TIME_PROGRAM = '/usr/bin/time';

/**
 * What programs are measured in. Certificates of its own that a machine gives to every Node process take 40 ms to read, more than
 * the start-up of kbdiag itself, and are read whether or not anything is to be encrypted.
 */
const { NODE_EXTRA_CA_CERTS: _certificates, NODE_OPTIONS: _options, ...ENVIRONMENT } = process.env;

export interface Run {
  readonly wallMillis: number;
  /** User and system time; null without GNU time. */
  readonly cpuMillis: number | null;
  /** Peak resident set in bytes; null without GNU time. */
  readonly peakBytes: number | null;
}

export type RunOutcome =
  | { readonly ok: true; readonly run: Run }
  | { readonly ok: false; readonly reason: string };

const hasGnuTime =
  existsSync(TIME_PROGRAM) &&
  spawnSync(TIME_PROGRAM, ['--version'], { encoding: 'utf8' }).stdout.includes('GNU');

/** False where neither memory nor CPU time can be told. */
export function canMeasureMemory(): boolean {
  return hasGnuTime;
}

/**
 * Reads a file through, so that the next process finds it in the page cache, and as every later one does. Twice: where captures
 * have displaced each other there, Linux moves each page to its list of active ones when it is read for the second time, which costs
 * more than reading it, and would fall on whoever is measured first.
 */
export function warm(file: string): void {
  const sink = openSync('/dev/null', 'w');
  const piece = new Uint8Array(1 << 20);
  for (let turn = 0; turn < 2; turn += 1) {
    const input = openSync(file, 'r');
    for (let length = readSync(input, piece); length > 0; length = readSync(input, piece))
      writeSync(sink, piece, 0, length);
    closeSync(input);
  }
  closeSync(sink);
}

/** The line that names an error; Node prints it amid a stack. */
function tellingLine(errors: string): string {
  const lines = errors.split('\n').map((line) => line.trim());
  return lines.find((line) => /error|cannot|no such/i.test(line)) ?? lines[0] ?? '';
}

/** Output goes to /dev/null; the errors are kept for the reason of a failure. */
export function measure(command: readonly string[], cwd: string): RunOutcome {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'kbdiag-bench-'));
  const report = path.join(folder, 'time');
  const [program = '', ...args] = hasGnuTime
    ? [TIME_PROGRAM, '-q', '-o', report, '-f', '%U %S %M', ...command]
    : command;
  try {
    const start = performance.now();
    const child = spawnSync(program, args, {
      cwd,
      env: ENVIRONMENT,
      stdio: ['ignore', 'ignore', 'pipe'],
      encoding: 'utf8',
    });
    const wallMillis = performance.now() - start;
    if (child.error) return { ok: false, reason: child.error.message };
    if (child.status !== 0) {
      return { ok: false, reason: `exit ${child.status ?? child.signal}: ${tellingLine(child.stderr)}` };
    }
    if (!hasGnuTime) return { ok: true, run: { wallMillis, cpuMillis: null, peakBytes: null } };
    const [user = 0, system = 0, peakKiB = 0] = readFileSync(report, 'utf8').trim().split(/\s+/).map(Number);
    return { ok: true, run: { wallMillis, cpuMillis: (user + system) * 1000, peakBytes: peakKiB * 1024 } };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
