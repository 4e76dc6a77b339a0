/**
 * The evidence capture: a second pass over the files of an analysis that writes the frames its findings cite, and some around
 * them, as they were captured and with comments that say what each one proves.
 */
import { type Capture, END, FEED, type Timeline } from '../capture/capture.ts';
import { CaptureError } from '../capture/errors.ts';
import { InterfaceRegistry } from '../capture/interfaces.ts';
import type { LocalZone } from '../capture/local-time.ts';
import type { InterfaceDescription, RecordOrigin } from '../capture/origin.ts';
import { CaptureRecord } from '../capture/record.ts';
import { openTimeline } from '../capture/timeline.ts';
import type { AnalysisProgress } from '../engine/analyze.ts';
import type { FrameCitation } from '../engine/result.ts';
import { APPLICATION, frameComments, sectionComment, sourceComment } from './comments.ts';
import { countingOptions } from './packet-options.ts';
import { type ByteSink, PcapngWriter } from './pcapng-writer.ts';
import { type EvidenceFinding, type FileSelection, selectFrames, type WantedFrame } from './selection.ts';

/** What a frame is, besides its bytes. */
export interface FrameFacts {
  /** Position of its file among those given, 0-based. */
  readonly file: number;
  readonly linkType: number;
  /** Bytes on the wire. */
  readonly originalLength: number;
  /** Frame check sequence behind a frame that was captured whole. */
  readonly fcsBytes: number;
}

/** Changes what is written: a redaction. The words of the findings and the names of the files are the caller's to change. */
export interface EvidenceTransform {
  /** The frame as it shall be written, of the same length. `bytes` are a copy, which may be changed and handed back. */
  frame(bytes: Uint8Array, facts: FrameFacts): Uint8Array;
  /**
   * Sees the frames that are not written, each file's in its order together with those of `frame`: for a transform that follows
   * connections. `bytes` are valid during the call, and must not be changed.
   */
  passOver?(bytes: Uint8Array, facts: FrameFacts): void;
  /** The interface as it shall be described. Its options may hold names, addresses and filters. */
  interface(description: InterfaceDescription): InterfaceDescription;
}

export interface EvidenceOptions {
  /** The files of the analysis, in the order that its citations count. Regular files: they are read again. */
  readonly inputs: readonly string[];
  /** What comments call them; their paths by default. */
  readonly names?: readonly string[];
  readonly findings: readonly EvidenceFinding[];
  /** Frames before and after each cited one, by number in its file. */
  readonly context: number;
  /** Comments, hashes and custom options of the source are left out with it, as they could tell what it hides. */
  readonly transform?: EvidenceTransform;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: AnalysisProgress) => void;
  /** As in the analysis, so that times are the same. */
  readonly localZone?: LocalZone;
}

export interface EvidenceSummary {
  /** Frames written, with those around the cited ones. */
  readonly frames: number;
  readonly citedFrames: number;
  /** Cited frames that are no longer where they were, and so are left out: the file was changed since. */
  readonly missing: readonly MissingFrame[];
}

export interface MissingFrame {
  /** Position of the file among those given, 0-based. */
  readonly file: number;
  readonly number: number;
}

/** The longest stretch of work between two looks at the event loop, in milliseconds. */
const SLICE_MILLIS = 50;
/** As many interfaces as a reader takes in one section; more begin another. */
const MAX_INTERFACES = 65_536;

/**
 * Writes the evidence of an analysis as pcapng. Where nothing is cited, that is a valid capture without frames. Throws what the
 * sink throws, and the reason of `signal`; a file that cannot be read any more leaves its frames missing.
 */
export async function writeEvidence(sink: ByteSink, options: EvidenceOptions): Promise<EvidenceSummary> {
  const { inputs, names = inputs, findings, context } = options;
  options.signal?.throwIfAborted();
  const selections = selectFrames(findings, context);
  const files = [...selections.keys()].toSorted((a, b) => a - b);
  const cutter = new EvidenceCutter(sink, options, names, {
    sources: (files.length === 0 ? [...inputs.keys()] : files).map((file) => names[file] ?? ''),
    findings: findings.filter(({ frames }) => frames.length > 0).length,
    citedFrames: [...selections.values()].reduce((sum, { cited }) => sum + cited.length, 0),
    context,
    isAltered: options.transform !== undefined,
  });
  // Only files that hold evidence are read again.
  if (files.length > 0) {
    const paths = files.map((file) => inputs[file] ?? '');
    await withTimeline(paths, cutter.interfaces, options.localZone, (timeline) =>
      cutter.cut(timeline, files, selections),
    );
  } else {
    for (const path of inputs) {
      if (
        await withTimeline([path], cutter.interfaces, options.localZone, (timeline) =>
          cutter.describeFirst(timeline),
        )
      )
        break;
    }
  }
  return cutter.finish(selections);
}

