/** Hostile strings in packets, comments and file names, from the file to the report. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { rules } from '../../rules/index.ts';
import { analyze } from '../../src/engine/analyze.ts';
import { FORMATS, render } from '../../src/report/formats.ts';
import { renderInfo, toCaptureInfo } from '../../src/report/info.ts';
import { toReport } from '../../src/report/model.ts';
import type { Report } from '../../src/report/schema.ts';
import { reportSchema } from '../../src/report/schema.ts';
import { describeDevice } from '../../src/report/style.ts';
import { arpCapture, run, write } from '../cli/kbdiag.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { hostileCapture, interfaceName } from './captures.ts';
import { CHECKS } from './checks.ts';
import { HOSTILE_FILE_NAMES, HOSTILE_STRINGS } from './strings.ts';
import { textProblems, unshowable } from './unshowable.ts';

const device = describeDevice(null, {}, false);
const kinds = Object.entries(HOSTILE_STRINGS).map(([kind, texts]) => ({ kind, texts }));

describe.each(kinds)('host names, user names, comments and interfaces: $kind', ({ texts }) => {
  it('reach every format harmlessly', { timeout: 120_000 }, async () => {
    const result = await analyze([{ bytes: hostileCapture(texts), path: 'trace.pcapng' }], { rules });
    const report = toReport(result, rules);
    // The names are in the report, or this would show nothing.
    const domains = new Set(report.findings.map(({ domain }) => domain));
    const names = texts.map(interfaceName).filter((name) => name !== '');
    expect(names.filter((name) => !domains.has(name))).toEqual([]);
    expect(new Set(report.findings.map(({ article }) => article)).size).toBeGreaterThan(1);
    for (const format of FORMATS) {
      const output = await render(report, format, device, { rules, exitCode: 0 });
      expect({ format, problems: CHECKS[format]?.(output, report) }).toEqual({ format, problems: [] });
    }
    expect(textProblems(await renderInfo(toCaptureInfo(result), device))).toEqual([]);
  });
});

const folder = temporaryFolder();
const files = HOSTILE_FILE_NAMES.filter((_name, index) => index % 6 === 0 || index < 12).slice(0, 24);
// Every file has an interface and so a finding of its own, with a frame of the file.
for (const [index, name] of files.entries()) write(folder, name, hostileCapture([`lan ${index}`]));

/** What a shell makes of a line, word by word; the program is not run. */
function wordsOf(line: string): string[] {
  const script = `wireshark() { printf '%s\\0' "$@"; }\n${line}`;
  const said = execFileSync('bash', ['--norc', '-c', script], {
    cwd: folder,
    encoding: 'utf8',
    env: { LC_ALL: 'C.UTF-8' },
  });
  return said.split('\0').slice(0, -1);
}

