/** `kbdiag scan --watch` on folders in which something is written. */
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { ScanIndex } from '../../src/scan/index-schema.ts';
import { outcomeOf } from '../child-outcome.ts';
import { arpCapture, run, start } from '../cli/kbdiag.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { readIndex, SAMPLES } from './folder.ts';

const folder = temporaryFolder();
const FAULTY = 'q151387-p1-definitive.pcap';

/** Waits for what has to come, however slow the machine is. */
async function until<Value>(what: string, look: () => Value | null | false | undefined): Promise<Value> {
  for (let tries = 0; tries < 900; tries += 1) {
    const value = look();
    if (value !== null && value !== false && value !== undefined) return value;
    await sleep(100);
  }
  throw new Error(`this never came: ${what}`);
}

/** A watch of a folder of its own, and what it has said and written so far. */
function watch(name: string, ...more: string[]) {
  mkdirSync(join(folder, name), { recursive: true });
  const out = `${name}.out`;
  const child = start(['scan', name, '-o', out, '--watch', '--settle', '1', '-j', '2', ...more], folder);
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const ended = outcomeOf(child);
  const index = (): ScanIndex | null => {
    return existsSync(join(folder, out, 'index.json')) ? readIndex(folder, out) : null;
  };
  return {
    said: () => said,
    heard: (text: string) => until(text, () => said.includes(text)),
    row: (path: string, isWanted: (row: ScanIndex['captures'][number]) => boolean = () => true) =>
      until(`a row of ${path}`, () => index()?.captures.find((row) => row.path === path && isWanted(row))),
    index,
    end: (signal: NodeJS.Signals = 'SIGINT') => {
      child.kill(signal);
      return ended;
    },
  };
}

