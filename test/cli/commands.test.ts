import { describe, expect, it } from 'vitest';
import { TOOL } from '../../src/report/tool.ts';
import { rules } from '../../rules/index.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { arpCapture, run, write } from './kbdiag.ts';

const folder = temporaryFolder();
write(folder, 'arp.pcap', arpCapture(3));
const kbdiag = (...args: string[]) => run(args, folder);

it('tells its version', async () => {
  expect(await kbdiag('--version')).toMatchObject({ code: 0, stdout: `${TOOL.version}\n`, stderr: '' });
});

it.each([[['--help']], [['analyze', '--help']], [['help', 'rules']]])(
  '%j is help on standard output',
  async (args) => {
    const { code, stdout, stderr } = await kbdiag(...args);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^Usage: kbdiag /);
  },
);

it('shows help on standard error when called with nothing', async () => {
  const { code, stdout, stderr } = await kbdiag();
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain('Usage: kbdiag');
});

describe('info', () => {
  it('shows what a capture is', async () => {
    const { code, stdout, stderr } = await kbdiag('info', 'arp.pcap');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/format\s+pcap\n/);
    expect(stdout).toMatch(/packets\s+3\n/);
    expect(stdout).toMatch(/first\s+1998-01-01T00:00:00\.123456Z\n/);
    expect(stdout).toMatch(/\b3\s+100 %\s+ARP/);
  });

  it('gives the same as JSON, from a pipe too', async () => {
    const { stdout } = await run(['info', '-', '-f', 'json'], folder, {}, arpCapture(4));
    expect(JSON.parse(stdout)).toMatchObject({
      schema: 'kbdiag-info/1',
      captures: [{ packets: 4 }],
      counts: { arp: 4 },
    });
  });

  it('exits as analyze does', async () => {
    expect((await kbdiag('info', 'missing.pcap')).code).toBe(3);
    write(folder, 'cut.pcap', arpCapture(2).subarray(0, -1));
    expect((await kbdiag('info', 'cut.pcap')).code).toBe(4);
  });
});

describe('rules', () => {
  it.each([[['rules']], [['rules', 'list']]])('%j lists them', async (args) => {
    const { code, stdout } = await kbdiag(...args);
    expect(code).toBe(0);
    for (const { meta } of rules) expect(stdout).toContain(meta.article.id);
  });

  it.each(rules.map(({ meta }) => meta.article.id))('show %s has every option', async (article) => {
    const { code, stdout } = await kbdiag('rules', 'show', article);
    expect(code).toBe(0);
    const meta = rules.find((rule) => rule.meta.article.id === article)?.meta;
    for (const name of Object.keys(meta?.options ?? {})) expect(stdout).toContain(`${article}.${name}`);
    expect(stdout).toContain('capture.reorderMillis');
  });

  it.each(rules.map(({ meta }) => meta.article.id))('explain %s', async (article) => {
    const { code, stdout, stderr } = await kbdiag('explain', article.toLowerCase());
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(new RegExp(`^${article}: `));
    expect(stdout).not.toMatch(/[{}]/);
  });
});
