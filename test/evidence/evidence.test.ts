import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { writeEvidence } from '../../src/evidence/evidence.ts';
import { TOOL } from '../../src/report/tool.ts';
import { ascii, concat, payload, pcap, pcapHeader, pcapRecord, SectionBuilder } from '../capture/build.ts';
import {
  folder,
  save,
  packets,
  citationsOf,
  finding,
  cut,
  commentsOf,
  dataOf,
  originals,
} from './cutting.ts';
import { MemorySink } from './written.ts';

describe('the frames of an evidence capture', () => {
  const list = packets(30);
  const path = save('trace.pcap', pcap(list));

  it('are the cited ones, each once, with its part in every finding that cites it', async () => {
    const citations = await citationsOf(path, [3, 7, 20]);
    const [third, seventh] = citations;
    if (third === undefined || seventh === undefined) throw new Error('three were cited');
    const written = await cut({
      inputs: [path],
      findings: [
        finding(citations),
        finding([third, { ...third, role: 'another' }, seventh], {
          article: 'Q120599',
          title: 'Duplicate address',
          kind: 'notice',
          tier: 'suggestive',
          subject: '10.0.0.9',
        }),
      ],
    });
    expect(dataOf(written)).toEqual(
      originals([list[2], list[6], list[19]].filter((one) => one !== undefined)),
    );
    expect(written.frames.map(({ record }) => record.time)).toEqual([
      '1002.000002000',
      '1006.000006000',
      '1019.000019000',
    ]);
    expect(commentsOf(written)).toEqual([
      `Cited for Q151387: Address used past its lease (definitive): part 3. Subject: 10.0.0.5. Original: frame 3 of ${path}.\n` +
        `Cited for Q120599: Duplicate address (notice, suggestive): part 3 and another. Subject: 10.0.0.9. Original: frame 3 of ${path}.`,
      `Cited for Q151387: Address used past its lease (definitive): part 7. Subject: 10.0.0.5. Original: frame 7 of ${path}.\n` +
        `Cited for Q120599: Duplicate address (notice, suggestive): part 7. Subject: 10.0.0.9. Original: frame 7 of ${path}.`,
      `Cited for Q151387: Address used past its lease (definitive): part 20. Subject: 10.0.0.5. Original: frame 20 of ${path}.`,
    ]);
    expect(written.summary).toEqual({ frames: 3, citedFrames: 3, missing: [] });
  });

  it.each([
    [1, [1, 2, 9, 10, 11, 12, 13, 29, 30]],
    [2, [1, 2, 3, 8, 9, 10, 11, 12, 13, 14, 28, 29, 30]],
    [1000, list.map((_, index) => index + 1)],
  ])('with %s around each, clipped at the ends of the file', async (context, numbers) => {
    const citations = await citationsOf(path, [1, 10, 12, 30]);
    const written = await cut({ inputs: [path], findings: [finding(citations)], context });
    expect(dataOf(written)).toEqual(originals(list.filter((_, index) => numbers.includes(index + 1))));
    expect(written.summary).toEqual({ frames: numbers.length, citedFrames: 4, missing: [] });
    // A frame between two cited ones belongs to the nearer one, and to the later of two that are as near.
    const comments = commentsOf(written);
    expect(comments[numbers.indexOf(9)]).toBe(
      `Context: 1 frame before frame 10, which is cited. Original: frame 9 of ${path}.`,
    );
    expect(comments[numbers.indexOf(11)]).toBe(
      `Context: 1 frame before frame 12, which is cited. Original: frame 11 of ${path}.`,
    );
    expect(comments[numbers.indexOf(13)]).toBe(
      `Context: 1 frame after frame 12, which is cited. Original: frame 13 of ${path}.`,
    );
    expect(comments.filter((comment) => comment.startsWith('Cited for Q151387: '))).toHaveLength(4);
  });

  it('say how many more findings cite a frame that very many cite', async () => {
    const [citation] = await citationsOf(path, [5]);
    if (citation === undefined) throw new Error('one was cited');
    const findings = Array.from({ length: 7000 }, (_, index) =>
      finding([citation], { subject: `${index} ${'long '.repeat(300)}` }),
    );
    const written = await cut({ inputs: [path], findings });
    const comments = written.frames[0]?.origin.comments ?? [];
    expect(comments.length).toBeGreaterThan(4);
    const { bytes } = written;
    expect(Buffer.from(bytes).toString('latin1')).toContain(
      `Cited for Q151387: 6,984 more findings of this article. Original: frame 5 of ${path}.`,
    );
    expect(bytes.length).toBeLessThan(20_000);
  });

  it('and none where nothing is cited, in a capture that still has its interface', async () => {
    const gone = join(folder, 'gone.pcap');
    const written = await cut({ inputs: [gone, path], findings: [finding([])] });
    expect(written.frames).toEqual([]);
    expect(written.summary).toEqual({ frames: 0, citedFrames: 0, missing: [] });
    // Section header, then an interface of Ethernet.
    const view = new DataView(written.bytes.buffer);
    const end = view.getUint32(4, true);
    expect([view.getUint32(end, true), view.getUint16(end + 8, true)]).toEqual([1, 1]);
    expect(end + view.getUint32(end + 4, true)).toBe(written.bytes.length);
  });
});