describe('scan --watch', () => {
  it('takes what is there, then what comes, and ends as a finished scan does', async () => {
    mkdirSync(join(folder, 'coming'));
    copyFileSync(join(SAMPLES, FAULTY), join(folder, 'coming/first.pcap'));
    const watching = watch('coming', '--fail-on', 'error', '-f', 'text');
    await watching.heard('watching');
    await watching.row('coming/first.pcap', ({ verdicts }) => verdicts['Q151387'] === 'found');
    copyFileSync(join(SAMPLES, FAULTY), join(folder, 'coming/second.pcap'));
    writeFileSync(join(folder, 'coming/third.pcap'), arpCapture(3));
    await watching.row('coming/second.pcap');
    await watching.row('coming/third.pcap');
    const { code, stdout, stderr } = await watching.end();
    expect(code).toBe(1);
    expect(stdout).toContain('3 files: 3 ok');
    expect(stderr).toContain('coming/second.pcap: 1 error (Q151387 found)');
    expect(stderr).toContain('coming/third.pcap: no fault found');
    expect(stderr).toContain('kbdiag scan --resume coming');
    expect(readIndex(folder, 'coming.out').complete).toBe(true);
    expect(existsSync(join(folder, 'coming.out/reports/coming/third.pcap.txt'))).toBe(true);
    expect(existsSync(join(folder, 'coming.out/.kbdiag/lock'))).toBe(false);
  }, 120_000);

  it('does not call damaged what is still being written, and looks again when it has grown', async () => {
    const watching = watch('growing');
    const capture = arpCapture(8);
    writeFileSync(join(folder, 'growing/live.pcap0'), capture.subarray(0, 300));
    await watching.heard('growing/live.pcap0: not whole yet');
    // A row of another one is there, and none of this one.
    writeFileSync(join(folder, 'growing/other.pcap'), arpCapture(1));
    await watching.row('growing/other.pcap');
    expect(watching.index()?.captures.map(({ path }) => path)).toEqual(['growing/other.pcap']);
    expect(watching.index()?.complete).toBe(false);
    appendFileSync(join(folder, 'growing/live.pcap0'), capture.subarray(300));
    await watching.row('growing/live.pcap0', ({ status, packets }) => status === 'ok' && packets === 8);
    appendFileSync(join(folder, 'growing/live.pcap0'), arpCapture(5).subarray(24));
    await watching.row('growing/live.pcap0', ({ packets }) => packets === 13);
    expect((await watching.end('SIGTERM')).code).toBe(0);
    expect(readIndex(folder, 'growing.out').complete).toBe(true);
  }, 120_000);

  it('keeps the rows of a ring whose files have gone, and goes on with it later', async () => {
    const watching = watch('ring');
    const nameOf = (number: number): string =>
      `ring/r_${String(number).padStart(5, '0')}_20260101120000.pcap`;
    for (let number = 1; number <= 6; number += 1) {
      writeFileSync(join(folder, nameOf(number)), arpCapture(number));
      if (number > 1) await watching.row(nameOf(number - 1));
      rmSync(join(folder, nameOf(number - 3)), { force: true });
    }
    await watching.row(nameOf(6));
    expect((await watching.end()).code).toBe(0);
    const packets = () =>
      readIndex(folder, 'ring.out').captures.map(({ path, packets: count }) => [path, count]);
    expect(packets()).toEqual([1, 2, 3, 4, 5, 6].map((number) => [nameOf(number), number]));

    const again = watch('ring', '--resume');
    writeFileSync(join(folder, nameOf(7)), arpCapture(7));
    await again.row(nameOf(7));
    await again.end();
    expect(packets()).toEqual([1, 2, 3, 4, 5, 6, 7].map((number) => [nameOf(number), number]));
    // Without --watch the index is of what is there.
    await run(['scan', 'ring', '-o', 'ring.out', '--resume'], folder);
    expect(packets()).toEqual([4, 5, 6, 7].map((number) => [nameOf(number), number]));
  }, 180_000);

  it('renews the row of a ring that is joined', async () => {
    const watching = watch('joined', '--join');
    const records = arpCapture(9).subarray(24);
    const piece = (from: number, to: number): Buffer =>
      Buffer.concat([
        arpCapture(0),
        records.subarray((records.length / 9) * from, (records.length / 9) * to),
      ]);
    const nameOf = (number: number): string => `joined/j_0000${number}_20260101120000.pcap`;
    writeFileSync(join(folder, nameOf(1)), piece(0, 3));
    writeFileSync(join(folder, nameOf(2)), piece(3, 6));
    await watching.row(nameOf(1), ({ files, packets }) => files.length === 2 && packets === 6);
    rmSync(join(folder, nameOf(1)));
    writeFileSync(join(folder, nameOf(3)), piece(6, 9));
    await watching.row(nameOf(2), ({ files, packets }) => files.length === 2 && packets === 6);
    await watching.end();
    expect(readIndex(folder, 'joined.out').captures.map(({ files }) => files)).toEqual([
      [nameOf(2), nameOf(3)],
    ]);
    // What a file told before it went stays, whoever was looking when it went.
    rmSync(join(folder, nameOf(2)));
    const again = watch('joined', '--join', '--resume');
    await again.heard('watching');
    await again.end();
    expect(readIndex(folder, 'joined.out').captures.map(({ files }) => files)).toEqual([
      [nameOf(2), nameOf(3)],
    ]);
  }, 120_000);

  it('is redacted as a scan is', async () => {
    writeFileSync(join(folder, 'key'), 'cd'.repeat(32));
    const watching = watch('secret', '--redact', '--redact-key', 'key');
    copyFileSync(join(SAMPLES, FAULTY), join(folder, 'secret/fileserver.pcap'));
    await watching.heard('secret/fileserver.pcap: 1 error');
    await watching.end();
    const journal = readFileSync(join(folder, 'secret.out/.kbdiag/journal.ndjson'), 'utf8');
    expect(journal).toContain('Q151387');
    expect(journal).not.toMatch(/secret|fileserver|10\.0\.0\.77/);
  }, 120_000);

  it('needs --watch for --settle, and seconds', async () => {
    mkdirSync(join(folder, 'none'), { recursive: true });
    expect(await run(['scan', 'none', '-o', 'x', '--settle', '5'], folder)).toMatchObject({ code: 2 });
    expect(await run(['scan', 'none', '-o', 'x', '--watch', '--settle', 'soon'], folder)).toMatchObject({
      code: 2,
    });
  });
});
