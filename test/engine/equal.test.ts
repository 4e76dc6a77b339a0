/** The same capture gives the same report: twice, in pieces of any size, in every format, and cut into a ring of files. */
import { describe, expect, it } from 'vitest';
import { rules } from '../../rules/index.ts';
import { scenarios as duplicates } from '../../rules/addressing/q120599-duplicate-ip-address/scenarios.ts';
import { type Encoding, encode, ENCODINGS, Script, vlanTagged } from '../../samples/craft/index.ts';
import { analyze } from '../../src/engine/analyze.ts';
import { essence, overused, run, verdictOf } from './run.ts';

const P1 = overused();
const D1 = (duplicates.find((scenario) => scenario.name === 'D1') ?? duplicates[0])?.build() ?? new Script();

const CAPTURES: ReadonlyArray<readonly [name: string, script: Script]> = [
  ['Q151387 P1', P1],
  ['Q120599 D1', D1],
];

describe.each(CAPTURES)('%s', (_name, script) => {
  it('gives the same result twice', async () => {
    const bytes = encode(script);
    const once = await analyze([{ bytes, path: 'a.pcap' }], { rules });
    const again = await analyze([{ bytes, path: 'a.pcap' }], { rules });
    expect(once.findings.length).toBeGreaterThan(0);
    expect(JSON.stringify(again)).toBe(JSON.stringify(once));
  });

  it.each([ENCODINGS.pcap, ENCODINGS.pcapngBigNano])(
    'gives the same result in pieces of any size (%#)',
    async (encoding) => {
      const bytes = encode(script, encoding);
      const whole = JSON.stringify(await analyze([{ bytes, path: 'a' }], { rules }));
      for (const pieceBytes of [1, 7, 64, 4096]) {
        expect(JSON.stringify(await analyze([{ bytes, path: 'a', pieceBytes }], { rules }))).toBe(whole);
      }
    },
  );

  it.each(Object.entries(ENCODINGS).filter(([, encoding]) => !('linkType' in encoding)))(
    'gives the same findings as %s',
    async (_format, encoding: Encoding) => {
      const plain = await run(script);
      const other = await run(script, encoding);
      expect(plain.findings.length).toBeGreaterThan(0);
      expect(essence(other)).toEqual(essence(plain));
      expect(
        other.verdicts.map(({ article, verdict, observed }) => ({ article, verdict, observed })),
      ).toEqual(plain.verdicts.map(({ article, verdict, observed }) => ({ article, verdict, observed })));
    },
  );

  it('gives the same findings from three files of a ring, in any order, cited by file', async () => {
    const frames = script.timeline();
    const third = Math.ceil(frames.length / 3);
    const inputs = [0, 1, 2].map((at) => ({
      bytes: encode(Script.recorded(script.interfaces, frames.slice(at * third, (at + 1) * third))),
      path: `ring${at}.pcap`,
    }));
    const whole = await run(script);
    const withoutFrames = (findings: typeof whole.findings) =>
      findings.map(({ frames: _frames, ...finding }) => finding);
    for (const order of [
      [0, 1, 2],
      [2, 0, 1],
    ]) {
      const ring = await analyze(
        order.map((at) => inputs[at] as (typeof inputs)[0]),
        { rules },
      );
      expect(withoutFrames(ring.findings)).toEqual(withoutFrames(whole.findings));
      const numbers = ring.findings.map((finding) =>
        finding.frames.map(({ file, number }) => (order[file] as number) * third + number),
      );
      expect(numbers).toEqual(whole.findings.map((finding) => finding.frames.map(({ number }) => number)));
      expect(
        new Set(ring.findings.flatMap((finding) => finding.frames.map(({ file }) => file))).size,
      ).toBeGreaterThan(1);
      expect(ring.verdicts).toEqual(whole.verdicts);
    }
  });
});

describe('cooked captures', () => {
  it('of version 2 show ARP as Ethernet does, but to no rule where a frame went', async () => {
    expect(essence(await run(D1, ENCODINGS.sll2))).toEqual(essence(await run(D1)));
    // Whether the tap saw unicast to the client cannot be known without a destination MAC address.
    expect((await run(P1, ENCODINGS.sll2)).findings.map((finding) => finding.tier)).toEqual(['suggestive']);
  });

  it('of version 1 allow no more than suggestive where stations are meant', async () => {
    const result = await run(D1, ENCODINGS.sll);
    expect(
      result.findings.filter((finding) => finding.kind === 'fault').map((finding) => finding.tier),
    ).toEqual(['suggestive']);
    expect(verdictOf(result, 'Q120599').verdict).toBe('suspected');
  });
});

describe('a lease', () => {
  it('goes on across the sections of a pcapng', async () => {
    const middle = Math.floor(P1.timeline().length / 2);
    const result = await run(P1, ENCODINGS.pcapngTwoSections);
    const [finding] = result.findings;
    expect(finding?.tier).toBe('definitive');
    const numbers = finding?.frames.map(({ number }) => number) ?? [];
    expect(numbers.some((number) => number <= middle)).toBe(true);
    expect(numbers.some((number) => number > middle)).toBe(true);
    expect(result.health.clockEpochs).toBe(0);
  });

  it('is not that of another network on the same wire', async () => {
    const frames = P1.timeline();
    const half = frames.map((frame, at) =>
      at > frames.length / 2 ? { ...frame, bytes: vlanTagged(frame.bytes, [9]) } : frame,
    );
    const result = await run(Script.recorded(P1.interfaces, half));
    expect(result.findings.filter((finding) => finding.tier === 'definitive')).toEqual([]);
  });
});

describe('drops', () => {
  const withDrops = (fraction: number): Script =>
    Script.recorded([{ name: 'lan0', drops: { fraction } }], P1.timeline());

  it.each([
    [0.001, 'strong'],
    [0.05, 'suggestive'],
  ])('of a share of %d leave %s', async (fraction, tier) => {
    const result = await run(withDrops(fraction), ENCODINGS.pcapng);
    expect(result.findings.map((finding) => finding.tier)).toEqual([tier]);
    expect(result.health.drops.packets).toBeGreaterThan(0);
  });

  it.each([
    // P1: the lease runs from 1 s to 121 s, T1 is at 61 s, the last use at 205 s.
    ['inside the span', 90, 'suggestive'],
    ['before it', 30, 'strong'],
  ])('located %s', async (_name, seconds, tier) => {
    const frames = P1.timeline();
    const marked = frames.findIndex((frame) => frame.nanos >= seconds * 1e9);
    const located = frames.map((frame, at) => (at === marked ? { ...frame, dropsBefore: 1 } : frame));
    const result = await run(Script.recorded([{ name: 'lan0' }], located), ENCODINGS.pcapng);
    expect(result.health.drops).toMatchObject({ packets: 1, located: 1 });
    expect(result.findings.map((finding) => finding.tier)).toEqual([tier]);
  });
});