/** Null where none of the files is a capture any more. */
async function withTimeline<Result>(
  paths: readonly string[],
  interfaces: InterfaceRegistry,
  localZone: LocalZone | undefined,
  use: (timeline: Timeline) => Promise<Result>,
): Promise<Result | null> {
  const timeline = await openAgain(paths, interfaces, localZone);
  if (timeline === null) return null;
  try {
    return await use(timeline);
  } finally {
    timeline.close();
  }
}

async function openAgain(
  paths: readonly string[],
  interfaces: InterfaceRegistry,
  localZone: LocalZone | undefined,
): Promise<Timeline | null> {
  try {
    return await openTimeline(paths, {
      interfaces,
      keepsOrigin: true,
      ...(localZone === undefined ? {} : { localZone }),
    });
  } catch (error) {
    if (error instanceof CaptureError) return null;
    throw error;
  }
}

class EvidenceCutter {
  /** Of the files that are read. */
  readonly interfaces = new InterfaceRegistry();
  readonly #writer: PcapngWriter;
  readonly #options: EvidenceOptions;
  readonly #names: readonly string[];
  readonly #section: Parameters<typeof sectionComment>[0];
  /** Numbers in the file that is written, by the description's object and by all it says. */
  #known = new WeakMap<InterfaceDescription, number>();
  #byContent = new Map<string, number>();
  /** The open captures by their position in the timeline. */
  readonly #captures: Capture[] = [];
  readonly #written = new Set<FrameCitation>();
  #frames = 0;

  constructor(
    sink: ByteSink,
    options: EvidenceOptions,
    names: readonly string[],
    section: Parameters<typeof sectionComment>[0],
  ) {
    this.#writer = new PcapngWriter(sink);
    this.#options = options;
    this.#names = names;
    this.#section = section;
    this.#beginSection();
  }

