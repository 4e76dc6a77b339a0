/** From inputs to a result: opens the captures, drives the loop, keeps signals and progress alive. */
import { END, FEED, RECORD, type Timeline } from '../capture/capture.ts';
import type { CaptureError } from '../capture/errors.ts';
import { InterfaceRegistry } from '../capture/interfaces.ts';
import type { CaptureInput } from '../capture/open.ts';
import { openTimeline } from '../capture/timeline.ts';
import { LINK_NAMES } from '../wire/link.ts';
import { KIND_NAMES } from '../wire/packet.ts';
import { Analysis } from './analysis.ts';
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
  /** Stops the analysis; the result then covers what was read and is marked interrupted. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: AnalysisProgress) => void;
  readonly timings?: boolean;
  readonly stdin?: NodeJS.ReadableStream;
}

export type AnalyzeResult = AnalysisResult & {
  /** Inputs that could not be read as captures, where others could. */
  readonly failures: readonly CaptureError[];
};

/** The longest stretch of work between two looks at the event loop, in milliseconds. */
const SLICE_MILLIS = 50;

/** Analyses captures as one timeline. Throws `CaptureError` if none of them can be read. */
export async function analyze(inputs: readonly CaptureInput[], options: AnalyzeOptions): Promise<AnalyzeResult> {
  const started = performance.now();
  const interfaces = new InterfaceRegistry();
  const timelineOptions = options.stdin === undefined ? { interfaces } : { interfaces, stdin: options.stdin };
  const timeline = await openTimeline(inputs, timelineOptions);
  const opened = performance.now();
  const overrides = options.overrides ?? {};
  const analysis = new Analysis(options.rules, overrides, interfaces);
  const span = new TimeSpans();
  try {
    const interrupted = await drain(timeline, analysis, span, options);
    const drained = performance.now();
    const captures = summarise(timeline, interfaces, span);
    const oversized = timeline.captures.reduce((sum, capture) => sum + capture.oversized, 0);
    const { health, verdicts, findings } = analysis.finish(oversized);
    const finished = performance.now();
    return {
      captures,
      health,
      verdicts,
      findings,
      counts: countKinds(analysis),
      domains: analysis.domains.list.map((domain) => ({ name: domain.name, packets: domain.liveness.packets })),
      interrupted,
      timings: options.timings
        ? { openMillis: opened - started, packetsMillis: drained - opened, rulesMillis: finished - drained }
        : null,
      options: Object.fromEntries(Object.entries(overrides).toSorted(([a], [b]) => (a < b ? -1 : 1))),
      failures: timeline.failures,
    };
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
  const stopped = new Promise<'stopped'>((resolve) => {
    signal?.addEventListener('abort', () => resolve('stopped'), { once: true });
  });
  let sliceStart = performance.now();
  for (;;) {
    if (signal?.aborted) return true;
    const status = takeAll(timeline, analysis, spans);
    if (status === END) return false;
    const waiting = timeline.feed();
    if (waiting !== undefined && (await Promise.race([waiting, stopped])) === 'stopped') return true;
    if (performance.now() - sliceStart < SLICE_MILLIS) continue;
    onProgress?.({ progress: timeline.progress, packets: packetsOf(timeline), bytes: bytesOf(timeline) });
    await new Promise(setImmediate);
    sliceStart = performance.now();
  }
}

/** Takes every record that is there. Apart from the loop around it, so that it is optimised by itself. */
function takeAll(timeline: Timeline, analysis: Analysis, spans: TimeSpans): number {
  const { packet } = analysis;
  let file = -1;
  let firstSeconds = 0;
  let firstNanos = 0;
  let lastSeconds = 0;
  let lastNanos = 0;
  let precision = 0;
  const widen = () => {
    if (file < 0) return;
    spans.widen(file, { seconds: firstSeconds, nanos: firstNanos, precision });
    spans.widen(file, { seconds: lastSeconds, nanos: lastNanos, precision });
  };
  let status = timeline.next(packet);
  for (; status === RECORD; status = timeline.next(packet)) {
    analysis.accept();
    if (!packet.hasTime) continue;
    const { seconds, nanos } = packet;
    if (packet.file !== file) {
      widen();
      file = packet.file;
      precision = analysis.precisionOf(packet.interface);
      firstSeconds = seconds;
      firstNanos = nanos;
      lastSeconds = seconds;
      lastNanos = nanos;
    } else if (seconds > lastSeconds || (seconds === lastSeconds && nanos > lastNanos)) {
      lastSeconds = seconds;
      lastNanos = nanos;
    } else if (seconds < firstSeconds || (seconds === firstSeconds && nanos < firstNanos)) {
      firstSeconds = seconds;
      firstNanos = nanos;
    }
  }
  widen();
  return status === FEED ? FEED : END;
}

function packetsOf(timeline: Timeline): number {
  return timeline.captures.reduce((sum, capture) => sum + capture.packets, 0);
}

function bytesOf(timeline: Timeline): number {
  return timeline.captures.reduce((sum, capture) => sum + capture.bytes, 0);
}

function summarise(timeline: Timeline, interfaces: InterfaceRegistry, spans: TimeSpans): CaptureSummary[] {
  return timeline.captures.map((capture) => {
    const linkTypes = capture.interfaces.map((index) => {
      const { linkType } = interfaces.list[index] as { linkType: number };
      return LINK_NAMES[linkType] ?? String(linkType);
    });
    return {
      path: capture.path,
      format: capture.format,
      compression: capture.compression,
      bytes: capture.bytes,
      packets: capture.packets,
      linkTypes: [...new Set(linkTypes)],
      firstTime: spans.first(capture.file),
      lastTime: spans.last(capture.file),
      damage: capture.damage,
      oddities: Object.fromEntries([...capture.oddities].toSorted(([a], [b]) => (a < b ? -1 : 1))),
      comments: capture.comments,
    };
  });
}

function countKinds(analysis: Analysis): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const [kind, name] of KIND_NAMES.entries()) {
    const count = analysis.kinds[kind] as number;
    if (count > 0) counts[name] = count;
  }
  if (analysis.counters.tcpSyns > 0) counts['tcpSyn'] = analysis.counters.tcpSyns;
  return counts;
}
