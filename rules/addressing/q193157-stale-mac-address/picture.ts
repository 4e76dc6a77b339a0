/** What the picture of an address shows: which MAC address its frames came from, which one ARP named, and what went there in vain. */
import type { CaptureTime, FrameCitation, Series } from '../../../src/engine/result.ts';
import { eventSeries, stateSeries } from '../../../src/engine/series.ts';
import { formatMac } from '../../../src/wire/mac.ts';
import type { AssessedPhase } from './assess.ts';

/** `secondsOf` gives a time of the capture as the trackers count it. */
export function pictureOf(
  assessed: readonly AssessedPhase[],
  secondsOf: (time: CaptureTime) => number,
): Series[] {
  const at = (frame: FrameCitation | null) => (frame?.time ? [secondsOf(frame.time)] : []);
  // A change there and back has the same two MAC addresses in every phase; each is one row.
  const macs = [...new Set(assessed.flatMap(({ phase }) => [phase.oldMac, phase.newMac]))];
  return macs.flatMap((mac) => {
    const of = formatMac(mac);
    const asOld = assessed.filter(({ phase }) => phase.oldMac === mac);
    const asNew = assessed.filter(({ phase }) => phase.newMac === mac);
    return [
      ...stateSeries('frames come from', of, [...before(asOld), ...during(asNew)]),
      ...eventSeries(
        'ARP names it',
        of,
        asOld.flatMap(({ phase }) => [
          ...at(phase.before.arp),
          ...phase.staleArpFrames.flatMap((frame) => at(frame)),
        ]),
      ),
      ...eventSeries(
        'ARP request repeated',
        of,
        asNew.flatMap(({ phase }) => phase.requestFrames.flatMap((frame) => at(frame))),
      ),
      ...eventSeries(
        'answer to a broadcast',
        of,
        asNew.flatMap(({ phase }) => at(phase.broadcastAnswer)),
      ),
      ...eventSeries(
        'announcement',
        of,
        asNew.map(({ phase }) => phase.announcedAt),
      ),
      ...eventSeries(
        'frame to it unanswered',
        of,
        asOld.flatMap(({ proof }) => (proof?.frames ?? []).map(({ time }) => time)),
      ),
      ...eventSeries(
        'frame from it',
        of,
        asNew.flatMap(({ phase }) => phase.alive),
      ),
    ];
  });
}

/** The stretches on the old MAC address before each change, and after a return; a deaf station never changed it. */
function before(assessed: readonly AssessedPhase[]): Array<{ from: number; to: number }> {
  const phases = assessed.map(({ phase }) => phase).filter(({ kind }) => kind !== 'deaf');
  const spans: Array<{ from: number; to: number }> = [];
  let known = Number.NEGATIVE_INFINITY;
  for (const { from, to, end, before: earlier } of phases.toSorted((a, b) => a.from - b.from)) {
    if (earlier.frames > 0) spans.push({ from: Math.max(known, from - earlier.seconds), to: from });
    known = to;
    // Nobody noted how long it stayed there.
    if (end === 'returned') spans.push({ from: to, to: Number.NaN });
  }
  // A return lasts until the next change, whose own stretch before says so already.
  return spans.filter(({ to }, at) => !Number.isNaN(to) || at === spans.length - 1);
}

function during(assessed: readonly AssessedPhase[]): Array<{ from: number; to: number }> {
  return assessed.map(({ phase: { from, to } }) => ({ from, to }));
}
