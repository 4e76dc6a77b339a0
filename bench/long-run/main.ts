/**
 * A capture of 100 GB through a pipe: twenty minutes of the benchmark's LAN over and over, while the clock goes on. The figures say
 * whether memory and speed at the end are those of the beginning.
 */
import { execFileSync, spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { optionsOrUsage, refuseNumber } from '../options.ts';
import { provideCaptures } from '../capture-set.ts';
import { RepeatedCapture } from './repeated-capture.ts';

const USAGE = `npm run long-run -- [options]

  --size GB       length of the capture (default 100)
  --every GB      a line of figures every so many GB (default 10)
`;

const GIGABYTE = 1e9;
/** Of the benchmark's capture, the share that is repeated: 200 MB. */
const BLOCK_SCALE = 0.05;

/** Resident memory of a process now and at its highest, in bytes; Linux alone tells. */
function memoryOf(pid: number): { readonly now: number; readonly peak: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const field = (name: string): number =>
    1024 * Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1]);
  return { now: field('VmRSS'), peak: field('VmHWM') };
}

function figures(bytes: number, pid: number, megabytesPerSecond: number): string {
  const { now, peak } = memoryOf(pid);
  const [nowText, peakText] = [now, peak].map((each) => `${(each / 2 ** 20).toFixed(1)} MiB`.padStart(11));
  const rate = `${megabytesPerSecond.toFixed(0)} MB/s`.padStart(10);
  return `${(bytes / GIGABYTE).toFixed(0).padStart(6)} GB${nowText}${peakText}${rate}`;
}

/** A pipe by the system's means, for the one that Node makes is a socket: its two ends. */
function makePipe(folder: string): { readonly output: number; readonly input: number } {
  const name = path.join(folder, 'pipe');
  execFileSync('mkfifo', [name]);
  // Neither end can be opened without the other, unless somebody has both.
  const both = openSync(name, 'r+');
  const output = openSync(name, 'r');
  const input = openSync(name, 'w');
  closeSync(both);
  return { output, input };
}

/** Bytes in all, and between two lines of figures. */
interface Options {
  readonly total: number;
  readonly every: number;
}

/** Answers what is wrong, where something is; throws what `parseArgs` throws. */
function readOptions(args: readonly string[]): Options | string {
  const { values } = parseArgs({
    args: [...args],
    options: { size: { type: 'string', default: '100' }, every: { type: 'string', default: '10' } },
  });
  const refusal = refuseNumber('size', values.size) ?? refuseNumber('every', values.every);
  if (refusal !== null) return refusal;
  return { total: Number(values.size) * GIGABYTE, every: Number(values.every) * GIGABYTE };
}

export async function main(root: string, args: readonly string[]): Promise<number> {
  const options = optionsOrUsage(() => readOptions(args), USAGE);
  if (options === null) return 2;
  const { total, every } = options;
  const say = (line: string): void => console.error(line);
  const [block] = await provideCaptures(path.join(root, 'bench/captures'), ['mix'], BLOCK_SCALE, say);
  if (block === undefined) throw new Error('there is no capture to repeat');
  const capture = new RepeatedCapture(readFileSync(block.path));
  const folder = mkdtempSync(path.join(os.tmpdir(), 'kbdiag-long-run-'));
  const { output, input } = makePipe(folder);
  const program = path.join(root, 'bin/kbdiag.js');
  const child = spawn(process.execPath, [program, 'analyze', '-', '-f', 'json', '--quiet'], {
    cwd: root,
    stdio: [output, 'pipe', 'inherit'],
  });
  closeSync(output);
  const { pid } = child;
  if (pid === undefined) throw new Error('kbdiag did not start');
  let report = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    report += text;
  });
  const closed = new Promise<number | null>((resolve) => child.on('close', resolve));
  console.log('     read        now       peak      rate');
  const start = performance.now();
  try {
    feed(capture, input, pid, total, every);
  } finally {
    closeSync(input);
    rmSync(folder, { recursive: true });
  }
  const code = await closed;
  const seconds = (performance.now() - start) / 1000;
  const { captures, verdicts } = JSON.parse(report) as {
    captures: ReadonlyArray<{ packets: number; durationSeconds: number }>;
    verdicts: ReadonlyArray<{ article: string; verdict: string }>;
  };
  const [read] = captures;
  const days = (read?.durationSeconds ?? 0) / 86_400;
  console.log(
    `exit ${code}: ${read?.packets} packets of ${days.toFixed(1)} days in ${seconds.toFixed(0)} s; ` +
      verdicts.map(({ article, verdict }) => `${article} ${verdict}`).join(', '),
  );
  return code === 0 && read?.packets === capture.packets ? 0 : 1;
}

/** Writes whole blocks until there are `total` bytes; the pipe sets the pace. */
function feed(capture: RepeatedCapture, input: number, pid: number, total: number, every: number): void {
  let written = 0;
  let told = 0;
  let lastWritten = 0;
  let lastTime = performance.now();
  while (written < total) {
    const bytes = capture.next();
    for (let at = 0; at < bytes.length; ) at += writeSync(input, bytes, at, bytes.length - at);
    written += bytes.length;
    if (written < (told + 1) * every && written < total) continue;
    told = Math.floor(written / every);
    const time = performance.now();
    console.log(figures(written, pid, (written - lastWritten) / 1e3 / (time - lastTime)));
    lastWritten = written;
    lastTime = time;
  }
}
