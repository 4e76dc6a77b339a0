/**
 * A whole capture, redacted into a pcapng file. Kept are the frames' numbers, lengths and times to the last unit, directions and losses, sections
 * and interfaces as they are numbered, and the counters of interfaces. Everything else that a capture says beside its packets is left out:
 * comments, name records, secrets, filters, addresses and descriptions of interfaces, hardware, systems. The file says that it was altered.
 */
import { END, FEED } from '../../capture/capture.ts';
import type { Damage } from '../../capture/errors.ts';
import type { CaptureInterface } from '../../capture/interfaces.ts';
import { InterfaceRegistry } from '../../capture/interfaces.ts';
import type { LocalZone } from '../../capture/local-time.ts';
import { type CaptureInput, openCapture } from '../../capture/open.ts';
import type { RawOption, Stamp } from '../../capture/origin.ts';
import { BLOCK } from '../../capture/pcapng-blocks.ts';
import type { SectionInterface } from '../../capture/pcapng-interface.ts';
import { CaptureReader } from '../../capture/reader.ts';
import { CaptureRecord } from '../../capture/record.ts';
import { type ByteSink, PcapngWriter, toStamp } from '../pcapng-writer.ts';
import { redactInterface } from './evidence.ts';
import { FrameRedactor } from './frame.ts';
import type { Mapping } from './mapping.ts';

export interface RedactionOptions {
  readonly mapping: Mapping;
  /** Who alters the file, as it is to be written into it. */
  readonly tool: { readonly name: string; readonly version: string };
  /** What `-` stands for. */
  readonly stdin?: NodeJS.ReadableStream;
  /** The zone of times that a format keeps without one; UTC for want of it. */
  readonly localZone?: LocalZone;
  readonly signal?: AbortSignal;
  readonly onProgress?: (state: { progress: number | null; packets: number; bytes: number }) => void;
}

export interface RedactionResult {
  readonly packets: number;
  /** Where the capture stops being readable; what stands before was redacted. */
  readonly damage: Damage | null;
  readonly interrupted: boolean;
}

/** Longest stretch of work between two looks at the event loop, in milliseconds. */
const SLICE_MILLIS = 50;
/** Records between two looks at the clock. */
const SLICE_RECORDS = 1024;

/** epb_flags: direction, reception, length of the frame check sequence. epb_dropcount: losses right before. */
const KEPT_PACKET_OPTIONS: ReadonlySet<number> = new Set([2, 4]);

/** What a file that was redacted says of itself. */
export function labelOf({ mapping, tool }: Pick<RedactionOptions, 'mapping' | 'tool'>): string {
  const vendors = mapping.keepsVendor ? ' but for their vendor prefixes' : '';
  return `Altered by ${tool.name} ${tool.version}: addresses and names were replaced${vendors} (key ${mapping.fingerprint}), payload that is not needed for a diagnosis was zeroed, checksums were set right, comments were dropped.`;
}

/** Redacts `input` into `sink`. Throws `CaptureError` if it cannot be read at all, and what `sink` throws. */
export async function redactCapture(
  input: CaptureInput,
  sink: ByteSink,
  options: RedactionOptions,
): Promise<RedactionResult> {
  const interfaces = new InterfaceRegistry();
  const { stdin, localZone, signal, onProgress } = options;
  const reader = await openCapture(input, {
    file: 0,
    interfaces,
    keepsOrigin: true,
    ...(stdin === undefined ? {} : { stdin }),
    ...(localZone === undefined ? {} : { localZone }),
  });
  if (!(reader instanceof CaptureReader)) throw new TypeError('no reader of a single capture');
  let release: (() => void) | null = null;
  signal?.addEventListener('abort', () => release?.(), { once: true });
  try {
    const copy = new RedactedCopy(reader, interfaces, sink, options);
    let sliceStart = performance.now();
    for (;;) {
      if (signal?.aborted) break;
      const status = copy.take(SLICE_RECORDS);
      if (status === END) break;
      const waiting = status === FEED ? reader.feed() : undefined;
      if (waiting !== undefined) {
        await new Promise<void>((resolve, reject) => {
          release = resolve;
          waiting.then(resolve, reject);
        });
      }
      if (performance.now() - sliceStart < SLICE_MILLIS) continue;
      onProgress?.({ progress: reader.progress, packets: reader.packets, bytes: reader.bytes });
      await new Promise(setImmediate);
      sliceStart = performance.now();
    }
    copy.finish();
    return { packets: reader.packets, damage: reader.damage, interrupted: signal?.aborted === true };
  } finally {
    reader.close();
  }
}

/** Writes what a reader hands out. */
class RedactedCopy {
  readonly #reader: CaptureReader;
  readonly #registry: InterfaceRegistry;
  readonly #sink: ByteSink;
  readonly #writer: PcapngWriter;
  readonly #redactor: FrameRedactor;
  readonly #options: RedactionOptions;
  readonly #record = new CaptureRecord();
  #section: readonly SectionInterface[] | null = null;
  /** Interfaces of the section that were written. */
  #described = 0;
  /** The number of the frame written last. */
  #frames = 0;
  /** What was written of each interface's counters, by its place in the registry. */
  readonly #counters: WrittenCounters[] = [];

  constructor(reader: CaptureReader, registry: InterfaceRegistry, sink: ByteSink, options: RedactionOptions) {
    this.#reader = reader;
    this.#registry = registry;
    this.#sink = sink;
    this.#writer = new PcapngWriter(sink);
    this.#redactor = new FrameRedactor(options.mapping);
    this.#options = options;
  }

