/** A scan that is killed, interrupted or out of space, and how it goes on. */
import { spawn } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { journalOf } from '../../src/scan/scan.ts';
import { outcomeOf } from '../child-outcome.ts';
import { arpCapture, run, start } from '../cli/kbdiag.ts';
import { arePeersRequired, canMount, hasPeer } from '../peers.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { leaseCapture, readIndex, SAMPLES, sampleNames } from './folder.ts';

const PROGRAM = fileURLToPath(new URL('../../bin/kbdiag.js', import.meta.url));
const folder = temporaryFolder();
const COPIES = 6;
mkdirSync(join(folder, 'many'));
for (const name of sampleNames())
  for (let copy = 0; copy < COPIES; copy += 1)
    copyFileSync(join(SAMPLES, name), join(folder, 'many', `${copy}-${name}`));
writeFileSync(join(folder, 'many/cut.pcap'), arpCapture(3).subarray(0, -10));

const args = (out: string, ...more: string[]) => [
  'scan',
  'many',
  '-j',
  '2',
  '-o',
  out,
  '-f',
  'json,text',
  ...more,
];
const wholeStart = performance.now();
await run(args('whole'), folder);
const wholeMillis = performance.now() - wholeStart;
const whole = readFileSync(join(folder, 'whole/index.json'), 'utf8');

function doneIn(out: string): string[] {
  const path = journalOf(join(folder, out));
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, 'utf8').split('\n').slice(1, -1);
  return lines.flatMap((line) => (JSON.parse(line) as { row?: { path: string } }).row?.path ?? []);
}

const strace = hasPeer('strace', '-V');

/** The files of `many` that a command opens, in all of its threads and processes. */
async function opened(command: readonly string[]): Promise<Set<string>> {
  const trace = join(folder, 'trace');
  const child = spawn(
    'strace',
    [
      '-f',
      '-qq',
      '-s',
      '4096',
      '-e',
      'trace=open,openat',
      '-o',
      trace,
      process.execPath,
      PROGRAM,
      ...command,
    ],
    {
      cwd: folder,
      stdio: 'ignore',
    },
  );
  await new Promise((resolve) => child.on('close', resolve));
  const names = readFileSync(trace, 'utf8').matchAll(/open(?:at)?\([^"]*"(many\/[^"]+)"/g);
  return new Set([...names].map(([, name = '']) => name));
}

describe('kill -9', () => {
  it('at ten moments loses only what was in flight', async () => {
    const kills: number[] = [];
    for (let round = 0; round < 10; round += 1) {
      rmSync(join(folder, 'killed'), { recursive: true, force: true });
      const child = start(args('killed'), folder);
      const ended = outcomeOf(child);
      // A multiplicative sequence: spread over the whole run, and the same every time.
      await sleep(150 + (((round * 7 + 3) % 10) / 10) * wholeMillis);
      child.kill('SIGKILL');
      await ended;
      const done = doneIn('killed');
      kills.push(done.length);
      // The journal may end in the middle of a line.
      if (round % 2 === 1 && existsSync(journalOf(join(folder, 'killed'))))
        writeFileSync(journalOf(join(folder, 'killed')), '{"files":[{"pa', { flag: 'a' });
      const resumed = await run(args('killed', '--resume'), folder);
      expect(resumed.code).toBe(4);
      expect(readFileSync(join(folder, 'killed/index.json'), 'utf8')).toBe(whole);
    }
    // The moments were worth it: some in the middle.
    expect(kills.some((count) => count > 0 && count < 32 * COPIES)).toBe(true);
  }, 300_000);

  it.skipIf(!strace && !arePeersRequired)(
    'does not have what was done opened again',
    async () => {
      rmSync(join(folder, 'traced'), { recursive: true, force: true });
      const all = await opened(args('traced'));
      expect(all.size).toBe(doneIn('traced').length);
      expect((await opened(args('traced', '--resume'))).size).toBe(0);

      // Half of the journal: the other half is read again, and nothing else.
      const journal = journalOf(join(folder, 'traced'));
      const lines = readFileSync(journal, 'utf8').split('\n');
      writeFileSync(journal, `${lines.slice(0, lines.length >> 1).join('\n')}\n`);
      const done = new Set(doneIn('traced'));
      expect(done.size).toBeGreaterThan(20);
      const again = await opened(args('traced', '--resume'));
      expect([...again].filter((path) => done.has(path))).toEqual([]);
      expect(again.size).toBe(all.size - done.size);
      expect(readFileSync(join(folder, 'traced/index.json'), 'utf8')).toBe(whole);
    },
    120_000,
  );
});

describe('an interrupt', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)(
    'by %s ends tidily, with an index of what is done, and says how to go on',
    async (signal) => {
      const out = `stopped ${signal}`;
      mkdirSync(join(folder, 'slow'), { recursive: true });
      writeFileSync(join(folder, 'slow/a.pcap'), arpCapture(1));
      writeFileSync(join(folder, 'slow/leases.pcap'), leaseCapture(16_000, 3));
      const child = start(['scan', 'slow', '-j', '2', '-o', out], folder);
      const ended = outcomeOf(child);
      for (let i = 0; i < 200 && doneIn(out).length === 0; i += 1) await sleep(20);
      const sent = performance.now();
      child.kill(signal);
      const { code, stderr } = await ended;
      expect(performance.now() - sent).toBeLessThan(5000);
      expect(code).toBe(130);
      expect(stderr).toContain(`kbdiag scan --resume slow -j 2 -o '${out}'`);
      const index = readIndex(folder, out);
      expect(index).toMatchObject({ complete: false, captures: [{ path: 'slow/a.pcap', status: 'ok' }] });
      expect(existsSync(join(folder, out, '.kbdiag/lock'))).toBe(false);
    },
    60_000,
  );
});

describe('an output folder', () => {
  it('is one scan at a time', async () => {
    mkdirSync(join(folder, 'slow'), { recursive: true });
    writeFileSync(join(folder, 'slow/leases.pcap'), leaseCapture(16_000, 3));
    const first = start(['scan', 'slow', '-o', 'busy'], folder);
    const ended = outcomeOf(first);
    for (let i = 0; i < 200 && !existsSync(journalOf(join(folder, 'busy'))); i += 1) await sleep(20);
    const second = await run(['scan', 'slow', '-o', 'busy', '--resume'], folder);
    expect(second.code).toBe(2);
    expect(second.stderr).toContain('another kbdiag scan');
    first.kill('SIGINT');
    await ended;
  }, 60_000);

  it.skipIf(!canMount())(
    'that is full ends the scan, and what is done stays',
    async () => {
      mkdirSync(join(folder, 'small'), { recursive: true });
      const script = `mount -t tmpfs -o size=300k tmpfs small && "$0" "$@"; code=$?; ls small/out/reports/many | wc -l; tail -c 1 small/out/.kbdiag/journal.ndjson | od -An -c; exit $code`;
      const child = spawn(
        'unshare',
        ['-rm', 'sh', '-c', script, process.execPath, PROGRAM, ...args('small/out')],
        { cwd: folder },
      );
      const { code, stdout, stderr } = await outcomeOf(child);
      expect(code).toBe(74);
      expect(stderr).toMatch(/ENOSPC|no space/i);
      expect(stderr).toContain('kbdiag scan --resume many');
      const [reports = '', last = ''] = stdout.trim().split('\n').slice(-2);
      expect(Number(reports)).toBeGreaterThan(3);
      expect(last.trim()).toBe('\\n');
    },
    60_000,
  );
});
