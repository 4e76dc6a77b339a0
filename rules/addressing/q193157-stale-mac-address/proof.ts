/** What stayed unanswered in one phase, and whether it proves that nobody receives it (rules 3.2). */
import type { OptionValues } from '../../../src/engine/options.ts';
import type { MacPhase } from '../../../src/trackers/mac-phases-phase.ts';
import type { Unanswered } from '../../../src/trackers/mac-phases-traffic.ts';
import type { options } from './options.ts';

export type Thresholds = OptionValues<typeof options> & {
  readonly announceSeconds: number;
  readonly bondMacs: number;
};

export interface Proof {
  readonly frames: readonly Unanswered[];
  readonly from: number;
  readonly to: number;
  /** The capture was alive over that time. */
  readonly isAlive: boolean;
}

/** The proof that a phase holds, or null. `answersEchoes`: the address answered an echo request at some time. */
export function findProof(phase: MacPhase, thresholds: Thresholds, answersEchoes: boolean): Proof | null {
  const { unansweredFrames, unansweredSpanSeconds, aliveFrames, echoSeconds } = thresholds;
  // A deaf station's requests that are repeated are what made it look deaf; they prove nothing twice. And connections that it
  // does not accept may be filtered.
  const unanswered = phase.traffic
    .unanswered(phase.to)
    .filter((frame) => phase.kind !== 'deaf' || (frame.kind !== 'arp' && !frame.isOpening));
  // Echo requests are filtered at many hosts. They speak of a deaf one if it answered such, or hears nothing else either.
  const countEchoes = answersEchoes || unanswered.some((frame) => frame.kind !== 'echo' && !frame.isOpening);
  const frames = countEchoes ? unanswered : unanswered.filter((frame) => frame.kind !== 'echo');
  const [first] = frames;
  const last = frames.at(-1);
  if (first === undefined || last === undefined || frames.length < unansweredFrames) return null;
  if (last.time - first.time < unansweredSpanSeconds || !comeFromEnough(frames, thresholds)) return null;
  const alive = phase.alive.filter((time) => time >= first.time && time <= last.time);
  if (alive.length < aliveFrames) return null;
  const to = last.kind === 'echo' ? last.time + echoSeconds : last.time;
  return { frames, from: first.time, to, isAlive: phase.liveness.isAlive(first.time, to) };
}

/** From several flows, or from one that was sent again and again. */
function comeFromEnough(frames: readonly Unanswered[], thresholds: Thresholds): boolean {
  const flows = new Map<string, number>();
  for (const { flow, isRetransmission } of frames)
    flows.set(flow, (flows.get(flow) ?? 0) + (isRetransmission ? 1 : 0));
  return (
    flows.size >= thresholds.unansweredFlows || Math.max(...flows.values()) >= thresholds.flowRetransmits
  );
}
