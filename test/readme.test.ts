/** What the README shows is what the program does. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { EXIT } from '../src/cli/exit.ts';
import { run } from './cli/kbdiag.ts';

const root = fileURLToPath(new URL('../', import.meta.url));
const readme = readFileSync(`${root}README.md`, 'utf8');

/** The indented block after a line that contains a text. */
function blockAfter(text: string): string[] {
  const lines = readme.split('\n');
  const start = lines.findIndex((line) => line.includes(text)) + 1;
  const end = lines.findIndex((line, at) => at > start && line !== '' && !line.startsWith('    '));
  return lines.slice(start, end).map((line) => line.slice(4));
}

it('its first command prints the output that it shows', async () => {
  const [, command = ''] = /^ {4}npm ci && node bin\/kbdiag\.js (.+)$/m.exec(readme) ?? [];
  const { code, stdout } = await run(command.split(' '));
  expect(code).toBe(0);
  const shown = blockAfter('What kbdiag prints')
    .join('\n')
    .trim()
    .split(/\n *\[…\]\n/);
  expect(shown.length).toBeGreaterThan(1);
  let at = 0;
  for (const part of shown) {
    const found = stdout.indexOf(`${part}\n`, at);
    expect({ part, isPrinted: found >= at }).toEqual({ part, isPrinted: true });
    at = found + part.length;
  }
  expect(stdout.startsWith(shown[0] ?? '-')).toBe(true);
  expect(stdout.slice(at).trim()).toBe('');
});

it('its table has every option of analyze, and no other', async () => {
  const { stdout } = await run(['analyze', '--help']);
  const optionsIn = (text: string) => [...new Set(text.match(/--[a-z][a-z-]*/g))].toSorted();
  const table = readme.slice(readme.indexOf('Options of `analyze`'), readme.indexOf('`kbdiag rules show'));
  expect(optionsIn(table)).toEqual(optionsIn(stdout).filter((name) => name !== '--help'));
});

it('its exit codes are those of the program, in order', () => {
  const codes = [...readme.matchAll(/^\| (\d+) +\|/gm)].map((match) => Number(match[1]));
  expect(codes).toEqual(Object.values(EXIT));
});

it('its links lead somewhere', () => {
  const targets = [...readme.matchAll(/\]\(([^)]+)\)/g)].map((match) => match[1] ?? '');
  expect(targets.length).toBeGreaterThan(2);
  expect(targets.filter((target) => !existsSync(root + target))).toEqual([]);
});

it('its scripts are those of the package', () => {
  const { scripts } = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as {
    readonly scripts: Readonly<Record<string, string>>;
  };
  const named = [...readme.matchAll(/npm run ([a-z][a-z:-]*)/g)].map((match) => match[1] ?? '');
  expect(named.filter((name) => scripts[name] === undefined)).toEqual([]);
});
