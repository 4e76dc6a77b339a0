/** Who called, and from where: callers whose name or Ack the capture missed, and calls of several kinds to one server. */
import { describe, expect, it } from 'vitest';
import { encode, ENCODINGS, Script, startedAt, type TimedFrame } from '../../../samples/craft/index.ts';
import { framesOf } from '../../../test/one-ethernet.ts';
import { verdictOf } from '../../../test/one-verdict.ts';
import { surestTiers } from '../../../test/surest-tiers.ts';
import { mixed } from './scenarios/look-alikes.ts';
import type { TransportKind } from './scenarios/links.ts';
import { leak } from './scenarios/positives.ts';
import { Ras, type RasFields } from './scenarios/ras.ts';
import { merged } from './scenarios/review.ts';

const STRONG = 2;
const DEFINITIVE = 3;
const CHAP_RESPONSE = [0xc2, 0x23, 2];

async function tierOf(script: Script, frames = script.timeline()): Promise<number> {
  const capture = encode(Script.recorded(script.interfaces, frames), ENCODINGS.pcapng);
  return (await surestTiers(capture)).get('Q159309') ?? 0;
}

const isName = ({ bytes }: TimedFrame): boolean =>
  bytes.some((_, at) => CHAP_RESPONSE.every((byte, further) => bytes[at + further] === byte));

/** The frames without the names that are told in a span of seconds. */
function withoutNames(script: Script, from: number, to: number): TimedFrame[] {
  const frames = script.timeline();
  const kept = frames.filter(
    (frame) => !(isName(frame) && frame.nanos > from * 1e9 && frame.nanos < to * 1e9),
  );
  expect(kept.length).toBe(frames.length - 1);
  return kept;
}

/** The text of one name in place of another of the same length. */
function renamed(script: Script, from: string, to: string): Script {
  const [old, own] = [from, to].map((name) => [...Buffer.from(name)]) as [number[], number[]];
  const frames = script.timeline().map((frame) => {
    const at = frame.bytes.findIndex((_, start) => old.every((byte, i) => frame.bytes[start + i] === byte));
    if (at < 0) return frame;
    const bytes = frame.bytes.slice();
    bytes.set(own, at);
    return { ...frame, bytes };
  });
  return Script.recorded(script.interfaces, frames);
}

/** Three callers are served, and the first hangs up. */
function threeCallers(fields: RasFields): Ras {
  return new Ras(fields).gets(2, 'u1', '.11').gets(5, 'u2', '.12').gets(9, 'u3', '.13').hangsUp(30, 'u1');
}

describe('a caller with an address of his own', () => {
  it.each(['pptp', 'pppoe', 'l2tp', 'serial'] as const)(
    'keeps it without one of his names: %s',
    async (transport) => {
      const script = renamed(mixed(transport, ['boss1', 'boss2']), 'boss2', 'boss1');
      expect(await tierOf(script)).toBeLessThan(STRONG);
      for (const at of [2, 25])
        expect.soft(await tierOf(script, withoutNames(script, at, at + 1.2)), `${at} s`).toBeLessThan(STRONG);
    },
  );
});

it('one name among many does not make an address its own', async () => {
  const script = new Ras({ modems: 6 })
    .visits([[3, 'u6', '.11']], 6)
    .visits([[14, 'u7', '.11']], 6)
    .gets(24, 'u1', '.11')
    .gets(28, 'u2', '.12')
    .gets(32, 'u3', '.13')
    .hangsUp(40, 'u1')
    .isRefused(50, 'u4', 'lcpTerminate', { code: 717 })
    .isRefused(64, 'u5', 'lcpTerminate', { code: 717 })
    .end(110);
  const whole = script.timeline();
  const first = whole.find(isName);
  const frames = whole.filter((frame) => frame === first || !isName(frame));
  expect(await tierOf(script)).toBe(DEFINITIVE);
  expect(await tierOf(script, frames)).toBe(DEFINITIVE);
});

it('a suspended caller is one, wherever he calls from', async () => {
  const ras = threeCallers({ modems: 6 })
    .isRefused(45, 'bob1', 'lcpTerminate')
    .isRefused(60, 'bob2', 'lcpTerminate')
    .hangsUp(80, 'u2')
    .gets(85, 'v2', '.12')
    .hangsUp(95, 'u3')
    .gets(100, 'v3', '.13')
    .isRefused(115, 'bob1', 'lcpTerminate');
  const script = renamed(ras.end(130), 'bob2', 'bob1');
  expect(await tierOf(script)).toBeLessThan(STRONG);
  expect(await tierOf(script, withoutNames(script, 58, 61))).toBeLessThan(STRONG);
});

