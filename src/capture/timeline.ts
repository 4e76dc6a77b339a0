/**
 * Several captures as one timeline, merged by time as they are read: the files of a ring, or captures of several
 * points taken at once. Each file keeps its own order. A file is opened when the merged time reaches its first record, and
 * closed at its end, so that of a ring of a thousand files one or two are open at a time.
 */
import { statSync } from 'node:fs';
import { END, FEED, RECORD, type Capture, type ReadStatus, type Timeline } from './capture.ts';
import { CaptureError } from './errors.ts';
import { InterfaceRegistry } from './interfaces.ts';
import type { LocalZone } from './local-time.ts';
import { type CaptureInput, openCapture, type OpenOptions } from './open.ts';
import { CaptureRecord } from './record.ts';

/** Two files that cannot be pieces of one capture: the one goes on where the other has begun. */
export interface Overlap {
  readonly earlier: string;
  readonly later: string;
}

/** For files that should follow one another, as those of a ring do. */
export interface OverlapLimit {
  /** How long a file may go on after the next one has begun. */
  readonly maxSeconds: number;
  /** Called once, when a file goes on longer; the timeline then ends. */
  readonly onOverlap: (overlap: Overlap) => void;
}

export interface TimelineOptions {
  readonly interfaces: InterfaceRegistry;
  /** What `-` stands for; the process's standard input by default. */
  readonly stdin?: NodeJS.ReadableStream;
  /** As in `OpenOptions`. */
  readonly keepsOrigin?: boolean;
  /** As in `OpenOptions`. */
  readonly localZone?: LocalZone;
  /** As in `OpenOptions`. */
  readonly signal?: AbortSignal;
  readonly overlapLimit?: OverlapLimit;
}

/**
 * Where many captures may be open at once, each brings in less at a time: a few as much as is fast, thousands a page each. The files of
 * a ring follow one another, and are no more than a few.
 */
const MERGED_WINDOW_BYTES = 128 * 1024;
const ALL_WINDOWS_BYTES = 6 * 1024 * 1024;
const LEAST_WINDOW_BYTES = 4096;

/** Files that should follow one another and of which so many are open at a time do not, however short they are. */
const MAX_SIDE_BY_SIDE = 64;

/** Records without a time that are passed over to find out when a file begins. */
const MAX_PROBED_RECORDS = 1024;

/**
 * Opens captures as one timeline. One capture is handed back as it is; of several, those that cannot be read become
 * `failures`. Throws the first `CaptureError` where none can be read, or the reason of `signal`.
 */
export async function openTimeline(
  inputs: readonly CaptureInput[],
  options: TimelineOptions,
): Promise<Timeline> {
  const [only] = inputs;
  if (only === undefined) throw new TypeError('no capture given');
  if (inputs.length === 1) return openCapture(only, { file: 0, ...options });
  const parts: Part[] = [];
  const failures: CaptureError[] = [];
  for (const [file, input] of inputs.entries()) {
    try {
      parts.push(await probe(input, file, options));
    } catch (error) {
      if (!(error instanceof CaptureError)) {
        for (const part of parts) part.capture.close();
        throw error;
      }
      failures.push(error);
    }
  }
  const [firstFailure] = failures;
  if (parts.length === 0 && firstFailure !== undefined) throw firstFailure;
  return new MergedTimeline(parts, failures, options);
}

/** One of the captures of a merge. */
class Part {
  readonly input: CaptureInput;
  readonly file: number;
  /** The open capture; before, what is known of it from looking at its beginning. */
  capture: Capture;
  isOpen: boolean;
  /** True where it could be opened at first and could not when its turn came. */
  hasVanished = false;
  /** The record that waits for its turn, while `isWaiting`. */
  readonly head = new CaptureRecord();
  /** When it begins; -Infinity where none of its records has a time. */
  readonly startSeconds: number;
  readonly startNanos: number;
  /** Time of the waiting record; of one without a time, that of the record before it. */
  seconds: number;
  nanos: number;

  constructor(
    input: CaptureInput,
    file: number,
    capture: Capture,
    isOpen: boolean,
    seconds: number,
    nanos: number,
  ) {
    this.input = input;
    this.file = file;
    this.capture = capture;
    this.isOpen = isOpen;
    this.startSeconds = seconds;
    this.startNanos = nanos;
    this.seconds = seconds;
    this.nanos = nanos;
  }
}

/** Negative where `a` comes first. Equal times go by the order in which the files were given. */
function comparePlaces(a: Part, b: Part): number {
  return a.seconds - b.seconds || a.nanos - b.nanos || a.file - b.file;
}

/**
 * Finds out when a capture begins. A file is closed again, and counts in a registry of its own until it is opened for good;
 * a pipe can be read once only, so it stays open and comes first.
 */
