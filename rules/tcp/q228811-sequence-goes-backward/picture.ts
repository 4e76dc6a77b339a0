/** What the picture of a host's numbers shows: them against time, the steps backward, and the attempts that hung. */
import type { CaptureTime, Series } from '../../../src/engine/result.ts';
import { sequenceSeries } from '../../../src/engine/series.ts';
import type { IsnSeries } from '../../../src/trackers/isn-series.ts';
import type { TupleReuse } from '../../../src/trackers/tuple-reuse.ts';
import { formatIpv4 } from '../../../src/wire/ipv4.ts';
import type { Host } from './host.ts';

type Point = readonly [number, number];

/** Attempts drawn of one host: more of them only cover each other. */
const MAX_ATTEMPTS = 2;

/** `secondsOf` gives a time of the capture as the trackers count it. */
export function pictureOf(
  host: Host,
  proven: readonly TupleReuse[],
  secondsOf: (time: CaptureTime) => number,
): Series[] {
  return [
    ...host.series.flatMap((series) => numbersOf(series, secondsOf)),
    ...proven.slice(0, MAX_ATTEMPTS).flatMap(attemptOf),
  ];
}

function numbersOf(series: IsnSeries, secondsOf: (time: CaptureTime) => number): Series[] {
  const numbers: Point[] = [];
  const backward: Point[] = [];
  for (const { firstTime, points, backwardPoints } of series.stretches) {
    const start = secondsOf({ seconds: firstTime, nanos: 0, precision: 0 });
    const timed = points.map(([time, number]): Point => [start + time, number]);
    numbers.push(...timed);
    backward.push(...backwardPoints.flatMap((at) => timed.slice(at, at + 1)));
  }
  const host = formatIpv4(series.address);
  return [
    ...sequenceSeries(series.role === 'client' ? 'isn of SYNs' : 'isn of SYN/ACKs', host, numbers),
    ...sequenceSeries('isn backward', host, backward),
  ];
}

/** What the peer still expects on the tuple, and the SYNs that it does not take. */
function attemptOf({ old, syns, firstTime, acceptedTime, opener, responder, ports }: TupleReuse): Series[] {
  const tuple = `${formatIpv4(opener)}:${ports >>> 16} to ${formatIpv4(responder)}:${ports & 0xffff}`;
  const accepted = Number.isNaN(acceptedTime) ? undefined : syns.findLast(({ time }) => time <= acceptedTime);
  const refused = syns.filter((syn) => syn !== accepted && !(syn.time > acceptedTime));
  const last = refused.at(-1)?.time ?? firstTime;
  const closed = Number.isNaN(old.closeTime) ? firstTime : old.closeTime;
  return [
    ...sequenceSeries('number expected by the peer', tuple, [
      [closed, old.expected],
      [Math.max(last, Number.isNaN(acceptedTime) ? last : acceptedTime), old.expected],
    ]),
    ...sequenceSeries(
      'SYN not accepted',
      tuple,
      refused.map(({ time, isn }): Point => [time, isn]),
    ),
    ...sequenceSeries('SYN accepted', tuple, accepted === undefined ? [] : [[accepted.time, accepted.isn]]),
  ];
}