  #beginSection(): void {
    this.#writer.writeSection({ application: APPLICATION, comments: [sectionComment(this.#section)] });
    this.#known = new WeakMap();
    this.#byContent.clear();
  }

  /** Copies the wanted frames. `files[i]` is the position among all inputs of the timeline's file `i`. */
  async cut(
    timeline: Timeline,
    files: readonly number[],
    selections: ReadonlyMap<number, FileSelection>,
  ): Promise<void> {
    const { signal, onProgress } = this.#options;
    const record = new CaptureRecord();
    const open = files.map((file) => selections.get(file) ?? null);
    let unfinished = open.length;
    let sliceStart = performance.now();
    while (unfinished > 0) {
      const status = timeline.next(record);
      if (status === END) return;
      if (status === FEED) {
        await timeline.feed();
        if (performance.now() - sliceStart < SLICE_MILLIS) continue;
        onProgress?.(progressOf(timeline));
        await new Promise(setImmediate);
        signal?.throwIfAborted();
        sliceStart = performance.now();
        continue;
      }
      const selection = open[record.file] ?? null;
      if (selection === null) continue;
      const wanted = selection.find(record.number);
      if (wanted !== null) this.#copy(timeline, record, files[record.file] ?? 0, wanted);
      else this.#passOver(record, files[record.file] ?? 0);
      if (record.number >= selection.last) {
        open[record.file] = null;
        unfinished--;
      }
    }
  }

  /**
   * Describes the interface of the first record: programs like tcpdump open no file without an interface. Answers whether there
   * was a record.
   */
  async describeFirst(timeline: Timeline): Promise<boolean> {
    const record = new CaptureRecord();
    for (;;) {
      const status = timeline.next(record);
      if (status === END) return false;
      if (status === FEED) await timeline.feed();
      else {
        this.#interfaceNumber(this.#originOf(timeline, record).interface);
        return true;
      }
    }
  }

  finish(selections: ReadonlyMap<number, FileSelection>): EvidenceSummary {
    this.#writer.flush();
    const missing: MissingFrame[] = [];
    for (const [file, { cited }] of [...selections].toSorted(([a], [b]) => a - b)) {
      for (const { citation } of cited)
        if (!this.#written.has(citation)) missing.push({ file, number: citation.number });
    }
    return { frames: this.#frames, citedFrames: this.#written.size, missing };
  }

  #originOf(timeline: Timeline, record: CaptureRecord): RecordOrigin {
    let capture = this.#captures[record.file];
    if (capture === undefined) {
      capture = timeline.captures.find(({ file }) => file === record.file);
      if (capture === undefined) throw new TypeError(`no capture has the number ${record.file}`);
      this.#captures[record.file] = capture;
    }
    return capture.originOf(record);
  }

  #copy(timeline: Timeline, record: CaptureRecord, file: number, wanted: WantedFrame): void {
    const { citation } = wanted.cited;
    if (wanted.distance === 0) {
      if (!isSameFrame(record, citation)) return this.#passOver(record, file);
      this.#written.add(citation);
    }
    const { transform, inputs } = this.#options;
    const origin = this.#originOf(timeline, record);
    const id = this.#interfaceNumber(origin.interface);
    const place = {
      file: this.#names[file] ?? '',
      number: record.number,
      isOneOfSeveral: inputs.length > 1,
    };
    const comments = frameComments(wanted, place, origin.stamp !== null);
    if (transform === undefined) comments.push(...origin.comments.map(sourceComment));
    const bytes = bytesOf(record);
    this.#writer.writePacket({
      interface: id,
      stamp: origin.stamp ?? { high: 0, low: 0 },
      // A transform works in place, and the window is still needed: the records behind this one stand in it.
      bytes: transform === undefined ? bytes : transform.frame(bytes.slice(), this.#factsOf(record, file)),
      originalLength: record.originalLength,
      comments,
      options: transform === undefined ? origin.options : countingOptions(origin.options),
    });
    this.#frames++;
  }

  #passOver(record: CaptureRecord, file: number): void {
    const { transform } = this.#options;
    if (transform?.passOver) transform.passOver(bytesOf(record), this.#factsOf(record, file));
  }

  #factsOf(record: CaptureRecord, file: number): FrameFacts {
    const { linkType = 0, fcsBytes = 0 } = this.interfaces.list[record.interface] ?? {};
    return { file, linkType, originalLength: record.originalLength, fcsBytes };
  }

  #interfaceNumber(description: InterfaceDescription): number {
    const known = this.#known.get(description);
    if (known !== undefined) return known;
    const shown = this.#options.transform?.interface(description) ?? description;
    const key = contentOf(shown);
    let number = this.#byContent.get(key);
    if (number === undefined) {
      if (this.#byContent.size >= MAX_INTERFACES) this.#beginSection();
      number = this.#writer.writeInterface(shown);
      this.#byContent.set(key, number);
    }
    this.#known.set(description, number);
    return number;
  }
}

function bytesOf({ view, offset, capturedLength }: CaptureRecord): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset + offset, capturedLength);
}

function progressOf({ progress, captures }: Timeline): AnalysisProgress {
  const packets = captures.reduce((sum, capture) => sum + capture.packets, 0);
  const bytes = captures.reduce((sum, capture) => sum + capture.bytes, 0);
  return { progress, packets, bytes };
}

/** Whether the record is the frame that was cited. */
function isSameFrame(record: CaptureRecord, { offsetBytes, capturedBytes, time }: FrameCitation): boolean {
  return (
    record.fileOffset === offsetBytes &&
    record.capturedLength === capturedBytes &&
    (time === null || (record.seconds === time.seconds && record.nanos === time.nanos))
  );
}

/**
 * All that an interface says of itself. Equal ones, of several sections or files, are one; without a name, only those of equal
 * number, as in the domains of an analysis.
 */
function contentOf(description: InterfaceDescription): string {
  const { number, name, offsetSeconds, others, ...rest } = description;
  return JSON.stringify([
    name ?? number,
    String(offsetSeconds),
    rest,
    others.map(({ code, value }) => [code, Buffer.from(value).toString('latin1')]),
  ]);
}
