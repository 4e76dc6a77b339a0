/**
 * The variants a to f of the scenario catalogue: what may happen to a capture of a fault on its way into a file. Each
 * takes a script and gives a new one; marks stay on their frames.
 */
import { ENCODINGS } from './encode.ts';
import { Random } from './random.ts';
import type { Expectation, Scenario } from './scenario.ts';
import { Script } from './script.ts';
import type { TimedFrame } from './script.ts';

/** A frame: the one with that mark, counted from 1. */
export interface Place {
  readonly mark: string;
  readonly nth?: number;
}

/** What each variant of a scenario must come to, where it is not what the scenario itself does. */
export interface VariantPlan {
  /** c: where the decisive bytes lie behind the cut. */
  readonly snapped?: Expectation;
  /** d: the file ends before this frame. */
  readonly cut: Place & { readonly expect: Expectation };
  /** e, by where the clock steps: at these seconds, or just after a frame. */
  readonly steps: Readonly<
    Record<string, { readonly at: number | readonly number[] | Place; readonly expect: Expectation }>
  >;
  /** a: where the usual loss hits what would be a finding of its own. */
  readonly lossSeed?: number;
  /** f: where its citations are not those of one network. */
  readonly doubled?: Expectation;
  /** No f: modem lines have no VLANs. */
  readonly isSerial?: boolean;
}

/** Seconds: forward by more than `epochForwardSeconds`, and back by more than `reorderMillis`. */
const CLOCK_STEPS = { ahead: 7200, back: -1800 } as const;

/** The variants a to f of a scenario as scenarios of their own: `P1-a`, `P1-e-inside-back`. */
export function variantsOf(base: Scenario, plan: VariantPlan): Scenario[] {
  const encoding = base.encoding ?? ENCODINGS.pcap;
  const variant = (
    letter: string,
    change: string,
    expect: Expectation,
    transform: (script: Script) => Script,
  ): Scenario => ({
    name: `${base.name}-${letter}`,
    title: `${base.title}; ${change}`,
    rule: base.rule,
    expect,
    build: () => transform(base.build()),
    encoding,
  });
  const { judged: _judged, ...uncounted } = base.expect;
  const { cites: _cites, ...uncited } = uncounted;
  const { findings, notices } = base.expect;
  const steps = Object.entries(plan.steps).flatMap(([place, { at, expect }]) =>
    Object.entries(CLOCK_STEPS).map(([direction, seconds]) =>
      variant(`e-${place}-${direction}`, `the clock steps ${direction}, ${place}`, expect, (script) =>
        withClockSteps(script, secondsOf(script, at), seconds),
      ),
    ),
  );
  const twice = { findings: 2 * findings, ...(notices === undefined ? {} : { notices: 2 * notices }) };
  const all = [
    variant('a', '1 % of the frames lost', { ...uncited, atMost: true }, (script) =>
      withLoss(script, 0.01, plan.lossSeed),
    ),
    variant('b', 'every frame twice, 50 µs apart', base.expect, (script) => withDuplicates(script)),
    {
      ...variant('c', 'cut at 96 bytes', plan.snapped ?? base.expect, (script) => script),
      encoding: { ...encoding, snapLength: CUT_SNAP_LENGTH },
    },
    variant('d', `ends before ${plan.cut.mark}`, plan.cut.expect, (script) => cutBefore(script, plan.cut)),
    ...steps,
  ];
  if (plan.isSerial) return all;
  return [
    ...all,
    variant('f', 'in two VLANs', plan.doubled ?? { ...uncounted, ...twice }, (script) => inTwoVlans(script)),
  ];
}

/** `variantsOf` of those scenarios that have a plan, by name. */
export function variantsOfAll(
  scenarios: readonly Scenario[],
  plans: Readonly<Record<string, VariantPlan>>,
): Scenario[] {
  return scenarios.flatMap((scenario) => {
    const plan = plans[scenario.name];
    return plan ? variantsOf(scenario, plan) : [];
  });
}

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

/** d: ends before a frame. */
export function cutBefore(script: Script, place: Place): Script {
  return remade(script, (frames) => frames.slice(0, positionOf(script, place)));
}

/** Index of a marked frame in the timeline. Throws where there is none. */
export function positionOf(script: Script, { mark, nth = 1 }: Place): number {
  const number = script.frameNumbers().get(mark)?.[nth - 1];
  if (number === undefined) throw new RangeError(`no frame ${nth} is marked ${mark}`);
  return number - 1;
}

/** e: from each of these seconds on, the recorder's clock is off by one step more. The order of the frames stays. */
export function withClockSteps(script: Script, atSeconds: readonly number[], stepSeconds: number): Script {
  const step = Math.round(stepSeconds * 1e9);
  return remade(script, (frames) =>
    frames.map((frame) => {
      const passed = atSeconds.filter((at) => frame.nanos >= at * 1e9).length;
      return passed === 0 ? frame : { ...frame, nanos: frame.nanos + passed * step };
    }),
  );
}

export function withClockStep(script: Script, atSeconds: number, stepSeconds: number): Script {
  return withClockSteps(script, [atSeconds], stepSeconds);
}

/** Just after a frame is a microsecond after it. */
function secondsOf(script: Script, at: number | readonly number[] | Place): readonly number[] {
  if (typeof at === 'number') return [at];
  if (!('mark' in at)) return at;
  return [((script.timeline()[positionOf(script, at)]?.nanos ?? 0) + 1000) / 1e9];
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