async function probe(input: CaptureInput, file: number, options: TimelineOptions): Promise<Part> {
  if (isPipe(input)) {
    const capture = await openCapture(input, openOptions(file, options));
    return new Part(input, file, capture, true, -Infinity, 0);
  }
  const capture = await openCapture(input, {
    ...openOptions(file, options),
    interfaces: new InterfaceRegistry(),
  });
  const record = new CaptureRecord();
  let place: readonly [seconds: number, nanos: number] = [-Infinity, 0];
  for (let looked = 0; looked < MAX_PROBED_RECORDS; ) {
    const status = capture.next(record);
    if (status === END) break;
    if (status === FEED) {
      await capture.feed();
      continue;
    }
    if (record.hasTime) {
      place = [record.seconds, record.nanos];
      break;
    }
    looked++;
  }
  capture.close();
  return new Part(input, file, new UnreadCapture(capture), false, place[0], place[1]);
}

/** `open`: how many captures are open, with this one. */
function openOptions(file: number, options: TimelineOptions, open = 1): OpenOptions {
  const share = Math.max(LEAST_WINDOW_BYTES, Math.floor(ALL_WINDOWS_BYTES / open));
  return { file, windowBytes: Math.min(MERGED_WINDOW_BYTES, share), ...options };
}

function isPipe(input: CaptureInput): boolean {
  if (typeof input !== 'string') return false;
  if (input === '-') return true;
  try {
    return !statSync(input).isFile();
  } catch {
    return false;
  }
}

/** A capture of a merge before its turn. */
class UnreadCapture implements Capture {
  readonly path: string;
  readonly file: number;
  readonly format: Capture['format'];
  readonly compression: Capture['compression'];
  readonly bytes: number;
  readonly packets = 0;
  readonly timeZone: Capture['timeZone'];
  readonly interfaces = [];
  readonly comments = 0;
  readonly damage = null;
  readonly oddities = new Map();
  readonly oversized = 0;
  readonly progress = 0;

  constructor(probed: Capture) {
    this.path = probed.path;
    this.file = probed.file;
    this.format = probed.format;
    this.compression = probed.compression;
    this.bytes = probed.bytes;
    this.timeZone = probed.timeZone;
  }

  next(): ReadStatus {
    return END;
  }

  feed(): undefined {
    return undefined;
  }

  originOf(): never {
    throw new TypeError('a capture that is not open has no record');
  }

  close(): void {
    // Nothing is open.
  }
}

class MergedTimeline implements Timeline {
  readonly failures: CaptureError[];
  readonly row = null;
  readonly #options: TimelineOptions;
  readonly #parts: readonly Part[];
  /** Not opened yet, the earliest last. */
  readonly #unopened: Part[];
  /** Open, with a record that waits, the earliest last. */
  readonly #waiting: Part[] = [];
  /** The part whose records are handed out, straight into the caller's record. */
  #current: Part | null = null;
  /** The part that needs bytes or has to be opened before anything else can be handed out. */
  #starved: Part | null = null;
  /** True while the head of `#current` was not handed out yet. */
  #hasHead = false;
  #isClosed = false;
  /** Whole seconds of the earliest record of any other part: before that, nothing has to be compared. */
  #untilSeconds = 0.5;
  readonly #limit: OverlapLimit | null;
  /** The part that begins last of those opened so far. */
  #newest: Part | null = null;

  constructor(parts: readonly Part[], failures: CaptureError[], options: TimelineOptions) {
    this.#parts = parts;
    this.failures = failures;
    this.#untilSeconds = -Infinity;
    this.#options = options;
    this.#limit = options.overlapLimit ?? null;
    this.#unopened = parts.toSorted((a, b) => comparePlaces(b, a));
  }

  get captures(): readonly Capture[] {
    return this.#parts.filter((part) => !part.hasVanished).map((part) => part.capture);
  }

  get progress(): number | null {
    let all = 0;
    let done = 0;
    for (const { capture } of this.#parts) {
      if (capture.progress === null) return null;
      all += capture.bytes;
      done += capture.bytes * capture.progress;
    }
    return all === 0 ? null : done / all;
  }

