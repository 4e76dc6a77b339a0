/** Peers behind a router, both sides of which one mirror port shows: its copies of a packet are no second sender (rules 0.2). */
import { describe, expect, it } from 'vitest';
import { Host, macBytes, type TimedFrame } from '../../../samples/craft/index.ts';
import { framesOf, recorded } from '../../../test/one-ethernet.ts';
import { behindRouter, bothSidesOf } from '../../../test/router-mirror.ts';
import { verdictOf } from '../../../test/one-verdict.ts';
import { surestTiers } from '../../../test/surest-tiers.ts';
import { END_SECONDS, MAC_A, MAC_B, Stage } from './stage-scenarios.ts';

const ROUTER = { mac: '00:04:9a:10:00:fe', ip: '10.0.0.254' };
const PEERS = [
  { mac: '00:50:04:2c:77:10', ip: '10.0.0.10' },
  { mac: '00:50:04:2c:77:11', ip: '10.0.0.11' },
];
/** A family of MAC addresses that is shared by design. */
const VRRP = { ...ROUTER, mac: '00:00:5e:00:01:07' };

type Place = (typeof PEERS)[number];

const hasSource = (bytes: Uint8Array, mac: string): boolean =>
  macBytes(mac).every((byte, at) => bytes[6 + at] === byte);

const tierOf = async (frames: readonly TimedFrame[]): Promise<number> =>
  (await surestTiers(recorded(frames))).get('Q193157') ?? 0;

describe.each([
  ['a router', ROUTER],
  ['a pair of routers', VRRP],
])('behind %s', (_name, router) => {
  it.each(framesOf('Q193157'))('%s is what it is before it', async (_scenario, frames) => {
    const far = behindRouter(router, PEERS, frames);
    expect(await tierOf(bothSidesOf(router.mac, far))).toBe(await tierOf(far));
  });
});

it('an address whose packets come from a router in the end, and no more from itself, is undecided', async () => {
  const stage = new Stage({ host: new Host({ mac: MAC_A, ip: '10.0.0.20', ttl: 100 }) });
  stage.healthy();
  stage.sendEach([21, 30, 60, 90, 120, 150], () => stage.x.pong(stage.reader, 7, { sourceMac: stage.macB }));
  const { findings, observed } = await verdictOf('Q193157', stage.end(END_SECONDS));
  expect(findings).toEqual([]);
  expect(observed.undecided).toMatchObject({ notOnLink: 1 });
});

it.each(['P1', 'P2', 'P3'])('%s is what it is if the new MAC address begins with a probe', async (name) => {
  const frames = new Map(framesOf('Q193157')).get(name) ?? [];
  const last = frames.findLast(({ bytes }) => hasSource(bytes, MAC_A))?.nanos ?? 0;
  const host = new Host({ mac: MAC_B, ip: '10.0.0.20', ttl: 3 });
  const probe = { ...(frames[0] as TimedFrame), nanos: last + 1e6, bytes: host.ping(PEERS[0] as Place, 9) };
  const probed = [...frames, probe].toSorted((a, b) => a.nanos - b.nanos);
  expect(await tierOf(probed)).toBe(await tierOf(frames));
});

it('there are faults that send by way of it', async () => {
  for (const name of ['P1', 'P3', 'P4', 'P5', 'P6']) {
    const far = behindRouter(ROUTER, PEERS, new Map(framesOf('Q193157')).get(name) ?? []);
    expect(bothSidesOf(ROUTER.mac, far).length).toBeGreaterThan(far.length + 10);
    expect(await tierOf(far)).toBeGreaterThan(0);
  }
});