  /** Takes up to `count` records; answers `FEED` or `END` if the reader did, else null. */
  take(count: number): typeof FEED | typeof END | null {
    const record = this.#record;
    for (let taken = 0; taken < count; taken += 1) {
      const status = this.#reader.next(record);
      if (status === FEED || status === END) return status;
      this.#followSection();
      this.#fillNumbers(record.number - 1);
      this.#writeRecord(record);
    }
    return null;
  }

  /** Needed once, at the end. */
  finish(): void {
    this.#followSection();
    this.#writeCounters();
    this.#writer.flush();
  }

  /** Writes what the reader came by: a new section, behind the counters of the one before, and descriptions. */
  #followSection(): void {
    const { section } = this.#reader;
    if (section !== this.#section) {
      this.#writeCounters();
      const { tool } = this.#options;
      this.#writer.writeSection({
        application: `${tool.name} ${tool.version}`,
        comments: [labelOf(this.#options)],
      });
      this.#section = section;
      this.#described = 0;
    }
    for (; this.#described < section.length; this.#described += 1) {
      const { description } = section[this.#described] as SectionInterface;
      if (description === null) throw new TypeError('an interface without its description');
      this.#writer.writeInterface(redactInterface(description, this.#options.mapping));
    }
  }

  #writeCounters(): void {
    const section = this.#section ?? [];
    for (const entry of this.#registry.list) this.#writeCountersOf(entry, section);
  }

  /** Writes the counters of an interface if they changed, one block for each stretch in which losses were counted. */
  #writeCountersOf(entry: CaptureInterface, section: readonly SectionInterface[]): void {
    const { statistics, received, dropIntervals } = entry;
    if (statistics === null) return;
    const written = (this.#counters[entry.index] ??= {
      identity: '',
      received: null,
      until: null,
      intervals: 0,
    });
    const isSame = written.identity === statistics.identity;
    if (isSame && written.received === received && written.until === statistics.until) return;
    const number = section.findLastIndex((source) => source.entry === entry);
    const source = section[number];
    if (source?.description) {
      const { tsresol, offsetSeconds } = source.description;
      const toTime = (seconds: number): Stamp => {
        const whole = Math.floor(seconds);
        return toStamp(whole, Math.round((seconds - whole) * 1e9), tsresol, offsetSeconds);
      };
      const added = dropIntervals.slice(written.intervals);
      let dropped = statistics.dropped - added.reduce((sum, { packets }) => sum + packets, 0);
      const write = (until: number | null): void => {
        const end = until === null ? null : toTime(until);
        this.#writer.writeStatistics({
          interface: number,
          stamp: end ?? { high: 0, low: 0 },
          start: startOf(statistics.identity),
          end,
          received: received === null ? null : received - statistics.receivedBefore,
          dropped: Math.max(0, dropped),
        });
      };
      for (const { packets, to } of added) {
        dropped += packets;
        write(to);
      }
      if (added.length === 0) write(statistics.until);
    }
    this.#counters[entry.index] = {
      identity: statistics.identity,
      received,
      until: statistics.until,
      intervals: dropIntervals.length,
    };
  }

  #writeRecord(record: CaptureRecord): void {
    const { view, offset, capturedLength, originalLength } = record;
    const { stamp, options, interface: description } = this.#reader.originOf(record);
    const frame = new Uint8Array(view.buffer, view.byteOffset + offset, capturedLength);
    const bytes = this.#redactor.redact(frame, {
      linkType: description.linkType,
      originalLength,
      fcsBytes: this.#registry.list[record.interface]?.fcsBytes ?? 0,
    });
    this.#frames = record.number;
    if (stamp === null) {
      this.#writeSimple(bytes, originalLength);
      return;
    }
    this.#writer.writePacket({
      interface: description.number,
      stamp,
      bytes,
      originalLength,
      options: options.filter(isKeptOption),
    });
  }

  /** A packet without a time. */
  #writeSimple(bytes: Uint8Array, originalLength: number): void {
    const block = new Uint8Array(16 + ((bytes.length + 3) & ~3));
    const view = new DataView(block.buffer);
    view.setUint32(8, originalLength, true);
    block.set(bytes, 12);
    this.#writeBlock(BLOCK.simplePacket, block);
  }

  /** Blocks that take a number and are no packets stand for what took one and is left out: frames keep their numbers. */
  #fillNumbers(last: number): void {
    for (; this.#frames < last; this.#frames += 1) this.#writeBlock(BLOCK.custom, new Uint8Array(16));
  }

  /** Type and lengths are put around the body, which has room for them. */
  #writeBlock(type: number, block: Uint8Array<ArrayBuffer>): void {
    const view = new DataView(block.buffer);
    view.setUint32(0, type, true);
    view.setUint32(4, block.length, true);
    view.setUint32(block.length - 4, block.length, true);
    this.#writer.flush();
    this.#sink.write(block);
  }
}

interface WrittenCounters {
  readonly identity: string;
  readonly received: number | null;
  readonly until: number | null;
  /** Stretches in which losses were counted. */
  readonly intervals: number;
}

function isKeptOption({ code }: RawOption): boolean {
  return KEPT_PACKET_OPTIONS.has(code);
}

/** isb_starttime in the identity of counters (capture/statistics.ts), or null where they have none. */
function startOf(identity: string): Stamp | null {
  const [, high, low] = /^(\d+)\.(\d+)$/.exec(identity) ?? [];
  return high === undefined || low === undefined ? null : { high: Number(high), low: Number(low) };
}