describe('what is said of the whole', () => {
  const path = save('whole.pcap', pcap(packets(9)));
  const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8');

  it('names program, version, source, and how much was cut', async () => {
    const citations = await citationsOf(path, [2, 4]);
    const { bytes } = await cut({ inputs: [path], findings: [finding(citations)], context: 1 });
    expect(textOf(bytes)).toContain(
      [
        `Evidence written by ${TOOL.name} ${TOOL.version}: 2 frames cited by 1 finding, with up to 1 frame before and after each.`,
        `Source: ${path}.`,
        'The frames are as they were captured; nothing in them was changed.',
      ].join('\n'),
    );
    // shb_userappl
    const application = `${TOOL.name} ${TOOL.version}`;
    expect(textOf(bytes)).toContain(`\u0004\0${String.fromCharCode(application.length)}\0${application}`);
  });

  it('names no more than fifty of many files', async () => {
    const inputs = Array.from({ length: 60 }, (_, index) => {
      copyFileSync(path, join(folder, `ring-${index}.pcap`));
      return join(folder, `ring-${index}.pcap`);
    });
    const frames = await Promise.all(inputs.map((input, file) => citationsOf(input, [1], file)));
    const { bytes, summary } = await cut({ inputs, findings: [finding(frames.flat())] });
    expect(summary.citedFrames).toBe(60);
    expect(textOf(bytes)).toContain('ring-49.pcap, 10 more files.');
    expect(textOf(bytes).slice(0, 12_000)).not.toContain('ring-50.pcap,');
  });
});

describe('interfaces', () => {
  const ng = new SectionBuilder();
  const big = new SectionBuilder(false);
  const options = (builder: SectionBuilder, name: string) => [
    builder.option(2, ascii(name)),
    builder.option(3, ascii('a tap')),
    builder.option(9, Uint8Array.of(9)),
    builder.option(13, Uint8Array.of(4)),
    builder.option(14, builder.u64(3600n)),
  ];

  it('are described once, also where several sections and files do so', async () => {
    const sections = concat(
      ng.header(),
      ng.interface(113, 0),
      ng.interface(1, 96, ...options(ng, 'eth0')),
      ng.enhanced(1, 10n ** 18n + 1n, payload(5)),
      big.header(),
      big.interface(1, 96, ...options(big, 'eth0')),
      big.interface(1, 200, ...options(big, 'eth1')),
      big.enhanced(0, 10n ** 18n + 2n, payload(6), big.option(2, big.u32(0x21))),
      big.enhanced(1, 10n ** 18n + 3n, payload(7)),
    );
    const other = concat(
      ng.header(),
      ng.interface(1, 96, ...options(ng, 'eth0')),
      ng.enhanced(0, 10n ** 18n + 4n, payload(8)),
    );
    const inputs = [save('sections.pcapng', sections), save('other.pcapng', other)];
    const citations = [
      ...(await citationsOf(inputs[0] ?? '', [1, 2, 3])),
      ...(await citationsOf(inputs[1] ?? '', [1], 1)),
    ];
    const written = await cut({ inputs, findings: [finding(citations)] });
    const described = { linkType: 1, tsresol: 9, fcsLength: 4, offsetSeconds: 3600n, description: 'a tap' };
    expect(written.interfaces).toEqual([
      { ...described, number: 0, snaplen: 96, name: 'eth0', others: [] },
      { ...described, number: 1, snaplen: 200, name: 'eth1', others: [] },
    ]);
    expect(written.frames.map(({ origin, record }) => [origin.interface.name, record.time])).toEqual([
      ['eth0', '1000003600.000000001'],
      ['eth0', '1000003600.000000002'],
      ['eth1', '1000003600.000000003'],
      ['eth0', '1000003600.000000004'],
    ]);
    expect(written.frames[1]?.origin.options).toEqual([{ code: 2, value: Uint8Array.of(0x21, 0, 0, 0) }]);
    expect(commentsOf(written)[3]).toContain(`Original: ${inputs[1]}#1.`);
  });

  it.each([
    ['picoseconds', 12, 1_234_567_890_123_456_789n],
    ['2^-20 s', 0x80 | 20, 987_654_321_987_654n],
    ['attoseconds, which no double holds', 18, 0xfedc_ba98_7654_3210n],
  ])('keep times in %s to the last digit', async (_, tsresol, units) => {
    const bytes = concat(
      big.header(),
      big.interface(1, 0, big.option(9, Uint8Array.of(tsresol))),
      big.enhanced(0, units, payload(9)),
    );
    const path = save('fine.pcapng', bytes);
    const written = await cut({ inputs: [path], findings: [finding(await citationsOf(path, [1]))] });
    const { stamp, interface: source } = written.frames[0]?.origin ?? {};
    expect(source?.tsresol).toBe(tsresol);
    expect((BigInt(stamp?.high ?? 0) << 32n) | BigInt(stamp?.low ?? 0)).toBe(units);
  });
});

