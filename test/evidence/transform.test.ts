import { describe, expect, it } from 'vitest';
import { ascii, concat, payload, pcap, SectionBuilder } from '../capture/build.ts';
import { save, packets, citationsOf, finding, cut, dataOf } from './cutting.ts';

describe('a transform', () => {
  it('changes frames and interfaces; what the source says besides is left out', async () => {
    const ng = new SectionBuilder();
    const bytes = concat(
      ng.header(),
      ng.interface(1, 0, ng.option(2, ascii('secret')), ng.option(11, ascii('\0host secret'))),
      ng.enhanced(
        0,
        1n,
        payload(8),
        ng.option(1, ascii('secret')),
        ng.option(2, ng.u32(1)),
        ng.option(3, ascii('\u0002hash')),
        ng.option(4, ng.u64(3n)),
        ng.option(2988, ascii('abcdsecret')),
      ),
      ng.enhanced(0, 2n, payload(9)),
    );
    const path = save('secret.pcapng', bytes);
    const seen: unknown[] = [];
    const written = await cut({
      inputs: [path],
      names: ['capture-1'],
      findings: [finding(await citationsOf(path, [1, 2]))],
      transform: {
        frame(frame, facts) {
          seen.push([frame.length, facts]);
          // In place, as far as the end: the next record must not suffer from it.
          return frame.fill(0xee);
        },
        interface: (description) => ({ ...description, name: null, others: [] }),
      },
    });
    expect(seen).toEqual([
      [8, { file: 0, linkType: 1, originalLength: 8, fcsBytes: 0 }],
      [9, { file: 0, linkType: 1, originalLength: 9, fcsBytes: 0 }],
    ]);
    expect(dataOf(written)).toEqual(['ee'.repeat(8), 'ee'.repeat(9)]);
    expect(written.frames[0]?.origin.options.map(({ code }) => code)).toEqual([2, 4]);
    const text = Buffer.from(written.bytes).toString('latin1');
    expect(text).not.toContain('secret');
    expect(text).toContain('the capture was redacted');
  });
});

it('lets a transform see what is not written, in order', async () => {
  const inputs = ['seen-a.pcap', 'seen-b.pcap', 'seen-c.pcap'].map((name, index) =>
    save(name, pcap(packets(5, 1000 + 10 * index), { linkWord: 0x2400_0001 })),
  );
  const seen: string[] = [];
  const findings = [
    finding([
      ...(await citationsOf(inputs[1] ?? '', [3], 1)),
      ...(await citationsOf(inputs[2] ?? '', [2, 4], 2)),
    ]),
  ];
  await cut({
    inputs,
    findings,
    transform: {
      frame(bytes, { file, fcsBytes }) {
        seen.push(`${file}: frame of ${bytes.length}, ${fcsBytes}`);
        return bytes;
      },
      passOver(bytes, { file, fcsBytes }) {
        seen.push(`${file}: ${bytes.length}, ${fcsBytes}`);
      },
      interface: (description) => description,
    },
  });
  // Nothing is cited of the first file, and nothing behind the last frame that is.
  expect(seen).toEqual([
    '1: 20, 4',
    '1: 21, 4',
    '1: frame of 22, 4',
    '2: 20, 4',
    '2: frame of 21, 4',
    '2: 22, 4',
    '2: frame of 23, 4',
  ]);
});
