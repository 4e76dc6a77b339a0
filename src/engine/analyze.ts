/** From inputs to a result: opens the captures, drives the loop, keeps signals and progress alive. */
import { END, FEED, type Timeline } from '../capture/capture.ts';
import type { CaptureError } from '../capture/errors.ts';
import { InterfaceRegistry } from '../capture/interfaces.ts';
import type { LocalZone } from '../capture/local-time.ts';
import type { CaptureInput } from '../capture/open.ts';
import { openTimeline, type OverlapLimit } from '../capture/timeline.ts';
import { LINK_NAMES } from '../wire/link.ts';
import { KIND_NAMES, KIND_TCP_CONTROL, type Packet } from '../wire/packet.ts';
import { Analysis } from './analysis.ts';
import { summariseGenerators } from './generators.ts';
import { HeapGuard } from './heap-guard.ts';
import type { HostFilter } from './host-filter.ts';
import { type PeriodOf, PeriodTimeline } from './period.ts';
import type { AnalysisResult, CaptureSummary, CaptureTime } from './result.ts';
import type { Rule } from './rule.ts';

export interface AnalysisProgress {
  /** Share of the input read, 0 to 1; null where its size is unknown. */
  readonly progress: number | null;
  readonly packets: number;
  readonly bytes: number;
}

export interface AnalyzeOptions {
  readonly rules: readonly Rule[];
  /** Thresholds by full name (`Q151387.graceMinSeconds`), validated. */
  readonly overrides?: Readonly<Record<string, number>>;
  /** Leaves packets outside of a period out of the analysis. They are still read and numbered. */
  readonly period?: PeriodOf;
  /** Leaves out findings and subjects that have nothing to do with these hosts; verdicts are then about them alone. */
  readonly hosts?: HostFilter;
  /**
   * Stops the analysis; the result then covers what was read and is marked interrupted. Where the first bytes of a pipe are still
   * awaited, its reason is thrown.
   */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: AnalysisProgress) => void;
  readonly timings?: boolean;
  /** Also tells what could be recognised in other captures. */
  readonly withInventory?: boolean;
  readonly stdin?: NodeJS.ReadableStream;
  /** The zone in which times are read that a format keeps without one (Network Monitor before 2.3). */
  readonly localZone?: LocalZone;
  /** Stops the analysis where captures are not one after the other; the result is then of no use. */
  readonly overlapLimit?: OverlapLimit;
}

export type AnalyzeResult = AnalysisResult & {
  /** Inputs that could not be read as captures, where others could. */
  readonly failures: readonly CaptureError[];
};

/** No threshold set. */
const DEFAULTS: Readonly<Record<string, number>> = Object.freeze({});

/** The longest stretch of work between two looks at the event loop, in milliseconds. */
const SLICE_MILLIS = 50;

/** Analyses captures as one timeline. Throws `CaptureError` if none of them can be read, or the reason of `signal`. */
export async function analyze(
  inputs: readonly CaptureInput[],
  options: AnalyzeOptions,
): Promise<AnalyzeResult> {
  const started = performance.now();
  const interfaces = new InterfaceRegistry();
  const { stdin, localZone, overlapLimit, signal } = options;
  const whole = await openTimeline(inputs, {
    interfaces,
    ...(stdin === undefined ? {} : { stdin }),
    ...(localZone === undefined ? {} : { localZone }),
    ...(overlapLimit === undefined ? {} : { overlapLimit }),
    ...(signal === undefined ? {} : { signal }),
  });
  const part = options.period === undefined ? null : new PeriodTimeline(whole, interfaces, options.period);
  const timeline = part ?? whole;
  const opened = performance.now();
  const overrides = options.overrides ?? DEFAULTS;
  const analysis = new Analysis(options.rules, overrides, interfaces, options.hosts, options.withInventory);
  const span = new TimeSpans();
  try {
    const interrupted = await drain(timeline, analysis, span, options);
    const drained = performance.now();
    const captures = summarise(timeline, interfaces, span, part);
    const oversized = timeline.captures.reduce((sum, capture) => sum + capture.oversized, 0);
    const { health, verdicts, findings } = analysis.finish(oversized);
    const inventory = analysis.inventory();
    const finished = performance.now();
    const result: AnalyzeResult = {
      captures,
      ...(part === null ? {} : { period: part.period }),
      health,
      verdicts,
      findings,
      counts: countKinds(analysis),
      domains: analysis.trackers.domains.list.map((domain) => ({
        name: domain.name,
        packets: domain.liveness.packets,
      })),
      generators: summariseGenerators(analysis.trackers),
      ...(inventory === null ? {} : { inventory }),
      interrupted,
      timings: options.timings
        ? { openMillis: opened - started, packetsMillis: drained - opened, rulesMillis: finished - drained }
        : null,
      options: Object.fromEntries(Object.entries(overrides).toSorted(([a], [b]) => (a < b ? -1 : 1))),
      failures: timeline.failures,
    };
    analysis.trackers.release();
    return result;
  } finally {
    timeline.close();
  }
}

