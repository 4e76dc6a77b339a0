/** Runs the command line as a user does: the built file, in a process, on real files and pipes. */
import { spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Outcome, outcomeOf } from '../child-outcome.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const program = join(root, 'bin', 'kbdiag.js');

/** A test of an outdated build would tell nothing. */
function checkBuild(): void {
  const built = statSync(join(root, 'dist', 'cli.cjs'), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const isSource = (name: string) =>
    name.endsWith('.ts') && !name.endsWith('.test.ts') && !name.endsWith('scenarios.ts');
  for (const folder of ['src', 'rules']) {
    for (const name of readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })) {
      if (isSource(name) && statSync(join(root, folder, name)).mtimeMs > built) {
        throw new Error(`dist is older than ${join(folder, name)}: npm run build`);
      }
    }
  }
}
checkBuild();

type Environment = Readonly<Record<string, string>>;

/** Starts kbdiag in `cwd` with a clean environment. */
export function start(
  args: readonly string[],
  cwd: string = root,
  environment: Environment = {},
): ChildProcessWithoutNullStreams {
  const { PATH = '' } = process.env;
  return spawn(process.execPath, [program, ...args], { cwd, env: { PATH, ...environment } });
}

/** Runs kbdiag to its end; `input` goes to its standard input. */
export function run(
  args: readonly string[],
  cwd?: string,
  environment?: Environment,
  input?: Uint8Array,
): Promise<Outcome> {
  const child = start(args, cwd, environment);
  // It may end without reading its input.
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  return outcomeOf(child);
}

/** 1998-01-01 00:00:00 UTC. */
const START_SECONDS = 883_612_800;

/** A little-endian microsecond pcap of ARP requests for 10.0.0.1 from 10.0.0.5, one a second. */
export function arpCapture(packets: number): Buffer {
  const header = Buffer.alloc(24);
  header.writeUInt32LE(0xa1b2c3d4, 0);
  header.writeUInt16LE(2, 4);
  header.writeUInt16LE(4, 6);
  header.writeUInt32LE(65_535, 16);
  header.writeUInt32LE(1, 20);
  const frame = Buffer.from(
    'ffffffffffff001122334455080600010800060400010011223344550a0000050000000000000a000001'.padEnd(120, '0'),
    'hex',
  );
  const records = Array.from({ length: packets }, (_, index) => {
    const record = Buffer.alloc(16);
    record.writeUInt32LE(START_SECONDS + index, 0);
    record.writeUInt32LE(123_456, 4);
    record.writeUInt32LE(frame.length, 8);
    record.writeUInt32LE(frame.length, 12);
    return Buffer.concat([record, frame]);
  });
  return Buffer.concat([header, ...records]);
}

/** Writes a file and gives its name. */
export function write(folder: string, name: string, bytes: Uint8Array | string): string {
  writeFileSync(join(folder, name), bytes);
  return name;
}
