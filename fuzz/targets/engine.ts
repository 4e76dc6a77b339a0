/** Mutated captures through the engine: one, several as a timeline, a period of one, and runs of ordinary packets against single ones. */
import type { Random } from '../../samples/craft/index.ts';
import { HostFilter } from '../../src/engine/host-filter.ts';
import { joined } from '../../samples/craft/bytes.ts';
import { outcomeOf } from '../../test/engine/outcome.ts';
import { CaptureError } from '../../src/capture/errors.ts';
import { conversations } from '../input/conversation.ts';
import type { Library } from '../input/library.ts';
import { analysed } from './analysis.ts';
import { changeCapture } from './readers.ts';
import { hashOf, must, type Seed, type Target } from './target.ts';

const seeds = (library: Library): readonly Seed[] => library.captures;
const fresh = (seed: number): Uint8Array => conversations(seed, 1)[0] as Uint8Array;
const shared = { extension: 'bin', isGuided: true, seeds, fresh, change: changeCapture };

/** Between the captures of one input. */
const SEAM = Buffer.from('\n-- and --\n', 'latin1');

function split(bytes: Uint8Array): Uint8Array[] {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const parts: Uint8Array[] = [];
  let from = 0;
  for (let to = buffer.indexOf(SEAM); to >= 0 && parts.length < 7; to = buffer.indexOf(SEAM, from)) {
    parts.push(bytes.subarray(from, to));
    from = to + SEAM.length;
  }
  parts.push(bytes.subarray(from));
  return parts;
}

const SIZES: readonly number[] = [64, 1000, 4096, 65_536, 1 << 20];

async function runEngine(bytes: Uint8Array): Promise<void> {
  const once = await analysed([{ bytes, path: 'memory' }]);
  const pieceBytes = SIZES[hashOf(bytes) % SIZES.length] as number;
  const again = await analysed([{ bytes, path: 'memory', pieceBytes }]);
  must((once === null) === (again === null), 'a capture is one twice');
  if (once === null || again === null) return;
  // How much is got of a broken compressed stream depends on the pieces it came in.
  if (once.report.captures[0]?.damaged?.code === 'bad-compression') return;
  must(JSON.stringify(once.report) === JSON.stringify(again.report), 'a capture gives the same report twice');
}

async function runRuns(bytes: Uint8Array): Promise<void> {
  try {
    const oneByOne = await outcomeOf(bytes, false);
    const inRuns = await outcomeOf(bytes, true);
    must(inRuns.report === oneByOne.report, 'runs of ordinary packets give what single ones do');
  } catch (error) {
    if (!(error instanceof CaptureError)) throw error;
  }
}

async function runTimeline(bytes: Uint8Array): Promise<void> {
  const parts = split(bytes);
  const given = parts.length === 1 ? [bytes, bytes] : parts;
  const inputs = given.map((part, index) => ({ bytes: part, path: `file${index}` }));
  const merged = await analysed(inputs);
  if (merged === null) return;
  const { captures, failures } = merged.result;
  must(captures.length + failures.length === inputs.length, 'every file is a capture or a failure');
  for (const { file, packets, damage } of captures) {
    const alone = await analysed([inputs[file] as (typeof inputs)[0]]);
    must(alone !== null, 'what is read with others is read alone');
    const [capture] = alone.result.captures;
    if (damage?.code === 'bad-compression') continue;
    must(capture?.packets === packets, 'no packet is lost among others');
    must(JSON.stringify(capture?.damage) === JSON.stringify(damage), 'damage is told among others');
  }
}

const HOSTS = new Map(['10.0.0.77', '00:60:8c:2a:10:77'].map((host) => [host, host]));

/** A period and hosts that depend on the input. */
async function runPeriod(bytes: Uint8Array): Promise<void> {
  const hash = hashOf(bytes);
  const hosts = (hash & 3) === 0 ? { hosts: new HostFilter(HOSTS) } : {};
  const from = (hash >>> 2) % 120;
  const lasts = (hash >>> 9) % 300;
  const outcome = await analysed([{ bytes, path: 'memory' }], {
    ...hosts,
    withInventory: true,
    period: ({ seconds, nanos, precision }) => ({
      from: (hash & 4) === 0 ? null : { seconds: seconds + from, nanos, precision },
      to: (hash & 8) === 0 ? null : { seconds: seconds + from + lasts, nanos, precision },
    }),
  });
  if (outcome === null) return;
  const { captures, period, findings } = outcome.result;
  must(period !== undefined, 'the period is told');
  for (const { packets, examined } of captures)
    must((examined?.packets ?? 0) <= packets, 'a part is not more than all');
  for (const { frames } of findings) {
    for (const { time } of frames) {
      if (time === null) continue;
      if (period.from !== null)
        must(time.seconds >= period.from.seconds, 'nothing before the period is cited');
      if (period.to !== null) must(time.seconds <= period.to.seconds, 'nothing behind the period is cited');
    }
  }
}

/** Two or three captures behind one another, some of them the same one changed. */
function changeFiles(bytes: Uint8Array, random: Random, donor: Uint8Array): Uint8Array {
  const parts = split(bytes);
  if (parts.length === 1) parts.push(random.chance(0.5) ? bytes : (split(donor)[0] as Uint8Array));
  const at = random.integer(0, parts.length - 1);
  parts[at] = changeCapture(parts[at] as Uint8Array, random, split(donor)[0] as Uint8Array);
  return joined(parts.flatMap((part, index) => (index === 0 ? [part] : [SEAM, part])));
}

export const ENGINE: readonly Target[] = [
  { ...shared, name: 'engine', share: 4, run: runEngine },
  { ...shared, name: 'engine-runs', share: 2, run: runRuns },
  { ...shared, name: 'engine-timeline', share: 2, change: changeFiles, run: runTimeline },
  { ...shared, name: 'engine-period', share: 1, run: runPeriod },
];
