/** What is recorded more than once: copies of an attempt answer nothing, and copies of others weaken nothing (rules 0.2). */
import { describe, expect, it } from 'vitest';
import { encode, Host, Script, TCP_FLAG, type TimedFrame } from '../../../samples/craft/index.ts';
import { outcomeOf } from '../../../test/engine/outcome.ts';
import { expectEqualInRuns } from '../../../test/engine/equal-in-runs.ts';
import { verdictOf } from '../../../test/one-verdict.ts';
import { surestTiers } from '../../../test/surest-tiers.ts';
import { scenarios } from './scenarios.ts';
import { type Reuse, reuse } from './scenarios/reuse.ts';

const [STRONG, DEFINITIVE] = [2, 3];

function framesOf(name: string): readonly TimedFrame[] {
  const scenario = scenarios.find((one) => one.name === name);
  if (scenario === undefined) throw new Error(`there is no scenario ${name}`);
  return scenario.build().timeline();
}

/** Every frame, once more after so many milliseconds each. */
function recorded(frames: readonly TimedFrame[], copies: readonly number[] = []): Script {
  const script = new Script();
  for (const { nanos, bytes, vlans } of frames)
    for (const millis of [0, ...copies]) script.at(nanos / 1e9 + millis / 1000, bytes, { vlan: vlans });
  return script;
}

/** What the client of the first connection sends over IPv4. */
function openersOwn(frames: readonly TimedFrame[]): TimedFrame[] {
  const sourceOf = ({ bytes }: TimedFrame): string => bytes.subarray(26, 30).join('.');
  const opener = frames.find(({ bytes }) => bytes[47] === TCP_FLAG.syn);
  return frames.filter(
    (frame) =>
      frame.bytes[12] === 8 &&
      frame.bytes[13] === 0 &&
      opener !== undefined &&
      sourceOf(frame) === sourceOf(opener),
  );
}

/** All frames, and what the client of the first connection sends once more after so many milliseconds. */
function openersTwice(frames: readonly TimedFrame[], millis: number): Script {
  const script = recorded(frames);
  for (const { nanos, bytes } of openersOwn(frames)) script.at(nanos / 1e9 + millis / 1000, bytes);
  return script;
}

const tierOf = async (script: Script): Promise<number> =>
  (await surestTiers(encode(script))).get('Q228811') ?? 0;

const A = new Host({ mac: '00:a0:c9:77:00:01', ip: '10.0.0.71' });
const B = new Host({ mac: '00:a0:c9:77:00:02', ip: '10.0.0.72' });

/** Segments of two other hosts with those flags, one every tenth of a second. */
function others(script: Script, count: number, flags: number, copyMillis: number): Script {
  for (let at = 0; at < count; at += 1) {
    const fields = { sourcePort: 2000 + at, destinationPort: 80, sequence: 5000 + at, flags };
    const frame = A.tcp(B, fields);
    script.at(1.5 + at / 10, frame);
    script.at(1.5 + at / 10 + copyMillis / 1000, frame);
  }
  return script;
}

describe('an acknowledgment from right before the SYN', () => {
  it.each([[[2, 4]], [[1.5, 3]], [[0.01, 3, 3.01]], [[0.01, 30, 30.01]], [[30, 60]], [[400]]])(
    'answers nothing where all is recorded again after %j ms',
    async (copies) => expect(await tierOf(recorded(framesOf('N18-before'), copies))).toBeLessThan(STRONG),
  );

  it.each([
    [0.01, DEFINITIVE],
    [3, DEFINITIVE],
    // What rests on absence is suggestive at most where there is a second tap.
    [30, 1],
  ])('hides no silence where all is recorded again after %d ms', async (millis, tier) => {
    const attempt = reuse({ serverPort: 443, reuseAt: 32 }).oldAck(-0.001, 'keepAlive').tries('silent');
    const frames = attempt.fresh(33, 47).end(80).timeline();
    expect(await tierOf(recorded(frames))).toBe(DEFINITIVE);
    expect(await tierOf(recorded(frames, [millis]))).toBe(tier);
  });
});

it.each([[[2, 4]], [[3]], [[4.9]], [[0.01, 3, 3.01]], [[30]], [[400]]])(
  'two acknowledgments from right before the SYN answer nothing where all is recorded again after %j ms',
  async (copies) => {
    const attempt = reuse({ serverPort: 443, reuseAt: 32 })
      .oldAck(-0.002, 'keepAlive')
      .oldAck(-0.001, 'keepAlive');
    const frames = attempt.syn(0).syn(3).accepted(3.0005).end(60).timeline();
    expect(await tierOf(recorded(frames, copies))).toBeLessThan(STRONG);
  },
);

it.each([[[3]], [[2, 4]], [[30]]])(
  'an acknowledgment from right before the SYN that the opener resets is no silence: recorded again after %j ms',
  async (copies) => {
    const attempt = reuse({ serverPort: 443, reuseAt: 32 }).oldAck(-0.001, 'keepAlive').tries('silent');
    const frames = attempt.clientRst(0.002).fresh(33, 47).end(80).timeline();
    expect(await tierOf(recorded(frames, copies))).toBeLessThan(STRONG);
  },
);

