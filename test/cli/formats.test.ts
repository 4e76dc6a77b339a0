/** Reports for reading, from the built command line to a file and to standard output. */
import { copyFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, it } from 'vitest';
import { temporaryFolder } from '../temporary-folder.ts';
import { run } from './kbdiag.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const SAMPLE = 'q151387-p1-definitive.pcap';
const folder = temporaryFolder();

beforeAll(() => copyFileSync(join(root, 'samples', SAMPLE), join(folder, SAMPLE)));

it.each([
  ['html', '<!DOCTYPE html>\n<html lang="en">', '</html>\n'],
  ['markdown', '# kbdiag: 1 fault found: 1 error\n', '```\n'],
])('%s goes to a file, and to standard output, the same', async (format, begin, end) => {
  const toFile = await run(['analyze', '-f', format, '-o', `report.${format}`, SAMPLE], folder);
  expect(toFile).toMatchObject({ code: 0, stdout: '', stderr: '' });
  const text = readFileSync(join(folder, `report.${format}`), 'utf8');
  expect(text.startsWith(begin)).toBe(true);
  expect(text.endsWith(end)).toBe(true);
  expect(text).toContain('Q151387');
  const printed = await run(['analyze', '--format', format, SAMPLE], folder);
  expect(printed.code).toBe(0);
  expect(printed.stdout).toBe(text);
});

it('keeps what only these formats need out of what every run loads', () => {
  const start = readFileSync(join(root, 'dist', 'cli.cjs'), 'utf8');
  for (const [bundle, mark] of [
    ['html.cjs', 'Skip to the report'],
    ['markdown.cjs', 'too long for a comment'],
    ['index-html.cjs', 'Skip to the index'],
  ] as const) {
    expect(existsSync(join(root, 'dist', bundle))).toBe(true);
    expect(readFileSync(join(root, 'dist', bundle), 'utf8')).toContain(mark);
    expect(start).not.toContain(mark);
  }
});
