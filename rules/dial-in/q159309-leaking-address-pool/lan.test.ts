/** What the LAN shows of a lost address stays shown, whatever happens to the recorder afterwards (rules 0.2, 4.5). */
import { describe, expect, it } from 'vitest';
import { Host, Script, TERMINATE_CAUSE, type TimedFrame, withGap } from '../../../samples/craft/index.ts';
import { framesOf } from '../../../test/one-ethernet.ts';
import { verdictOf } from '../../../test/one-verdict.ts';
import { Accounting } from './scenarios/accounting.ts';
import { gone } from './scenarios/lan-view.ts';
import { lanServer } from './scenarios/links.ts';

/** The file server pings the lost address in vain until 116 s; the caller was last heard at 30 s. */
const FRAMES = new Map(framesOf('Q159309')).get('P10') ?? [];
const LOST = '10.0.0.11';
const [ONE, OTHER] = ['71', '72'].map(
  (last) => new Host({ mac: `00:a0:c9:77:00:${last}`, ip: `10.0.0.${last}` }),
) as [Host, Host];

async function tiersOf(script: Script): Promise<string[]> {
  const { findings } = await verdictOf('Q159309', script);
  return findings.map(({ tier }) => tier);
}

/** The frames of the first `until` seconds, then `later` ones and those of other stations, one a second, from a time on. */
function followed(until: number, resumed: number, later: readonly Uint8Array[] = []): Script {
  const early = FRAMES.filter(({ nanos }) => nanos <= until * 1e9);
  const of = (bytes: Uint8Array, at: number): TimedFrame => ({
    ...(early[0] as TimedFrame),
    nanos: (resumed + at) * 1e9,
    bytes,
    mark: null,
  });
  const others = Array.from({ length: 70 }, () => ONE.arpRequest(OTHER.ip));
  return Script.recorded([{}], [...early, ...[...later, ...others].map(of)]);
}

it('is strong alone', async () => {
  expect(await tiersOf(Script.recorded([{}], FRAMES))).toEqual(['strong']);
});

it('is strong, though the recorder stands still after it', async () => {
  expect(await tiersOf(followed(130, 190))).toEqual(['strong']);
});

/** The accounting of the callers of `lan`; the one whose address is lost hangs up at a time. */
function accounted(lan: ReturnType<typeof gone>, stopsAt: number): ReturnType<typeof gone> {
  new Accounting(lan.script, { nas: lan.server })
    .accepts(0.6, 'u1')
    .starts(0.9, 'u1', '.11')
    .accepts(1.1, 'u2')
    .starts(1.3, 'u2', '.12')
    .stops(stopsAt, 'u1', '.11', { seconds: 30, cause: TERMINATE_CAUSE.lostCarrier });
  return lan;
}

it('is seen behind many pings in vain before the release', async () => {
  const after = { unreachableAt: [200, 220, 240, 260, 280], arpAt: [199, 240, 279], endSeconds: 300 };
  const lan = accounted(gone(after), 150);
  for (let at = 40; at < 110; at += 1) lan.unreachable(at, '.11');
  expect(await tiersOf(lan.end(300))).toEqual(['strong']);
});

it('is seen though many ask at once, or others whose answers take another way', async () => {
  const lan = accounted(gone(), 31);
  const hosts = [91, 92, 93, 94].map(
    (last) => new Host({ mac: `00:a0:c9:77:00:${last}`, ip: `10.0.0.${last}` }),
  );
  for (const [at, host] of hosts.entries()) {
    lan.script.at(60 + at * 0.0001, () => host.arpRequest(LOST));
    lan.script.at(60.002 + at * 0.0001, () => lan.server.arpReply(host, { sourceIp: LOST }));
  }
  const far = new Host({ mac: '00:a0:c9:77:00:99', ip: '10.0.0.99' });
  for (const at of [70, 75, 80, 85]) lan.script.at(at, () => far.arpRequest(LOST));
  expect(await tiersOf(lan.end(130))).toEqual(['strong']);
});

it('is none of an address that the server no longer answered for until it gave it again', async () => {
  const lan = accounted(gone({ arpAt: [25] }), 31);
  for (const at of [50, 51, 52, 90, 91, 92]) lan.script.at(at, () => lan.fileServer.arpRequest(LOST));
  lan.proxied(240, '.11');
  expect(await tiersOf(lan.end(250))).toEqual([]);
});

it('is only suggestive if the server answers for the address after the recorder stood still alone', async () => {
  const script = accounted(gone({ arpAt: [25] }), 31)
    .proxied(240, '.11')
    .end(250);
  expect(await tiersOf(script)).toEqual(['strong']);
  expect(await tiersOf(withGap(script, 130, 190))).toEqual(['suggestive']);
});

describe.each([7200, -86_400])('though the clock steps to %d s after it', (resumed) => {
  it('keeps its tier', async () => {
    expect(await tiersOf(followed(130, resumed))).toEqual(['strong']);
  });

  it('is nothing if the address comes back to life', async () => {
    const back = new Host({ mac: lanServer().mac, ip: LOST, ttl: 127 });
    expect(await tiersOf(followed(130, resumed, [back.ping(ONE, 1)]))).toEqual([]);
  });

  it('is nothing if the server answers for many, or for an address without traffic', async () => {
    const asker = gone().fileServer;
    const many = Array.from({ length: 80 }, (_, at) =>
      lanServer().arpReply(asker, { sourceIp: `10.0.0.${100 + at}` }),
    );
    expect(await tiersOf(followed(130, resumed, many))).toEqual([]);
    expect(await tiersOf(followed(130, resumed, many.slice(0, 3)))).toEqual([]);
  });

  it('is nothing if the server no longer answers for the address', async () => {
    const asker = gone().fileServer;
    const questions = Array.from({ length: 5 }, () => asker.arpRequest(LOST));
    expect(await tiersOf(followed(130, resumed, questions))).toEqual([]);
    const answered = questions.flatMap((question) => [
      question,
      lanServer().arpReply(asker, { sourceIp: LOST }),
    ]);
    expect(await tiersOf(followed(130, resumed, answered))).toEqual(['strong']);
  });

  it('is no more than suggestive if the address is given again', async () => {
    const { script, server } = gone();
    const before = script.timeline().length;
    new Accounting(script, { nas: server }).accepts(200, 'u3').starts(201, 'u3', '.11');
    const given = script
      .timeline()
      .slice(before)
      .map(({ bytes }) => bytes);
    expect(given.length).toBeGreaterThan(1);
    expect(await tiersOf(followed(130, resumed, given))).toEqual([]);
  });

  it('is nothing if the silence was too short', async () => {
    expect(await tiersOf(followed(97, resumed))).toEqual(['strong']);
    expect(await tiersOf(followed(85, resumed))).toEqual([]);
  });

  it('is no more than suggestive if nothing else was heard in the last part of the silence', async () => {
    const isOfLost = ({ bytes }: TimedFrame): boolean =>
      bytes.some(
        (_, at) => at >= 26 && [10, 0, 0, 11].every((byte, further) => bytes[at + further] === byte),
      );
    const script = followed(130, resumed);
    const alone = script
      .timeline()
      .filter(
        (frame, at) => frame.nanos < 80e9 || frame.nanos > 130e9 || isOfLost(frame) || at > FRAMES.length,
      );
    expect(await tiersOf(Script.recorded([{}], alone))).toEqual(['suggestive']);
  });
});
