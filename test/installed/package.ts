/** The package as a user gets it: packed, and installed by npm into an empty folder. */
import { execFile, spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Outcome, outcomeOf } from '../child-outcome.ts';
import { arePeersRequired } from '../peers.ts';

const execute = promisify(execFile);
export const root = fileURLToPath(new URL('../../', import.meta.url));

/** Installing takes downloads: it is asked for by `npm run check:installed`, and is part of a run that may skip nothing. */
export const isAsked = process.env['KBDIAG_CHECK_INSTALLED'] !== undefined || arePeersRequired;

/** The Node versions beside the one that runs the tests, as packages of the npm registry that hold the program. */
export const OTHER_NODES = ['22', '24'] as const;
const NODE_PACKAGE = `node-${process.platform}-${process.arch}`;

export interface Installed {
  /** Everything below it goes when the tests are over; anybody may read it. */
  readonly folder: string;
  readonly tarball: string;
  /** What `npx kbdiag` starts. */
  readonly program: string;
  /** Of publint and are-the-types-wrong. */
  readonly lint: (name: 'publint' | 'attw') => string;
  readonly node: (version: (typeof OTHER_NODES)[number]) => string;
  remove(): void;
}

async function install(folder: string, ...packages: readonly string[]): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  await execute('npm', ['install', '--prefix', folder, ...quiet, ...packages], { cwd: folder });
}

export async function installPackage(): Promise<Installed> {
  const folder = mkdtempSync(join(tmpdir(), 'kbdiag-installed-'));
  chmodSync(folder, 0o755);
  const { stdout } = await execute(
    'npm',
    ['pack', '--ignore-scripts', '--json', '--pack-destination', folder],
    {
      cwd: root,
    },
  );
  const [{ filename }] = JSON.parse(stdout) as [{ filename: string }];
  const tarball = join(folder, filename);
  await install(join(folder, 'product'), tarball);
  await install(join(folder, 'lint'), 'publint@0.3', '@arethetypeswrong/cli@0.18');
  for (const version of OTHER_NODES)
    await install(join(folder, `node-${version}`), `${NODE_PACKAGE}@${version}`);
  return {
    folder,
    tarball,
    program: join(folder, 'product/node_modules/.bin/kbdiag'),
    lint: (name) => join(folder, 'lint/node_modules/.bin', name),
    node: (version) => join(folder, `node-${version}/node_modules`, NODE_PACKAGE, 'bin/node'),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

export interface RunOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Runs as this user, which root may. */
  readonly uid?: number;
  /** Sends SIGINT so many milliseconds after the start. */
  readonly interruptAfter?: number;
}

/** Runs a program with no environment but its path. */
export function run(program: string, args: readonly string[], options: RunOptions): Promise<Outcome> {
  const { cwd, env = {}, uid, interruptAfter } = options;
  const { PATH = '' } = process.env;
  const child = spawn(program, args, {
    cwd,
    env: { PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(uid === undefined ? {} : { uid, gid: uid }),
  });
  if (interruptAfter !== undefined) setTimeout(() => child.kill('SIGINT'), interruptAfter);
  return outcomeOf(child);
}