/** Earliest and latest time per file, whatever the order of its records (as capinfos reports them). */
class TimeSpans {
  readonly #earliest: CaptureTime[] = [];
  readonly #latest: CaptureTime[] = [];

  /** Widens a file's span; called once per stretch of its records, not per record. */
  widen(file: number, time: CaptureTime): void {
    const earliest = this.#earliest[file];
    const latest = this.#latest[file];
    if (earliest === undefined || isBefore(time, earliest)) this.#earliest[file] = time;
    if (latest === undefined || isBefore(latest, time)) this.#latest[file] = time;
  }

  first(file: number): CaptureTime | null {
    return this.#earliest[file] ?? null;
  }

  last(file: number): CaptureTime | null {
    return this.#latest[file] ?? null;
  }
}

function isBefore(a: CaptureTime, b: CaptureTime): boolean {
  return a.seconds < b.seconds || (a.seconds === b.seconds && a.nanos < b.nanos);
}

/** Reads to the end; answers true if it was stopped before. */
async function drain(
  timeline: Timeline,
  analysis: Analysis,
  spans: TimeSpans,
  options: AnalyzeOptions,
): Promise<boolean> {
  const { signal, onProgress } = options;
  // One pending wait at a time: a stop releases it, whatever the source goes on to do.
  let release: (() => void) | null = null;
  signal?.addEventListener('abort', () => release?.(), { once: true });
  const guard = new HeapGuard();
  let sliceStart = performance.now();
  // The first turns are short: the way out of the loop must have been taken before the loop is optimised.
  let pieces = 1;
  const stretch = new Stretch(spans);
  for (;;) {
    if (signal?.aborted) return true;
    const waiting = takeAll(timeline, analysis, stretch, pieces);
    pieces = Math.min(PIECES_PER_TURN, 2 * pieces);
    if (waiting === END) return false;
    if (waiting !== FEED) {
      await new Promise<void>((resolve, reject) => {
        release = resolve;
        waiting.then(resolve, reject);
      });
    }
    if (performance.now() - sliceStart < SLICE_MILLIS) continue;
    guard.look();
    onProgress?.({ progress: timeline.progress, packets: packetsOf(timeline), bytes: bytesOf(timeline) });
    await new Promise(setImmediate);
    sliceStart = performance.now();
  }
}

/** How many pieces are taken in one go from a source that never waits, and for how long. */
const PIECES_PER_TURN = 64;
const TURN_MILLIS = 20;

/**
 * Takes the records that are there, and those of the next pieces as long as they come without waiting. Answers `END`, `FEED`
 * after many pieces, or the promise of the next one. Apart from the loop around it, so that it is optimised by itself.
 */
function takeAll(
  timeline: Timeline,
  analysis: Analysis,
  stretch: Stretch,
  maxPieces: number,
): typeof END | typeof FEED | Promise<void> {
  const { packet } = analysis;
  const { row } = timeline;
  const started = performance.now();
  for (let pieces = 0; pieces < maxPieces; pieces += 1) {
    if (performance.now() - started > TURN_MILLIS) break;
    for (let status = timeline.next(packet); status !== FEED; status = timeline.next(packet)) {
      if (status === END) {
        stretch.widen();
        return END;
      }
      const isUsual = analysis.accept();
      if (packet.hasTime) stretch.add(packet, analysis);
      if (isUsual && row !== null && analysis.acceptRun(row) > 0) stretch.add(packet, analysis);
    }
    const waiting = timeline.feed();
    if (waiting !== undefined) {
      stretch.widen();
      return waiting;
    }
  }
  stretch.widen();
  return FEED;
}