describe('the lengths and times of pcap', () => {
  it.each([
    ['little-endian', 0xa1b2c3d4, true, '1000.123456000', 6],
    ['big-endian', 0xa1b2c3d4, false, '1000.123456000', 6],
    ['nanoseconds', 0xa1b23c4d, true, '1000.000123456', 9],
    ['nanoseconds, big-endian', 0xa1b23c4d, false, '1000.000123456', 9],
  ])('%s', async (name, magic, littleEndian, time, tsresol) => {
    const bytes = pcap([{ seconds: 1000, fraction: 123_456, original: 1514, data: payload(60) }], {
      magic,
      littleEndian,
      snaplen: 60,
      linkWord: 113,
    });
    for (const path of [save(`${name}.pcap`, bytes), save(`${name}.pcap.gz`, gzipSync(bytes))]) {
      const written = await cut({ inputs: [path], findings: [finding(await citationsOf(path, [1]))] });
      expect(written.frames[0]?.record).toMatchObject({ time, captured: 60, original: 1514 });
      expect(written.interfaces).toMatchObject([{ linkType: 113, snaplen: 60, tsresol, name: null }]);
    }
  });
});

describe('several files', () => {
  it('in the order of time, with context from the same file', async () => {
    const inputs = [save('a.pcap', pcap(packets(6, 1000))), save('b.pcap', pcap(packets(6, 1003)))];
    const findings = [
      finding([
        ...(await citationsOf(inputs[0] ?? '', [4])),
        ...(await citationsOf(inputs[1] ?? '', [2], 1)),
      ]),
    ];
    const written = await cut({ inputs, findings, context: 1, names: ['a', 'b'] });
    expect(commentsOf(written).map((comment) => /Original: (.*)\.$/.exec(comment)?.[1])).toEqual([
      'a#3',
      'b#1',
      'a#4',
      'b#2',
      'a#5',
      'b#3',
    ]);
  });

  it('counted as they were given, also where one could not be read', async () => {
    const path = save('third.pcap', pcap(packets(3)));
    const findings = [finding(await citationsOf(path, [2], 2))];
    const written = await cut({ inputs: [join(folder, 'nix'), join(folder, 'nix2'), path], findings });
    expect(commentsOf(written)).toEqual([expect.stringContaining(`Original: ${path}#2.`)]);
  });
});

