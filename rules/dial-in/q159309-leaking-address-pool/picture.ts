/** What the picture of a dial-in server shows: who held which address of its pool when, what is missed, and who was refused. */
import type { Series } from '../../../src/engine/result.ts';
import { eventSeries, stateSeries } from '../../../src/engine/series.ts';
import { formatIpv4 } from '../../../src/wire/ipv4.ts';
import type { PoolVerdict } from './judge-pool.ts';
import type { LanLoss } from './lan.ts';

/** Rows of a picture that people still read; of lost addresses at most half. */
const MAX_ADDRESSES = 12;

export function pictureOf(server: {
  readonly name: string;
  readonly pools: readonly PoolVerdict[];
  readonly lan: readonly LanLoss[];
}): Series[] {
  return [
    ...server.pools.flatMap((verdict) => poolSeries(verdict, server.name)),
    ...server.lan.slice(0, MAX_ADDRESSES / 2).flatMap(lanSeries),
  ];
}

function poolSeries({ pool, lost, proven }: PoolVerdict, server: string): Series[] {
  const { domain, refusals } = pool.history;
  const end = domain.liveness.lastTime;
  const shown = shownAddresses(
    [...pool.byAddress.keys()],
    lost.map(({ address }) => address),
  );
  const inNeed = new Set(proven.map(({ refusal }) => refusal));
  return [
    ...shown.flatMap((address) => {
      const of = formatIpv4(address);
      const held = (pool.byAddress.get(address) ?? []).map(({ time, until }) => ({ from: time, to: until }));
      const missed = lost.filter((each) => each.address === address);
      return [
        ...stateSeries('address held', of, held),
        ...stateSeries(
          'not given again',
          of,
          missed.map(({ last }) => ({ from: last.until, to: end })),
        ),
      ];
    }),
    ...eventSeries(
      'caller refused',
      server,
      refusals.filter((refusal) => inNeed.has(refusal)).map(({ time }) => time),
    ),
    ...eventSeries(
      'caller refused otherwise',
      server,
      refusals.filter((refusal) => !inNeed.has(refusal)).map(({ time }) => time),
    ),
  ];
}

/** The lost addresses, and those of the pool that lie around them, in order. */
function shownAddresses(pool: readonly number[], lost: readonly number[]): number[] {
  const ordered = pool.toSorted((a, b) => (a >>> 0) - (b >>> 0));
  const chosen = new Set(lost.slice(0, MAX_ADDRESSES / 2));
  const first = ordered.findIndex((address) => chosen.has(address));
  const near = ordered.toSorted(
    (a, b) => Math.abs(ordered.indexOf(a) - first) - Math.abs(ordered.indexOf(b) - first),
  );
  for (const address of near) if (chosen.size < MAX_ADDRESSES) chosen.add(address);
  return ordered.filter((address) => chosen.has(address));
}

/** A caller's address on the LAN: its last packet, what is sent to it since, and what the server says. */
function lanSeries({ proxied, silenceFrom }: LanLoss): Series[] {
  const of = formatIpv4(proxied.address);
  return [
    ...eventSeries('last packet of the caller', of, [proxied.lastFrom.time]),
    ...stateSeries('nothing from it', of, [{ from: silenceFrom, to: proxied.server.lastTime }]),
    ...eventSeries('request to the address', of, proxied.requests.kept),
    ...eventSeries(
      'host unreachable',
      of,
      proxied.unreachables.kept.map(({ time }) => time),
    ),
    ...eventSeries(
      'ARP reply of the server',
      of,
      proxied.replies.kept.map(({ time }) => time),
    ),
  ];
}