describe('a caller who asks for the lost address', () => {
  it('may have got it, if he asks twice and stays', async () => {
    const ras = leak({ refusals: ['ipcpTerminate', 'ipcpTerminate'] });
    const call = ras.dials(109, 'u7', { line: 0 });
    call.opensNetwork(109.4);
    for (const at of [109.8, 112.8]) call.asks(at, '10.0.0.11');
    for (let at = 115; at < 135; at += 5) call.echoes(at, true);
    expect(await tierOf(ras.end(140))).toBeLessThan(STRONG);
  });

  it('may have got it, if he asks in vain for all that was captured, and stays', async () => {
    const ras = leak({ refusals: ['ipcpTerminate', 'ipcpTerminate'] });
    const call = ras.dials(109, 'u7', { line: 0 });
    call.opensNetwork(109.4);
    for (const at of [109.8, 112.8, 115.8]) call.asks(at, '10.0.0.11');
    for (let at = 117; at < 135; at += 5) call.echoes(at, true);
    expect(await tierOf(ras.end(140))).toBeLessThan(STRONG);
  });

  it('did not, if he asks in vain and leaves', async () => {
    const ras = leak({ refusals: ['ipcpTerminate', 'ipcpTerminate'] });
    const call = ras.dials(109, 'u7', { line: 0 });
    call.opensNetwork(109.4);
    for (const at of [109.8, 112.8, 115.8]) call.asks(at, '10.0.0.11');
    call.terminates(119, 'caller');
    expect(await tierOf(ras.end(140))).toBe(DEFINITIVE);
  });
});

it('what uses the address is known after a step of the clock', async () => {
  const frames = new Map(framesOf('Q159309')).get('review-on-lan') ?? [];
  const last = (frames.at(-1)?.nanos ?? 0) / 1e9;
  const script = new Script();
  for (const { nanos, bytes, vlans } of frames) script.at(nanos / 1e9, bytes, { vlan: vlans });
  for (const [at, { bytes, vlans }] of frames.slice(0, 20).entries())
    script.at(last + 7200 + at, bytes, { vlan: vlans });
  expect(await tierOf(script)).toBeLessThan(STRONG);
});

it('requests in vain refuse, though the clock steps after them', async () => {
  const script = leak({ refusals: ['silence', 'silence'] }).end(130);
  expect(await tierOf(script)).toBe(DEFINITIVE);
  const later = new Ras({ transport: 'l2tp' }).gets(5, 'z1', '.90').end(30).timeline();
  for (const { nanos, bytes } of later) script.at(7200 + nanos / 1e9, bytes);
  expect(await tierOf(script)).toBe(DEFINITIVE);
});

it.each([7200, -86_400])(
  'what was released without an answer stays released, though the clock steps by %d s',
  async (step) => {
    const frames = new Map(framesOf('Q159309')).get('P5-release-unacked') ?? [];
    const last = frames.at(-1) as TimedFrame;
    const later = Array.from({ length: 60 }, (_, at) => ({
      ...last,
      nanos: last.nanos + (step + at) * 1e9,
    }));
    expect(await tierOf(Script.recorded([{}], frames))).toBe(STRONG);
    expect(await tierOf(Script.recorded([{}], [...frames, ...later]))).toBe(STRONG);
  },
);

/** Without what sets up calls: the control of PPTP and L2TP, and the discovery of PPPoE. */
function withoutSetUp(script: Script): Script {
  const isSetUp = ({ bytes }: TimedFrame): boolean => {
    if (bytes[12] === 0x88) return bytes[13] === 0x63;
    return bytes[12] === 8 && (bytes[23] === 6 || (bytes[23] === 17 && ((bytes[42] ?? 0) & 0x80) !== 0));
  };
  const frames = script.timeline().filter((frame) => !isSetUp(frame));
  expect(frames.length).toBeLessThan(script.timeline().length);
  return Script.recorded(script.interfaces, frames);
}

/** What a server shows of a call that was up before the capture. */
function upAtStart(transport: TransportKind): Script {
  return startedAt(new Ras({ transport }).calls(-40, 'x9', '.99').end(130), 0);
}

/** One caller gets an address and leaves; two others are told that the pool is empty. */
function emptied(): Script {
  return new Ras({ transport: 'l2tp', modems: 6 })
    .gets(8, 'v1', '.12')
    .hangsUp(30, 'v1')
    .isRefused(60, 'v4', 'lcpTerminate', { code: 717 })
    .isRefused(80, 'v5', 'lcpTerminate', { code: 717 })
    .end(130);
}

it('a server that says that its pool is empty is not cleared, though nothing tells whose the address is', async () => {
  expect(await verdictOf('Q159309', withoutSetUp(emptied()))).toMatchObject({
    verdict: 'inconclusive',
    observed: { undecided: { tooFew: 1 } },
  });
});

describe('calls of two kinds to one server', () => {
  it('share its pool', async () => {
    const one = new Ras({ transport: 'pptp', modems: 6 }).gets(5, 'u1', '.11').end(130);
    expect(await tierOf(merged(withoutSetUp(one), withoutSetUp(emptied())))).toBe(DEFINITIVE);
  });

  it('count as up at the start, whichever they are', async () => {
    expect(await tierOf(leak().end(130))).toBe(DEFINITIVE);
    expect(await tierOf(merged(leak().end(130), upAtStart('l2tp')))).toBe(1);
  });
});

