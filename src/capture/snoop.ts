/**
 * snoop (RFC 1761), and what Shomiti and Finisar Surveyor made of it. All numbers are big-endian.
 *
 *     file header, 16 bytes            record header, 24 bytes
 *      0  8  "snoop", three zeros       0  4  original length (untrusted)
 *      8  4  version                    4  4  captured length (untrusted)
 *     12  4  datalink type              8  4  length of the record with header and padding (untrusted)
 *                                      12  4  packets lost since the first record
 *                                      16  4  seconds, unsigned
 *                                      20  4  microseconds
 */
import { END, FEED, RECORD, type ReadStatus } from './capture.ts';
import { CaptureError } from './errors.ts';
import { MAX_BLOCK_BYTES, MAX_INT32, MAX_RECORD_BYTES } from './limits.ts';
import { type RecordOrigin, toStamp } from './origin.ts';
import type { SectionInterface } from './pcapng-interface.ts';
import { InterfaceClock } from './pcapng-time.ts';
import { PRIVATE_LINK_TYPE } from './private-link.ts';
import { CaptureReader, type ReaderInput } from './reader.ts';
import type { CaptureRecord } from './record.ts';

export const SNOOP_MAGIC = 'snoop\0\0\0';
export const SNOOP_HEADER_BYTES = 16;
const RECORD_HEADER_BYTES = 24;
/** 2 is Solaris; 3 to 5 are Surveyor with the analysers CMM2, GAM and THG. */
const FIRST_VERSION = 2;
const LAST_VERSION = 5;
const TSRESOL = 6;
const UNITS_PER_SECOND = 1_000_000;
/** Surveyor keeps what its hardware knows behind each packet, where others pad by a few bytes. */
const SHOMITI_PADDING_BYTES = 16;
const ETHERNET = 1;

/** Datalink types (RFC 1761, dlpi.h, IANA's snoop-datalink-types) as LINKTYPE_ numbers. */
const LINK_TYPES: ReadonlyMap<number, number> = new Map([
  [0, ETHERNET],
  [2, 6],
  [4, ETHERNET],
  [8, 10],
  [9, 0],
  [14, 0],
  [16, 122],
  [18, 123],
  [26, 242],
  [0x8000_0005, 226],
]);
/** Those of Surveyor, which tells speeds apart. */
const SHOMITI_LINK_TYPES: ReadonlyMap<number, number> = new Map([
  [0, ETHERNET],
  [2, 6],
  [4, ETHERNET],
  [8, 10],
  [10, ETHERNET],
  [11, 6],
  [12, ETHERNET],
  [13, 6],
  [14, 6],
  [19, ETHERNET],
]);

/** A record header size that never fits, so that `next` takes the long way. */
const UNREADY_BYTES = 0x4000_0000;

export class SnoopReader extends CaptureReader {
  readonly format = 'snoop';
  readonly section: SectionInterface[] = [];
  readonly #datalink: number;
  readonly #isSurveyor: boolean;
  /** `RECORD_HEADER_BYTES`, or more than any window has while the next bytes are not a record header. */
  #readyBytes = UNREADY_BYTES;
  /** Bytes of the last record that are still to be skipped. */
  #skipBytes = 0;
  /** File offset of the oversized record being skipped, -1 otherwise. */
  #oversizedOffset = -1;
  /** Losses so far, as the last record has them. */
  #lost = 0.5;

  /** The whole file header stands in the window. Throws `CaptureError`. */
  constructor(input: ReaderInput) {
    super(input);
    const { window } = input;
    const version = window.view.getUint32(window.position + 8);
    if (version < FIRST_VERSION || version > LAST_VERSION) {
      throw new CaptureError(
        'unsupported-format',
        input.path,
        `snoop version ${version}; known are ${FIRST_VERSION} to ${LAST_VERSION}`,
        'Check that the file was not changed after it was captured.',
        8,
      );
    }
    this.#isSurveyor = version > FIRST_VERSION;
    this.#datalink = window.view.getUint32(window.position + 12);
    this.#lost = 0;
    window.position += SNOOP_HEADER_BYTES;
  }

  originOf(record: CaptureRecord): RecordOrigin {
    const description = this.section[0]?.description;
    if (!description) throw new TypeError('no record was handed out');
    const stamp = toStamp(record.seconds, record.nanos, TSRESOL);
    return { interface: description, stamp, options: [], comments: [] };
  }

  /** The ordinary record, whole, without oddities and new losses; all other cases are `#nextUnusual`. */
  next(record: CaptureRecord): ReadStatus {
    const window = this.window;
    const position = window.position;
    const dataAt = position + this.#readyBytes;
    if (dataAt <= window.limit) {
      const view = window.view;
      const original = view.getUint32(position);
      const captured = view.getUint32(position + 4);
      const length = view.getUint32(position + 8);
      const micros = view.getUint32(position + 20);
      if (
        captured <= MAX_RECORD_BYTES &&
        captured + RECORD_HEADER_BYTES <= length &&
        position + length <= window.limit &&
        captured <= original &&
        original <= MAX_INT32 &&
        micros < UNITS_PER_SECOND &&
        view.getUint32(position + 12) === this.#lost
      ) {
        window.position = position + length;
        this.hand(record, this.#source.entry, dataAt, captured, original);
        record.seconds = view.getUint32(position + 16);
        record.nanos = micros * 1000;
        return RECORD;
      }
    }
    return this.#nextUnusual(record);
  }

  get #source(): SectionInterface {
    return this.section[0] as SectionInterface;
  }