  next(record: CaptureRecord): ReadStatus {
    for (;;) {
      if (this.#isClosed) return END;
      const current = this.#current;
      if (current === null) {
        if (!this.#choose()) return this.#starved === null ? END : FEED;
        continue;
      }
      if (this.#hasHead) {
        // Chosen as the earliest: its waiting record is handed out without another look.
        this.#hasHead = false;
        copyRecord(current.head, record);
        return RECORD;
      }
      const status = current.capture.next(record);
      if (status === RECORD) {
        if (record.seconds < this.#untilSeconds || !record.hasTime) return RECORD;
        current.seconds = record.seconds;
        current.nanos = record.nanos;
        if (this.#isTooLong(current)) return END;
        if (!this.#isOvertaken(current)) return RECORD;
        copyRecord(record, current.head);
        this.#wait(current);
      } else if (status === FEED) {
        this.#starved = current;
        return FEED;
      } else {
        current.capture.close();
      }
      this.#current = null;
    }
  }

  #isOvertaken(current: Part): boolean {
    const waiting = this.#waiting[this.#waiting.length - 1];
    if (waiting !== undefined && comparePlaces(waiting, current) < 0) return true;
    const unopened = this.#unopened[this.#unopened.length - 1];
    return unopened !== undefined && comparePlaces(unopened, current) < 0;
  }

  /** Puts a part among the waiting ones, by place. */
  #wait(part: Part): void {
    const waiting = this.#waiting;
    let low = 0;
    let high = waiting.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const other = waiting[middle];
      if (other !== undefined && comparePlaces(other, part) > 0) low = middle + 1;
      else high = middle;
    }
    waiting.splice(low, 0, part);
  }

  /** Makes the earliest part current. False where that needs `feed`, or nothing is left. */
  #choose(): boolean {
    if (this.#starved !== null) return false;
    const unopened = this.#unopened[this.#unopened.length - 1];
    const waiting = this.#waiting[this.#waiting.length - 1];
    if (unopened !== undefined && (waiting === undefined || comparePlaces(unopened, waiting) < 0)) {
      this.#starved = unopened;
      return false;
    }
    if (waiting === undefined) return false;
    if (this.#isTooLong(waiting)) return false;
    this.#waiting.pop();
    this.#current = waiting;
    this.#hasHead = true;
    const rival = this.#waiting[this.#waiting.length - 1];
    this.#untilSeconds = Math.min(
      rival?.seconds ?? Infinity,
      unopened?.seconds ?? Infinity,
      this.#limit === null || this.#newest === waiting ? Infinity : (this.#newest?.startSeconds ?? Infinity),
    );
    return true;
  }

  /** True, and the end of it, where a part goes on too long after another one has begun. */
  #isTooLong(part: Part): boolean {
    const limit = this.#limit;
    const newest = this.#newest;
    if (limit === null || newest === null || newest === part) return false;
    const seconds = part.seconds - newest.startSeconds + (part.nanos - newest.startNanos) / 1e9;
    // A part without times has begun at no time.
    if (!(seconds > limit.maxSeconds) || newest.startSeconds === -Infinity) return false;
    this.#endAtOverlap(part);
    return true;
  }

  /** `part` goes on where the newest one has begun. */
  #endAtOverlap(part: Part): void {
    const later = this.#newest?.capture.path ?? '';
    this.#limit?.onOverlap({ earlier: part.capture.path, later });
    this.close();
  }

  feed(): Promise<void> | undefined {
    const starved = this.#starved;
    if (starved === null) return undefined;
    if (this.#current === starved) {
      this.#starved = null;
      return starved.capture.feed();
    }
    return this.#start(starved);
  }

  /** Opens a part and reads its first record, which then waits for its turn. */
  async #start(part: Part): Promise<void> {
    this.#unopened.pop();
    try {
      if (!part.isOpen) {
        const options = openOptions(part.file, this.#options, this.#waiting.length + 1);
        part.capture = await openCapture(part.input, options);
      }
      part.isOpen = true;
      this.#newest = part;
      await this.#readHead(part);
    } catch (error) {
      if (!(error instanceof CaptureError)) throw error;
      part.hasVanished = true;
      this.failures.push(error);
    }
    this.#starved = null;
    if (this.#limit === null || this.#waiting.length <= MAX_SIDE_BY_SIDE || part.startSeconds === -Infinity)
      return;
    const other = this.#waiting.find((waiting) => waiting !== part);
    if (other !== undefined) this.#endAtOverlap(other);
  }

  async #readHead(part: Part): Promise<void> {
    while (!this.#isClosed) {
      const status = part.capture.next(part.head);
      if (status === RECORD) {
        if (part.head.hasTime) {
          part.seconds = part.head.seconds;
          part.nanos = part.head.nanos;
        }
        this.#wait(part);
        return;
      }
      if (status === END) {
        part.capture.close();
        return;
      }
      await part.capture.feed();
    }
    part.capture.close();
  }

  close(): void {
    this.#isClosed = true;
    for (const part of this.#parts) part.capture.close();
  }
}

function copyRecord(from: CaptureRecord, to: CaptureRecord): void {
  to.view = from.view;
  to.offset = from.offset;
  to.capturedLength = from.capturedLength;
  to.originalLength = from.originalLength;
  to.number = from.number;
  to.file = from.file;
  to.interface = from.interface;
  to.seconds = from.seconds;
  to.nanos = from.nanos;
  to.hasTime = from.hasTime;
  to.fileOffset = from.fileOffset;
  to.dropsBefore = from.dropsBefore;
}