describe('a server in another VLAN', () => {
  /** Frames of a server's calls, in VLAN 6. */
  const inVlan = (script: Script): Script =>
    Script.recorded(
      script.interfaces,
      script.timeline().map((frame) => ({ ...frame, vlans: [6] })),
    );

  it.each(['pptp', 'pppoe'] as const)(
    'that one call shows gives the address again: %s',
    async (transport) => {
      const one = new Ras({ transport }).gets(33, 'w1', '.11').end(130);
      const again = inVlan(withoutSetUp(one));
      expect(await tierOf(leak({ transport }).end(130))).toBe(DEFINITIVE);
      expect(await tierOf(merged(leak({ transport }).end(130), again))).toBe(0);
    },
  );

  it.each(['pptp', 'l2tp', 'pppoe'] as const)('has calls up at the start: %s', async (transport) => {
    expect(await tierOf(merged(leak({ transport }).end(130), inVlan(upAtStart(transport))))).toBe(1);
  });

  it('has calls of the other kind up at the start', async () => {
    expect(await tierOf(merged(leak().end(130), inVlan(upAtStart('l2tp'))))).toBe(1);
  });
});

describe('one lost name', () => {
  it.each(['pptp', 'serial', 'pppoe'] as const)('hides no fault: %s', async (transport) => {
    const script = threeCallers({ transport, modems: 8 })
      .isRefused(45, 'u4', 'ipcpTerminate')
      .isRefused(60, 'u5', 'ipcpTerminate')
      .hangsUp(80, 'u2')
      .gets(85, 'v2', '.12')
      .end(130);
    expect(await tierOf(script, withoutNames(script, 84, 86))).toBe(DEFINITIVE);
  });

  /** An address that is kept for one caller, who comes twice or more; the pool is full when others are refused. */
  const kept = (address: string, visits: number): Script => {
    const ras = new Ras({ transport: 'serial', modems: 8 });
    for (let visit = 0; visit < visits; visit += 1)
      ras.gets(2 + 6 * visit, 'boss', address).hangsUp(5 + 6 * visit, 'boss');
    return ras
      .gets(32, 'u1', '.11')
      .gets(35, 'u2', '.12')
      .gets(39, 'u3', '.13')
      .isRefused(45, 's1', 'lcpTerminate')
      .isRefused(60, 's2', 'lcpTerminate')
      .hangsUp(80, 'u2')
      .gets(85, 's1', '.12')
      .hangsUp(95, 'u3')
      .gets(100, 's2', '.13')
      .end(130);
  };

  it('makes no lost address of one that is kept for a caller', async () => {
    const script = kept('.14', 2);
    expect(await tierOf(script)).toBe(0);
    expect(await tierOf(script, withoutNames(script, 7, 12))).toBe(0);
  });

  it('and another make no two callers of one', async () => {
    const script = kept('.50', 3);
    const frames = withoutNames(script, 7, 12);
    const twoLost = frames.filter((frame) => !(isName(frame) && frame.nanos > 13e9 && frame.nanos < 18e9));
    expect(twoLost.length).toBe(frames.length - 1);
    expect(await tierOf(script, twoLost)).toBe(0);
  });

  it('does not hide that an address was left', async () => {
    const script = threeCallers({ modems: 8 })
      .hangsUp(35, 'u2')
      .isRefused(45, 's1', 'lcpTerminate')
      .isRefused(60, 's2', 'lcpTerminate')
      .gets(66, 'x2', '.12')
      .hangsUp(95, 'u3')
      .gets(100, 'v3', '.13')
      .end(130);
    expect(await tierOf(script, withoutNames(script, 65, 66.5))).toBe(0);
  });
});

describe('a server that says that its pool is empty', () => {
  const FULL = { code: 717 } as const;

  it('is cleared where the pool is full beside the address of one caller', async () => {
    const script = new Ras({ modems: 6 })
      .visits([[2, 'boss', '.50']], 3)
      .gets(8, 'u1', '.11')
      .gets(11, 'u2', '.12')
      .gets(14, 'u3', '.13')
      .isRefused(50, 'u4', 'lcpTerminate', FULL)
      .isRefused(64, 'u5', 'lcpTerminate', FULL)
      .end(130);
    expect(await verdictOf('Q159309', script)).toMatchObject({ verdict: 'clear' });
  });

  it('is cleared where an address has only just come back', async () => {
    const script = new Ras({ modems: 6 })
      .gets(8, 'u1', '.11')
      .isRefused(50, 'u4', 'lcpTerminate', FULL)
      .hangsUp(62, 'u1')
      .isRefused(64, 'u5', 'lcpTerminate', FULL)
      .end(130);
    expect(await verdictOf('Q159309', script)).toMatchObject({ verdict: 'clear' });
  });
});