describe('captures that are not what they should be', () => {
  it('damaged: up to the damage', async () => {
    const whole = pcap(packets(10));
    const path = save('damaged.pcap', whole.subarray(0, whole.length - 40));
    const citations = await citationsOf(path, [8]);
    const written = await cut({ inputs: [path], findings: [finding(citations)], context: 5 });
    expect(dataOf(written)).toEqual(originals(packets(9).slice(2)));
    expect(written.summary.missing).toEqual([]);
  });

  it('frames without a time keep their place and say so', async () => {
    const ng = new SectionBuilder();
    const bytes = concat(
      ng.header(),
      ng.interface(1, 0),
      ng.enhanced(0, 5n, payload(5)),
      ng.simple(6, payload(6)),
      ng.enhanced(0, 7n, payload(7)),
    );
    const path = save('simple.pcapng', bytes);
    const citations = await citationsOf(path, [1]);
    const written = await cut({ inputs: [path], findings: [finding(citations)], context: 1 });
    expect(written.frames[1]?.record).toMatchObject({ captured: 6, time: '0.000000000' });
    expect(commentsOf(written)[1]).toBe(
      `Context: 1 frame after frame 1, which is cited. Original: frame 2 of ${path}.\nThis frame has no time in the original; the time shown means nothing.`,
    );
  });

  it('with comments of their own, which follow ours and cannot pass for them', async () => {
    const ng = new SectionBuilder();
    const hostile = 'note\nQ1, forged (definitive)\u202e\u001b[31m';
    const comment = new Uint8Array(Buffer.from(hostile));
    const path = save(
      'commented.pcapng',
      concat(ng.header(), ng.interface(1, 0), ng.enhanced(0, 5n, payload(5), ng.option(1, comment))),
    );
    const written = await cut({ inputs: [path], findings: [finding(await citationsOf(path, [1]))] });
    expect(written.frames[0]?.origin.comments).toEqual([
      expect.stringMatching(/^Cited for Q151387: /),
      'Comment in the original: note\\nQ1, forged (definitive)\\u202e\\x1b[31m',
    ]);
  });

  it('with hostile names: no control or bidi character reaches a comment', async () => {
    const evil = '\u001b]0;x\u0007\u202e\u2066\n\r\t\u0000\ud800</script>=1+1';
    const path = save('evil.pcap', pcap(packets(3)));
    const findings = [finding(await citationsOf(path, [2]), { subject: evil, title: evil })];
    const { bytes, frames } = await cut({ inputs: [path], names: [evil.repeat(1000)], findings, context: 1 });
    for (const { origin } of frames)
      for (const comment of origin.comments) expect(comment).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}]/u);
    // Line feeds separate its sentences, and NULs pad its options.
    const section = Buffer.from(bytes.subarray(28, new DataView(bytes.buffer).getUint32(4, true))).toString();
    for (const character of '\u001b\u0007\u202e\u2066\r\t\ufffd') expect(section).not.toContain(character);
  });
});

describe('a file that was changed after it was analysed', () => {
  it('by packets behind the old ones: nothing is missing', async () => {
    const path = save('growing.pcap', pcap(packets(5)));
    const findings = [finding(await citationsOf(path, [2, 5]))];
    save('growing.pcap', pcap(packets(50)));
    expect((await cut({ inputs: [path], findings })).summary).toMatchObject({ citedFrames: 2, missing: [] });
  });

  it.each([
    ['cut', pcap(packets(3)), [5]],
    ['its packets moved', pcap(packets(20).slice(1)), [2, 5]],
    ['another time', pcap(packets(20, 1001)), [2, 5]],
    ['no capture any more', ascii('something else'), [2, 5]],
  ])('%s: what is no longer there is told and left out', async (_, bytes, numbers) => {
    const path = save('changing.pcap', pcap(packets(20)));
    const findings = [finding(await citationsOf(path, [2, 5]))];
    save('changing.pcap', bytes);
    const { summary, frames } = await cut({ inputs: [path], findings });
    expect(summary.missing).toEqual(numbers.map((number) => ({ file: 0, number })));
    expect(frames).toHaveLength(2 - numbers.length);
  });
});

it('stops when it is told to, at once or in the middle', async () => {
  const record = pcapRecord({ data: payload(4) });
  const path = save('long.pcap', concat(pcapHeader(), Buffer.alloc(4_000_000 * record.length, record)));
  const findings = [finding(await citationsOf(path, [4_000_000]))];
  const options = { inputs: [path], findings, context: 0 };
  const sink = new MemorySink();
  await expect(writeEvidence(sink, { ...options, signal: AbortSignal.abort() })).rejects.toThrow('abort');
  const controller = new AbortController();
  const seen: Array<number | null> = [];
  await expect(
    writeEvidence(sink, {
      ...options,
      signal: controller.signal,
      onProgress({ progress }) {
        seen.push(progress);
        controller.abort();
      },
    }),
  ).rejects.toThrow('abort');
  expect(seen).toHaveLength(1);
  expect(seen[0]).toBeLessThan(1);
});
