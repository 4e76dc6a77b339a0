/** The evidence of every sample, read back by what is not ours. */
import { spawnSync } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { encode, ENCODINGS } from '../../samples/craft/index.ts';
import { scenarios } from '../../rules/addressing/q120599-duplicate-ip-address/scenarios.ts';
import type { Report, ReportFrame } from '../../src/report/schema.ts';
import { outputOf } from '../capture/corpus.ts';
import { outcomeOf } from '../child-outcome.ts';
import { start } from '../cli/kbdiag.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { hasPeers, readBack } from './written.ts';

const SAMPLES = fileURLToPath(new URL('../../samples/', import.meta.url));
const folder = temporaryFolder();
const sampleFiles = readdirSync(SAMPLES)
  .filter((name) => /\.pcap/.test(name))
  .map((name) => join(SAMPLES, name));

/** Every encoding of one scenario: byte orders, precisions, link types, tags, sections. */
const [scenario] = scenarios;
const encoded = Object.entries(ENCODINGS).map(([name, encoding]) => {
  if (scenario === undefined) throw new Error('the rule has scenarios');
  const file = join(folder, `${name}.cap`);
  writeFileSync(file, encode(scenario.build(), encoding));
  return file;
});

interface Shown {
  readonly time: string;
  readonly length: string;
  readonly captured: string;
  readonly linkType: string;
  readonly interfaceName: string;
  readonly comment: string;
  readonly bytes: string;
}