  #nextUnusual(record: CaptureRecord): ReadStatus {
    const window = this.window;
    if (this.isDone) return END;
    if (this.section.length === 0 && !this.#describe()) return FEED;
    if (this.#skipBytes > 0) {
      const status = this.#skip();
      if (status !== RECORD) return status;
    }
    const { position, view, offset } = window;
    if (window.available < RECORD_HEADER_BYTES) return this.awaitHeader(offset);
    const original = view.getUint32(position);
    const captured = view.getUint32(position + 4);
    const length = view.getUint32(position + 8);
    if (captured + RECORD_HEADER_BYTES > length || length > MAX_BLOCK_BYTES) {
      return this.endDamaged(
        'bad-record',
        offset,
        `frame ${this.frames + 1} claims ${captured} captured bytes in a record of ${length}`,
      );
    }
    const dataAt = position + RECORD_HEADER_BYTES;
    if (captured > MAX_RECORD_BYTES) {
      this.#oversizedOffset = offset;
      window.position = dataAt;
      this.#skipBytes = length - RECORD_HEADER_BYTES;
      this.#readyBytes = UNREADY_BYTES;
      return this.#nextUnusual(record);
    }
    const missing = dataAt + captured - window.limit;
    if (missing > 0) return this.awaitBytes(offset, captured, missing);
    const end = Math.min(position + length, window.limit);
    this.#skipBytes = position + length - end;
    this.#readyBytes = this.#skipBytes > 0 ? UNREADY_BYTES : RECORD_HEADER_BYTES;
    this.hand(record, this.#source.entry, dataAt, captured, this.checkedOriginal(captured, original));
    this.#readTime(record, position);
    record.dropsBefore = this.#countLosses(view.getUint32(position + 12));
    window.position = end;
    return RECORD;
  }

  #readTime(record: CaptureRecord, position: number): void {
    const { view } = this.window;
    let seconds = view.getUint32(position + 16);
    let micros = view.getUint32(position + 20);
    if (micros >= UNITS_PER_SECOND) {
      this.countOddity('time-fraction');
      seconds += Math.floor(micros / UNITS_PER_SECOND);
      micros %= UNITS_PER_SECOND;
    }
    record.seconds = seconds;
    record.nanos = micros * 1000;
  }

  /** Losses right before this record. A counter that falls began anew, and what it lost by then is not known. */
  #countLosses(lost: number): number {
    const before = Math.max(0, lost - this.#lost);
    this.#lost = lost;
    this.#source.entry.droppedByPackets += before;
    return Math.min(before, MAX_INT32);
  }

  /** Goes on over padding, or over an oversized record, which is numbered if it is all there. `RECORD` means: go on. */
  #skip(): ReadStatus {
    const window = this.window;
    const taken = Math.min(this.#skipBytes, window.available);
    window.position += taken;
    this.#skipBytes -= taken;
    if (this.#skipBytes > 0) {
      if (!window.ended) return FEED;
      const isOversized = this.#oversizedOffset >= 0;
      const frame = isOversized ? this.frames + 1 : this.frames;
      return this.endCut(
        isOversized ? this.#oversizedOffset : window.offset,
        `cut short in ${isOversized ? '' : 'the padding behind '}frame ${frame}: ${this.#skipBytes} bytes are missing`,
      );
    }
    if (this.#oversizedOffset >= 0) {
      this.#oversizedOffset = -1;
      this.frames++;
      this.oversized++;
    }
    this.#readyBytes = RECORD_HEADER_BYTES;
    return RECORD;
  }

  /** Whose file it is shows in the padding of the first record. False while that is not there. */
  #describe(): boolean {
    const window = this.window;
    const hasRecord = window.available >= RECORD_HEADER_BYTES;
    if (!hasRecord && !window.ended) return false;
    const { position, view } = window;
    const padding = hasRecord
      ? view.getUint32(position + 8) - view.getUint32(position + 4) - RECORD_HEADER_BYTES
      : 0;
    const isShomiti = this.#isSurveyor || padding >= SHOMITI_PADDING_BYTES;
    const linkType = (isShomiti ? SHOMITI_LINK_TYPES : LINK_TYPES).get(this.#datalink) ?? PRIVATE_LINK_TYPE;
    const fcsLength = isShomiti && linkType === ETHERNET ? 4 : null;
    const entry = this.registry.register(null, 0, linkType, fcsLength ?? 0, TSRESOL);
    this.interfaces.push(entry.index);
    const description = { number: 0, linkType, snaplen: 0, tsresol: TSRESOL, offsetSeconds: 0n, fcsLength };
    this.section.push({
      entry,
      clock: new InterfaceClock(TSRESOL, 0),
      hasTime: true,
      snaplen: 0,
      description: { ...description, name: null, description: null, others: [] },
    });
    if (hasRecord) this.#readyBytes = RECORD_HEADER_BYTES;
    return true;
  }
}