describe('files with hostile names', { timeout: 120_000 }, () => {
  let report: Report | undefined;

  it('are many, and of many kinds', () => {
    expect(files.length).toBeGreaterThan(20);
    expect(files.some((name) => name.includes('\n'))).toBe(true);
    expect(files.some((name) => name.includes('\u001b'))).toBe(true);
    expect(HOSTILE_FILE_NAMES.some((name) => name.startsWith('-'))).toBe(true);
  });

  it.each(FORMATS)('in %s', async (format) => {
    report ??= reportSchema.parse(
      JSON.parse((await run(['analyze', '-f', 'json', '--', ...files], folder)).stdout),
    );
    expect(report.captures.map(({ path }) => path)).toEqual(files);
    const { code, stdout, stderr } = await run(['analyze', '-f', format, '--', ...files], folder);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(CHECKS[format]?.(stdout, report)).toEqual([]);
  });

  it('stand in lines that a shell reads as that file', async () => {
    const names = HOSTILE_FILE_NAMES.filter((name) => /^-|['"$`\\!\n]/.test(name)).slice(0, 10);
    for (const [index, name] of names.entries()) {
      if (!existsSync(join(folder, name))) write(folder, name, hostileCapture([`lan ${index}`]));
      const { stdout } = await run(['analyze', '--', name], folder);
      const lines = stdout.split('\n').filter((line) => line.trimStart().startsWith('wireshark -r'));
      expect(lines.length).toBeGreaterThan(0);
      for (const line of lines) {
        const [option, file = '', ...rest] = wordsOf(line);
        expect({ option, file: file.replace(/^\.\/(?=-)/, '') }).toEqual({ option: '-r', file: name });
        expect(rest).toEqual(['-Y', expect.stringMatching(/^frame\.number in \{[\d, ]+\}$/)]);
      }
    }
    expect(existsSync(join(folder, 'EVIL'))).toBe(false);
  });

  it('in kbdiag info, text and JSON', async () => {
    for (const name of files.slice(0, 8)) {
      const text = await run(['info', '--', name], folder);
      expect({ code: text.code, stderr: text.stderr }).toEqual({ code: 0, stderr: '' });
      expect(textProblems(text.stdout)).toEqual([]);
      const json = await run(['info', '-f', 'json', '--', name], folder);
      expect(unshowable(json.stdout, '\n')).toEqual([]);
      expect(JSON.parse(json.stdout)).toMatchObject({ captures: [{ path: name }] });
    }
  });
});

describe('messages on standard error', { timeout: 120_000 }, () => {
  const evil = '\u001b[2J\u009b31mEVIL\u202e\nFORGED: all is well\r\u0085FORGED';
  const typed = `-${evil}`;
  write(folder, `arp.pcap`, arpCapture(2));
  write(folder, `${evil}.cut.pcap`, arpCapture(3).subarray(0, -10));
  write(folder, `${evil}.5vw`, Buffer.alloc(64, 0xaa));
  write(folder, `${evil}.jpg`, Buffer.from('ffd8ffe000104a46494600010100000100010000ffdb004300', 'hex'));
  write(folder, `${evil}.json`, `{"${evil.replaceAll(/[\n\r]/g, '')}": 1}`);
  write(folder, `${evil}.gz`, Buffer.from('1f8b0800000000000003ffffffff', 'hex'));
  mkdirSync(join(folder, `${evil}.d`));

  it.each<readonly [what: string, args: readonly string[], code: number]>([
    ['a missing file', ['analyze', `${evil}.nix`], 3],
    ['a missing file beside another', ['analyze', 'arp.pcap', `${evil}.nix`], 4],
    ['a folder', ['analyze', `${evil}.d`], 3],
    ['a damaged file', ['analyze', `${evil}.cut.pcap`], 4],
    ['a format that is not read', ['analyze', `${evil}.5vw`], 3],
    ['no capture', ['analyze', `${evil}.jpg`], 3],
    ['a damaged gzip', ['analyze', `${evil}.gz`], 3],
    ['info of a missing file', ['info', `${evil}.nix`], 3],
    ['info of no capture', ['info', `${evil}.jpg`], 3],
    ['--hash of a folder', ['analyze', '--hash', `${evil}.d`], 2],
    ['an output in no folder', ['analyze', 'arp.pcap', '-o', `${evil}.nix/x`], 74],
    ['an output that is a folder', ['analyze', 'arp.pcap', '-o', `${evil}.d`], 74],
    ['an output that is the input', ['analyze', `${evil}.jpg`, '-o', `${evil}.jpg`], 2],
    ['a missing configuration', ['analyze', 'arp.pcap', '--config', `${evil}.nix`], 2],
    ['an option in a configuration', ['analyze', 'arp.pcap', '--config', `${evil}.json`], 2],
    ['a threshold', ['analyze', 'arp.pcap', '--set', `${evil}=1`], 2],
    ['a threshold without a value', ['analyze', 'arp.pcap', '--set', evil], 2],
    ['a rule', ['analyze', 'arp.pcap', '--rules', evil], 2],
    ['a format', ['analyze', 'arp.pcap', '-f', evil], 2],
    ['an option', ['analyze', 'arp.pcap', typed], 2],
    ['a long option', ['analyze', 'arp.pcap', `-${typed}`], 2],
    ['a command', [evil], 2],
    ['an article', ['explain', evil], 2],
    ['a rule to show', ['rules', 'show', evil], 2],
    ['a command of rules', ['rules', evil], 2],
  ])('%s', async (_what, args, code) => {
    for (const extra of [[], ['--debug']]) {
      const outcome = await run([...args, ...extra], folder);
      expect(outcome.code).toBe(code);
      expect(textProblems(outcome.stdout)).toEqual([]);
      expect(textProblems(outcome.stderr)).toEqual([]);
      // What is wrong is still said, and a line of the name is none of the message.
      expect(outcome.stderr + outcome.stdout).toContain('EVIL');
      expect(outcome.stderr).not.toMatch(/^\s*FORGED/m);
    }
  });

  it('a hint is no line that does something else than it says', async () => {
    for (const name of [`${evil}.5vw`, '-rf.5vw', "a'b $(touch EVIL).5vw"]) {
      write(folder, name, Buffer.alloc(64, 0xaa));
      const { stderr } = await run(['info', '--', name], folder);
      const [, line = ''] = /Convert it first: (editcap .*)/.exec(stderr) ?? [];
      const words = wordsOf(line.replace('editcap', 'wireshark'));
      const shown = name === `${evil}.5vw` ? 'FILE' : name.replace(/^-/, './-');
      expect(words).toEqual(['-F', 'pcap', shown, 'out.pcap']);
    }
  });
});