/** What tshark shows of the frames of a file, all of them or some. */
async function tsharkOf(file: string, filter?: string): Promise<Shown[]> {
  const selection = filter === undefined ? [] : ['-Y', filter];
  const fields = ['time_epoch', 'len', 'cap_len', 'encap_type', 'interface_name', 'comment'];
  const lines = await outputOf('tshark', [
    ...['-r', file, '-T', 'fields', '-E', 'separator=/t'],
    ...fields.flatMap((field) => ['-e', `frame.${field}`]),
    ...selection,
  ]);
  const json = await outputOf('tshark', ['-r', file, '-T', 'jsonraw', '-j', 'frame', ...selection]);
  const raw = [...json.matchAll(/"frame_raw": \[\s*"([0-9a-f]*)"/g)].map(([, bytes = '']) => bytes);
  const rows = lines === '' ? [] : lines.replace(/\n$/, '').split('\n');
  expect(raw).toHaveLength(rows.length);
  return rows.map((row, index) => {
    const [time = '', length = '', captured = '', linkType = '', interfaceName = '', comment = ''] =
      row.split('\t');
    const bytes = raw[index] ?? '';
    // Of an interface without a name, pcapng says that much, and pcap nothing.
    const named = interfaceName === 'unknown' ? '' : interfaceName;
    return { time, length, captured, linkType, interfaceName: named, comment, bytes };
  });
}

async function analyze(...args: string[]): Promise<Report> {
  const { code, stdout, stderr } = await outcomeOf(start(['analyze', '-f', 'json', ...args], folder));
  expect({ code, stderr: stderr.replace(/.*no finding cites a frame.*\n/, '') }).toEqual({
    code: 0,
    stderr: '',
  });
  return JSON.parse(stdout) as Report;
}

/** Numbers of the cited frames of a file and those around them. */
function wantedOf(frames: readonly ReportFrame[], context: number, packets: number): number[] {
  const wanted = new Set<number>();
  for (const { number } of frames) {
    for (let near = number - context; near <= number + context; near++)
      if (near >= 1 && near <= packets) wanted.add(near);
  }
  return [...wanted].sort((a, b) => a - b);
}

const filterOf = (numbers: readonly number[]): string => `frame.number in {${numbers.join(', ') || '0'}}`;

describe.skipIf(!hasPeers)('the evidence as tshark reads it (needs tshark)', () => {
  it.each([...sampleFiles, ...encoded].map((file) => [file.slice(file.lastIndexOf('/') + 1), file]))(
    '%s: frames, times, bytes, interfaces and comments',
    async (name, file) => {
      const evidence = join(folder, `${name}.evidence.pcapng`);
      const report = await analyze(file, '--evidence', evidence, '--context', '2');
      const frames = report.findings.flatMap((finding) => finding.frames);
      const wanted = wantedOf(frames, 2, report.captures[0]?.packets ?? 0);
      const [written, original] = await Promise.all([tsharkOf(evidence), tsharkOf(file, filterOf(wanted))]);
      const withoutComment = ({ comment: _comment, ...rest }: Shown) => rest;
      expect(written.map(withoutComment)).toEqual(original.map(withoutComment));
      expect(report.evidence).toEqual({
        path: evidence,
        context: 2,
        frames: wanted.length,
        citedFrames: new Set(frames.map(({ number }) => number)).size,
        missingFrames: 0,
      });
      for (const [index, { comment }] of written.entries()) {
        const number = wanted[index];
        expect(comment).toContain(`Original: frame ${number} of ${file}.`);
        const citing = report.findings.filter((finding) =>
          finding.frames.some((frame) => frame.number === number),
        );
        if (citing.length === 0)
          expect(comment).toMatch(/^Context: [12] frames? (before|after) frame \d+, which is cited\./);
        for (const { article, title, tier, subject, kind, frames: cited } of citing) {
          const roles = cited.filter((frame) => frame.number === number).map(({ role }) => role);
          const certainty = kind === 'notice' ? `notice, ${tier}` : tier;
          expect(comment).toContain(
            `Cited for ${article}: ${title} (${certainty}): ${[...new Set(roles)].join(' and ')}. Subject: ${subject}.`,
          );
        }
      }
      for (const article of new Set(report.findings.map((finding) => finding.article))) {
        const ofArticle = report.findings.filter((finding) => finding.article === article);
        const cited = new Set(ofArticle.flatMap((finding) => finding.frames.map(({ number }) => number)));
        // As the README has it.
        const filter = `frame.comment matches "^Cited for ${article}:"`;
        const selected = await outputOf('tshark', [
          ...['-r', evidence, '-Y', filter, '-T', 'fields', '-e', 'frame.number'],
        ]);
        const numbers = selected.split('\n').filter((line) => line !== '');
        expect(numbers.map((line) => wanted[Number(line) - 1])).toEqual([...cited].sort((a, b) => a - b));
      }
      // Our own reader takes it as well, and an analysis of it runs.
      expect((await readBack(evidence)).frames).toHaveLength(wanted.length);
      expect((await analyze(evidence)).captures[0]?.packets).toBe(wanted.length);
    },
  );

  it('several files: the frames of both, as editcap and mergecap bring them together', async () => {
    const first = join(SAMPLES, 'q151387-p1-definitive.pcap');
    const parts = [join(folder, 'part-1.pcap'), join(folder, 'part-2.pcap')];
    await outputOf('editcap', ['-F', 'pcap', '-r', first, parts[0] ?? '', '1-60']);
    await outputOf('editcap', ['-F', 'pcap', first, parts[1] ?? '', '1-60']);
    const evidence = join(folder, 'parts.pcapng');
    const report = await analyze(...parts, '--evidence', evidence);
    const frames = report.findings.flatMap((finding) => finding.frames);
    expect(new Set(frames.map((frame) => frame.file)).size).toBe(2);
    const originals = await Promise.all(
      parts.map((part) =>
        tsharkOf(
          part,
          filterOf(
            wantedOf(
              frames.filter((frame) => frame.file === part),
              0,
              Infinity,
            ),
          ),
        ),
      ),
    );
    const written = await tsharkOf(evidence);
    expect(written.map(({ time, bytes }) => [time, bytes])).toEqual(
      originals.flat().map(({ time, bytes }) => [time, bytes]),
    );
    for (const { comment } of written) expect(comment).toMatch(/Original: \S+part-[12]\.pcap#\d+\./);
    expect(written.filter(({ comment }) => comment.includes('part-2.pcap#')).length).toBeGreaterThan(0);
    // Equal interfaces of both are one.
    expect(await outputOf('capinfos', [evidence])).toMatch(/Number of interfaces in file: 1\n/);
  });

  it('capinfos finds it whole, made by this program, with its facts', async () => {
    const evidence = join(folder, 'facts.pcapng');
    const file = join(SAMPLES, 'q151387-p2-second-holder.pcapng');
    const { tool, findings } = await analyze(file, '--evidence', evidence);
    const facts = await outputOf('capinfos', [evidence]);
    const cited = new Set(findings.flatMap(({ frames }) => frames.map(({ number }) => number)));
    expect(facts).toContain(`Capture application: ${tool.name} ${tool.version}\n`);
    expect(facts).toContain(
      `Evidence written by ${tool.name} ${tool.version}: ${cited.size} frames cited by`,
    );
    expect(facts).toContain(`Source: ${file}.`);
    expect(facts).toMatch(new RegExp(`Number of packets: +${cited.size}\n`));
    expect(facts).toMatch(/Name = eth0\n/);
    expect(facts).toMatch(/Time precision = nanoseconds \(9\)\n/);
  });

  it('an empty one opens too, also in tcpdump', async () => {
    const evidence = join(folder, 'none.pcapng');
    await analyze(join(SAMPLES, 'q193157-n9-answered.pcap'), '--rules', 'Q159309', '--evidence', evidence);
    expect(await outputOf('capinfos', ['-c', evidence])).toMatch(/Number of packets: +0\n/);
    expect(await outputOf('tshark', ['-r', evidence])).toBe('');
    expect(spawnSync('tcpdump', ['-r', evidence], { encoding: 'utf8' })).toMatchObject({
      status: 0,
      stdout: '',
    });
  });
});

it('has samples to show it on', () => {
  expect(sampleFiles.length).toBeGreaterThan(20);
  expect(encoded.length).toBeGreaterThan(10);
});
