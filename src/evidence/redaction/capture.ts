/**
 * A whole capture, redacted into a pcapng file. Kept are the frames' numbers, lengths and times to the last unit, directions and losses, sections
 * and interfaces as they are numbered, and the counters of interfaces. Everything else that a capture says beside its packets is left out:
 * comments, name records, secrets, filters, addresses and descriptions of interfaces, hardware, systems. The file says that it was altered.
 */
import { END, FEED } from '../../capture/capture.ts';
import type { Damage } from '../../capture/errors.ts';
import { InterfaceRegistry } from '../../capture/interfaces.ts';
import type { LocalZone } from '../../capture/local-time.ts';
import { type CaptureInput, openCapture } from '../../capture/open.ts';
import type { SectionStatistics } from '../../capture/origin.ts';
import { BLOCK } from '../../capture/pcapng-blocks.ts';
import type { SectionInterface } from '../../capture/pcapng-interface.ts';
import { CaptureReader } from '../../capture/reader.ts';
import { CaptureRecord } from '../../capture/record.ts';
import { countingOptions } from '../packet-options.ts';
import { type ByteSink, PcapngWriter } from '../pcapng-writer.ts';
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
  let copy: RedactedCopy | null = null;
  const reader = await openCapture(input, {
    file: 0,
    interfaces,
    keepsOrigin: true,
    onStatistics: (statistics) => copy?.writeStatistics(statistics),
    ...(stdin === undefined ? {} : { stdin }),
    ...(localZone === undefined ? {} : { localZone }),
    ...(signal === undefined ? {} : { signal }),
  });
  if (!(reader instanceof CaptureReader)) throw new TypeError('no reader of a single capture');
  let release: (() => void) | null = null;
  signal?.addEventListener('abort', () => release?.(), { once: true });
  try {
    copy = new RedactedCopy(reader, interfaces, sink, options);
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
      this.#follow(this.#reader.section);
      this.#fillNumbers(record.number - 1);
      this.#writeRecord(record);
    }
    return null;
  }

  /** Needed once, at the end. */
  finish(): void {
    this.#follow(this.#reader.section);
    this.#writer.flush();
  }

  /** Writes what the reader came by: the section, where it is a new one, and the interfaces that it has described since. */
  #follow(section: readonly SectionInterface[]): void {
    if (section !== this.#section) {
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

  /** Writes what a section says of one of its interfaces, in that section and where it says it. */
  writeStatistics({ section, number, stamp, start, end, received, dropped }: SectionStatistics): void {
    this.#follow(section);
    this.#writer.writeStatistics({
      ...{ interface: number, stamp, start, end },
      received: boundedCount(received),
      dropped: boundedCount(dropped),
    });
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
      options: countingOptions(options),
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

/** Larger ones count nothing: no double holds them. */
function boundedCount(count: number | null): number | null {
  return count === null ? null : Math.min(count, Number.MAX_SAFE_INTEGER);
}