/** The span of records of one file in a row. One object for all turns: optimised code is thrown away with the last object of its kind. */
class Stretch {
  readonly #spans: TimeSpans;
  #file = -1;
  #precision = 0;
  #firstSeconds = 0.5;
  #firstNanos = 0;
  #lastSeconds = 0.5;
  #lastNanos = 0;

  constructor(spans: TimeSpans) {
    this.#spans = spans;
  }

  add(packet: Packet, analysis: Analysis): void {
    const { seconds, nanos } = packet;
    // The usual case: the same second of the same file as before, and later in it.
    if (seconds === this.#lastSeconds && packet.file === this.#file && nanos >= this.#lastNanos)
      this.#lastNanos = nanos;
    else this.#addUnusual(packet, analysis);
  }

  /** A new second or file, or a step back. */
  #addUnusual(packet: Packet, analysis: Analysis): void {
    const { seconds, nanos } = packet;
    if (packet.file !== this.#file) {
      this.widen();
      this.#file = packet.file;
      this.#precision = analysis.precisionOf(packet.interface);
      this.#firstSeconds = seconds;
      this.#firstNanos = nanos;
      this.#lastSeconds = seconds;
      this.#lastNanos = nanos;
    } else if (seconds > this.#lastSeconds) {
      this.#lastSeconds = seconds;
      this.#lastNanos = nanos;
    } else if (seconds < this.#firstSeconds || (seconds === this.#firstSeconds && nanos < this.#firstNanos)) {
      this.#firstSeconds = seconds;
      this.#firstNanos = nanos;
    }
  }

  widen(): void {
    if (this.#file < 0) return;
    const precision = this.#precision;
    this.#spans.widen(this.#file, { seconds: this.#firstSeconds, nanos: this.#firstNanos, precision });
    this.#spans.widen(this.#file, { seconds: this.#lastSeconds, nanos: this.#lastNanos, precision });
  }
}

function packetsOf(timeline: Timeline): number {
  return timeline.captures.reduce((sum, capture) => sum + capture.packets, 0);
}

function bytesOf(timeline: Timeline): number {
  return timeline.captures.reduce((sum, capture) => sum + capture.bytes, 0);
}

function summarise(
  timeline: Timeline,
  interfaces: InterfaceRegistry,
  spans: TimeSpans,
  part: PeriodTimeline | null,
): CaptureSummary[] {
  return timeline.captures.map((capture) => {
    const { file } = capture;
    const examined = { firstTime: spans.first(file), lastTime: spans.last(file) };
    // The file's own span has what was left out as well.
    for (const time of part?.outsideOf(file) ?? []) spans.widen(file, time);
    const linkTypes = capture.interfaces.map((index) => {
      const { linkType } = interfaces.list[index] as { linkType: number };
      return LINK_NAMES[linkType] ?? String(linkType);
    });
    return {
      path: capture.path,
      file: capture.file,
      format: capture.format,
      compression: capture.compression,
      bytes: capture.bytes,
      packets: capture.packets,
      linkTypes: [...new Set(linkTypes)],
      firstTime: spans.first(file),
      lastTime: spans.last(file),
      timeZone: capture.timeZone,
      damage: capture.damage,
      oddities: Object.fromEntries([...capture.oddities].toSorted(([a], [b]) => (a < b ? -1 : 1))),
      comments: capture.comments,
      ...(part === null ? {} : { examined: { packets: part.examinedOf(file), ...examined } }),
    };
  });
}

function countKinds(analysis: Analysis): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const [kind, name] of KIND_NAMES.entries()) {
    const count = analysis.kinds[kind] as number;
    if (count > 0) counts[name] = count;
    if (kind === KIND_TCP_CONTROL && analysis.counters.tcpSyns > 0)
      counts['tcpSyn'] = analysis.counters.tcpSyns;
  }
  return counts;
}
