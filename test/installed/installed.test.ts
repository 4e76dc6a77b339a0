/** What a user has after `npm install`: run there, from elsewhere, and in the ways in which things go wrong. */
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encode } from '../../samples/craft/index.ts';
import { overused } from '../engine/run.ts';
import { canMount } from '../peers.ts';
import { type Installed, installPackage, isAsked, OTHER_NODES, root, run } from './package.ts';

const SAMPLE = 'q151387-p1-definitive.pcap';
const samples = join(root, 'samples');
const NOBODY = 65_534;
const isRoot = process.getuid?.() === 0;

describe.skipIf(!isAsked || process.platform === 'win32')('the installed package', () => {
  let installed: Installed;
  /** Where it is started: elsewhere. */
  let elsewhere = '';

  beforeAll(async () => {
    installed = await installPackage();
    elsewhere = join(installed.folder, 'elsewhere');
    mkdirSync(elsewhere);
    copyFileSync(join(samples, SAMPLE), join(elsewhere, SAMPLE));
    chmodSync(join(elsewhere, SAMPLE), 0o644);
  }, 300_000);

  afterAll(() => installed.remove());

  it('runs from another folder, and says what the sources say', async () => {
    const { code, stdout, stderr } = await run(installed.program, ['analyze', SAMPLE], { cwd: elsewhere });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('ERROR Q151387: DHCP address used past its lease');
    const version = await run(installed.program, ['--version'], { cwd: elsewhere });
    const { version: own } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      version: string;
    };
    expect(version.stdout.trim()).toBe(own);
  });

  it('needs no home, nor a folder that it may write to', async () => {
    const home = join(installed.folder, 'home');
    mkdirSync(home);
    for (const folder of [home, elsewhere]) chmodSync(folder, 0o555);
    const user = isRoot ? { uid: NOBODY } : {};
    for (const format of ['text', 'html']) {
      const { code, stderr } = await run(installed.program, ['analyze', SAMPLE, '-f', format], {
        cwd: elsewhere,
        env: { HOME: home },
        ...user,
      });
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    }
    const refused = await run(installed.program, ['analyze', SAMPLE, '-o', 'report.txt'], {
      cwd: elsewhere,
      env: { HOME: home },
      ...user,
    });
    chmodSync(elsewhere, 0o755);
    expect(refused.code).toBe(74);
    expect(refused.stderr).toMatch(/^kbdiag: report\.txt: the report could not be written: EACCES.*\n/);
    expect(refused.stderr).not.toMatch(/^ {4}at /m);
    expect(readdirSync(home)).toEqual([]);
  });

  it.each(['text', 'json', 'html'])('is quiet about a reader of %s that has gone', (format) => {
    const script = 'set -o pipefail; "$0" analyze "$1" -f "$2" | head -c 100 >/dev/null';
    const { status, stderr } = spawnSync('bash', ['-c', script, installed.program, SAMPLE, format], {
      cwd: elsewhere,
      encoding: 'utf8',
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });

  it('says that the disk is full', async () => {
    const { code, stderr } = await run(installed.program, ['analyze', SAMPLE, '-o', '/dev/full'], {
      cwd: elsewhere,
    });
    expect(code).toBe(74);
    expect(stderr).toMatch(/^kbdiag: \/dev\/full: the report could not be written: ENOSPC.*\n.*-o/);
  });

  it.skipIf(!canMount())('leaves what was there, and nothing of its own, on a disk that is full', () => {
    const script = `mkdir full && mount -t tmpfs -o size=16k tmpfs full && echo before >full/report.html
      "$0" analyze "$1" -f html -o full/report.html; echo "$?"; cat full/report.html; ls -A full`;
    const { stdout, stderr } = spawnSync('unshare', ['-rm', 'sh', '-c', script, installed.program, SAMPLE], {
      cwd: elsewhere,
      encoding: 'utf8',
    });
    expect(stdout).toBe('74\nbefore\nreport.html\n');
    expect(stderr).toMatch(/^kbdiag: full\/report\.html: the report could not be written: ENOSPC/);
  });

  it('gives the same reports on every version of Node', async () => {
    const reportsOf = async (node: string, name: string): Promise<Map<string, string>> => {
      const out = join(elsewhere, name);
      const args = [installed.program, 'scan', 'samples', '-o', out, '-f', 'json,html,markdown', '--quiet'];
      const { code, stderr } = await run(node, args, { cwd: root });
      expect({ name, code, stderr }).toEqual({ name, code: expect.any(Number) as number, stderr: '' });
      const files = readdirSync(join(out, 'reports'), { recursive: true, encoding: 'utf8' }).toSorted();
      return new Map(
        files
          .filter((file) => statSync(join(out, 'reports', file)).isFile())
          .map((file) => [file, readFileSync(join(out, 'reports', file), 'utf8')]),
      );
    };
    const own = await reportsOf(process.execPath, 'own');
    const captures = readdirSync(samples).filter((name) => /\.pcap/.test(name));
    expect(own.size).toBe(3 * captures.length);
    for (const version of OTHER_NODES) {
      const node = installed.node(version);
      const { stdout, stderr } = await run(node, ['--version'], { cwd: root });
      expect(stdout + stderr).toMatch(new RegExp(`^v${version}\\.`));
      const other = await reportsOf(node, version);
      expect([...other.keys()]).toEqual([...own.keys()]);
      for (const [file, text] of own)
        expect(other.get(file) === text, `${file} on Node ${version}`).toBe(true);
      // A flag of V8 that a version does not know would be told on standard error.
      const one = await run(node, [installed.program, 'analyze', join(samples, SAMPLE)], { cwd: root });
      expect({ code: one.code, stderr: one.stderr }).toEqual({ code: 0, stderr: '' });
    }
  }, 240_000);

  describe('an interrupt', () => {
    /** Long enough that an interrupt meets every stage: start-up, reading, drawing, writing. */
    const DELAYS = [30, 60, 90, 120, 160, 200, 250, 300, 350, 400, 450, 550];

    it.each(DELAYS)('after %i ms leaves a whole report or none', async (interruptAfter) => {
      const folder = join(elsewhere, `interrupt-${interruptAfter}`);
      mkdirSync(folder);
      const names = Array.from({ length: 12 }, (_, at) => `${at}.pcap`);
      for (const [at, name] of names.entries()) {
        const bytes = Buffer.from(encode(overused()));
        writeFileSync(join(folder, name), at === 0 ? bytes : Buffer.concat([bytes, bytes.subarray(24)]));
      }
      const { code, signal, stdout, stderr } = await run(
        installed.program,
        ['analyze', ...names, '-f', 'html', '-o', 'report.html'],
        { cwd: folder, interruptAfter },
      );
      // Before the program is there, and where it waits in the system, the signal itself is the end.
      expect([0, 130, 'SIGINT']).toContain(code ?? signal);
      expect(stdout).toBe('');
      expect(stderr).toMatch(/^(kbdiag: interrupted.*\n)?$/);
      const left = readdirSync(folder).filter((name) => !names.includes(name));
      expect(left.filter((name) => name !== 'report.html')).toEqual([]);
      if (existsSync(join(folder, 'report.html')))
        expect(readFileSync(join(folder, 'report.html'), 'utf8')).toMatch(/<\/html>\s*$/);
      else expect(code).not.toBe(0);
    });

    it.each([100, 300, 700, 1500])('after %i ms lets a scan go on later', async (interruptAfter) => {
      const out = join(elsewhere, `scan-${interruptAfter}`);
      const args = ['scan', 'samples', '-o', out, '--quiet'];
      const { code, signal, stderr } = await run(installed.program, args, { cwd: root, interruptAfter });
      expect([0, 4, 130, 'SIGINT']).toContain(code ?? signal);
      expect(stderr).toMatch(/^(kbdiag: interrupted.*\n)?$/);
      const again = await run(installed.program, existsSync(out) ? [...args, '--resume'] : args, {
        cwd: root,
      });
      expect({ code: again.code, stderr: again.stderr }).toEqual({
        code: expect.any(Number) as number,
        stderr: '',
      });
      const { complete, captures } = JSON.parse(readFileSync(join(out, 'index.json'), 'utf8')) as {
        complete: boolean;
        captures: ReadonlyArray<{ status: string }>;
      };
      expect(complete).toBe(true);
      expect(captures.filter(({ status }) => status === 'ok').length).toBeGreaterThan(20);
    });
  });

  describe('as a library', () => {
    it('exports what publint and are-the-types-wrong find sound', async () => {
      const publint = await run(installed.lint('publint'), ['run', installed.tarball, '--strict'], {
        cwd: elsewhere,
      });
      expect(publint.stdout + publint.stderr).toContain('All good!');
      expect(publint.code).toBe(0);
      const types = await run(installed.lint('attw'), [installed.tarball, '--profile', 'esm-only'], {
        cwd: elsewhere,
      });
      expect({ code: types.code, report: types.code === 0 ? '' : types.stdout }).toEqual({
        code: 0,
        report: '',
      });
    });

    it('is imported and type-checked from a project of its own', async () => {
      const project = join(installed.folder, 'product');
      const program = `
        import { analyze, rules, toReport, type Report } from 'kbdiag';
        const result = await analyze([process.argv[2] ?? ''], { rules });
        const report: Report = toReport(result, rules);
        console.log(report.findings.map(({ article, tier }) => \`\${article} \${tier}\`).join());
      `;
      writeFileSync(join(project, 'use.mts'), program);
      const javascript = program.replace(', type Report', '').replace(': Report', '');
      writeFileSync(join(project, 'use.mjs'), javascript);
      const { code, stdout, stderr } = await run(process.execPath, ['use.mjs', join(samples, SAMPLE)], {
        cwd: project,
      });
      expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: 'Q151387 definitive\n', stderr: '' });
      const compiler = join(root, 'node_modules/typescript/bin/tsc');
      const options = [
        '--noEmit',
        '--strict',
        '--module',
        'nodenext',
        '--target',
        'es2023',
        '--types',
        'node',
      ];
      const roots = ['--typeRoots', join(root, 'node_modules/@types')];
      const types = await run(process.execPath, [compiler, ...options, ...roots, 'use.mts'], {
        cwd: project,
      });
      expect({ code: types.code, stdout: types.stdout }).toEqual({ code: 0, stdout: '' });
    });
  });
});
