/**
 * The variants a to f of the scenario catalogue: what may happen to a capture of a fault on its way into a file. Each
 * takes a script and gives a new one; marks stay on their frames.
 */
import { Random } from './random.ts';
import { Script } from './script.ts';
import type { TimedFrame } from './script.ts';

/** a: loses each frame with the given probability. */
export function withLoss(script: Script, probability = 0.01, seed = 7): Script {
  const random = new Random(seed);
  return remade(script, (frames) => frames.filter(() => !random.chance(probability)));
}

/** b: every frame twice, as a SPAN port that mirrors both directions gives them. */
export function withDuplicates(script: Script, microseconds = 50): Script {
  const delay = microseconds * 1000;
  return remade(script, (frames) =>
    frames
      .flatMap((frame) => [frame, { ...frame, nanos: frame.nanos + delay, mark: null }])
      .toSorted((one, other) => one.nanos - other.nanos),
  );
}

/** c is an encoding: `{ snapLength: 96 }`. */
export const CUT_SNAP_LENGTH = 96;

/** d: ends before the first frame with this mark. */
export function cutBefore(script: Script, mark: string): Script {
  return remade(script, (frames) => {
    const end = frames.findIndex((frame) => frame.mark === mark);
    if (end < 0) throw new RangeError(`no frame is marked ${mark}`);
    return frames.slice(0, end);
  });
}

/** e: from `atSeconds` on, the recorder's clock is off by `stepSeconds`. The order of the frames stays. */
export function withClockStep(script: Script, atSeconds: number, stepSeconds: number): Script {
  const step = Math.round(stepSeconds * 1e9);
  return remade(script, (frames) =>
    frames.map((frame) => (frame.nanos >= atSeconds * 1e9 ? { ...frame, nanos: frame.nanos + step } : frame)),
  );
}

/**
 * f: everything in two VLANs. The second is later by more than the 2 s within which a recurring packet counts as the copy
 * of a second tap (rules 0.2).
 */
export function inTwoVlans(
  script: Script,
  vlans: readonly [number, number] = [20, 30],
  delayMillis = 2500,
): Script {
  const delay = delayMillis * 1e6;
  return remade(script, (frames) =>
    frames
      .flatMap((frame) => [
        { ...frame, vlans: [vlans[0], ...frame.vlans] },
        { ...frame, vlans: [vlans[1], ...frame.vlans], nanos: frame.nanos + delay, mark: null },
      ])
      .toSorted((one, other) => one.nanos - other.nanos),
  );
}

/** Leaves out what was sent in [from, to): a recorder that stood still. */
export function withGap(script: Script, fromSeconds: number, toSeconds: number): Script {
  return remade(script, (frames) =>
    frames.filter((frame) => frame.nanos < fromSeconds * 1e9 || frame.nanos >= toSeconds * 1e9),
  );
}

/** Leaves out what was sent before `seconds`: a trace that was started late. */
export function startedAt(script: Script, seconds: number): Script {
  return remade(script, (frames) => frames.filter((frame) => frame.nanos >= seconds * 1e9));
}

function remade(script: Script, change: (frames: readonly TimedFrame[]) => readonly TimedFrame[]): Script {
  return Script.recorded(script.interfaces, change(script.timeline()));
}