describe('copies of one direction', () => {
  it('are no answers that come later than they do', async () => {
    const attempt = reuse({ serverPort: 443, reuseAt: 32 })
      .syn(0)
      .oldAck(0.04)
      .clientRst(0.041)
      .syn(3)
      .syn(9);
    const frames = attempt.fresh(33, 47).end(80).timeline();
    expect(await tierOf(recorded(frames))).toBeGreaterThanOrEqual(STRONG);
    expect(await tierOf(openersTwice(frames, 30))).toBeGreaterThan(0);
  });

  it.each([
    [0.01, ['P1', 'P1-once', 'P4']],
    [3, ['P1']],
    [30, ['P1']],
  ] as const)('leave later answers what they are, %d ms later: %j', async (millis, names) => {
    for (const name of names) {
      const frames = framesOf(name);
      // A second tap makes less sure what rests on absence.
      const least = millis > 5 ? 1 : await tierOf(recorded(frames));
      expect.soft(await tierOf(openersTwice(frames, millis)), name).toBeGreaterThanOrEqual(least);
    }
  });
});

describe('an answer that may be a copy', () => {
  it('leaves its host undecided', async () => {
    const script = recorded(framesOf('N18-before'), [3]);
    const { observed } = await verdictOf('Q228811', script);
    expect(observed.undecided).toMatchObject({ multiPoint: 1 });
  });

  /** Of a client that opens enough connections to tell how it chooses its numbers. */
  function attempt(): Reuse {
    const made = reuse({ back: 500 });
    const { client, server } = made.old.fields;
    for (let at = 1; at <= 8; at += 1) {
      const clientIsn = 0x2c41_7a10 - 12_480 + at * 1000;
      made.lan.connection(15 + at / 2, {
        client,
        server,
        clientPort: 1200 + at,
        serverPort: 1478,
        clientIsn,
      });
    }
    return made;
  }

  it('leaves a host undecided whose numbers are sound, if the connection failed', async () => {
    const failed = attempt()
      .tries('oldAck', { syns: [0] })
      .fresh(59.5, 75)
      .end(100)
      .timeline();
    expect(await tierOf(recorded(failed))).toBe(DEFINITIVE);
    expect((await verdictOf('Q228811', openersTwice(failed, 30))).observed.undecided).toMatchObject({
      multiPoint: 1,
    });
  });

  it('leaves such a host undecided if the connection came about too late', async () => {
    const late = attempt()
      .tries('oldAck', { syns: [0] })
      .syn(3)
      .syn(9)
      .syn(21)
      .accepted(21.001)
      .end(100)
      .timeline();
    expect(await tierOf(recorded(late))).toBe(DEFINITIVE);
    expect((await verdictOf('Q228811', openersTwice(late, 30))).observed.undecided).toMatchObject({
      multiPoint: 1,
    });
  });

  it('says nothing of such a host if the connection came about', async () => {
    const accepted = attempt()
      .tries('oldAck', { syns: [0] })
      .syn(3)
      .accepted(3.001)
      .end(100)
      .timeline();
    const { findings, observed } = await verdictOf('Q228811', openersTwice(accepted, 30));
    expect(findings).toEqual([]);
    expect(observed.undecided).not.toHaveProperty('multiPoint');
  });
});

describe('copies of what others send', () => {
  it.each([
    ['FINs of a mirror', 30, TCP_FLAG.fin | TCP_FLAG.ack, 0.01],
    ['FINs of a mirror later', 30, TCP_FLAG.fin | TCP_FLAG.ack, 3],
    ['resets that are alike', 20, TCP_FLAG.rst, 1],
  ] as const)('weaken no finding: %s', async (_name, count, flags, millis) => {
    for (const name of ['P1', 'P1-once', 'P4']) {
      const frames = framesOf(name);
      const tier = await tierOf(others(recorded(frames), count, flags, millis));
      expect.soft(tier, name).toBe(await tierOf(recorded(frames)));
    }
  });

  it('tell of a second tap where there is nothing but TCP', async () => {
    const report = async (millis: number): Promise<string> =>
      (await outcomeOf(encode(others(new Script(), 40, TCP_FLAG.fin | TCP_FLAG.ack, millis)), true)).report;
    expect(await report(30)).toContain('"multiPoint":{"copies":40,"offsetMillis":30}');
    expect(await report(3)).toContain('"multiPoint":{"copies":0,"offsetMillis":null}');
  });

  it('are the same in runs, where a flood goes to the port of PPTP', async () => {
    const script = others(recorded(framesOf('P2')), 15, TCP_FLAG.fin | TCP_FLAG.ack, 30);
    for (let at = 0; at < 3000; at += 1) {
      const source = new Host({ mac: A.mac, ip: `11.${at % 200}.${at % 251}.9` });
      const fields = { sourcePort: 1024 + at, destinationPort: 1723, sequence: at, flags: TCP_FLAG.syn };
      script.at(5 + at / 1000, source.tcp(B, fields));
    }
    await expectEqualInRuns(encode(script));
  });
});
