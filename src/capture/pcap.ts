/**
 * Classic pcap: draft-ietf-opsawg-pcap, and the variants that were written in the field.
 *
 *     file header, 24 bytes (Ixia: 28)               record header, 16 bytes (variants: 20, 24, 28)
 *      0  4  magic: byte order and resolution         0  4  seconds, unsigned
 *      4  2  major version   6  2  minor version      4  4  micro- or nanoseconds
 *      8  4  zone, ignored  12  4  figures, ignored   8  4  captured length (untrusted)
 *     16  4  snaplen, only a hint                    12  4  original length (untrusted)
 *     20  4  link type, FCS length                   16  4  interface index  22  1  packet type (modified pcap)
 */
import { END, FEED, RECORD, type ReadStatus, type RecordRow } from './capture.ts';
import { CaptureError } from './errors.ts';
import type { CaptureInterface } from './interfaces.ts';
import { type InterfaceDescription, type RecordOrigin, toStamp } from './origin.ts';
import { MAX_BLOCK_BYTES, MAX_INT32, MAX_RECORD_BYTES } from './limits.ts';
import type { SectionInterface } from './pcapng-interface.ts';
import { InterfaceClock } from './pcapng-time.ts';
import type { CaptureRecord } from './record.ts';
import { CaptureReader, type ReaderInput } from './reader.ts';

type PcapKind = 'standard' | 'nanosecond' | 'modified' | 'ixia-hardware' | 'ixia-software';

/** Magic numbers as a big-endian reader sees them in the file's own byte order. */
const MAGICS: ReadonlyArray<readonly [magic: number, kind: PcapKind]> = [
  [0xa1b2_c3d4, 'standard'],
  [0xa1b2_3c4d, 'nanosecond'],
  [0xa1b2_cd34, 'modified'],
  [0x1c00_01ac, 'ixia-hardware'],
  [0x1c00_01ab, 'ixia-software'],
];

const FILE_HEADER_BYTES = 24;
/** Ixia's lcap adds the size of all records. */
const IXIA_HEADER_BYTES = 28;

/** RFC 1573 interface types, which AIX writes where the link type belongs, with nanoseconds. */
const AIX_LINK_TYPES: ReadonlyMap<number, number> = new Map([
  [6, 1],
  [9, 6],
  [15, 10],
  [24, 0],
]);

/** Sizes of record headers that share a magic number, the likelier first (Kuznetzov's patches of 1999, Nokia). */
const NOKIA_BYTES = 20;
const STANDARD_LAYOUTS = [16, 24, NOKIA_BYTES] as const;
const MODIFIED_LAYOUTS = [24, 28] as const;

/** Records that are tried per layout, and the stretch of the file they are looked for in. */
const TRIED_RECORDS = 3;
const TRIED_BYTES = 64 * 1024;
/** No packet is longer (D-Bus allows 128 MiB). */
const PLAUSIBLE_ORIGINAL_BYTES = 128 * 1024 * 1024;
const PLAUSIBLE_INTERFACES = 10_000;
/** PACKET_HOST to PACKET_OUTGOING. */
const LAST_PACKET_TYPE = 4;

/** The bits of Nokia's extra word that were the same in every file seen. */
const NOKIA_MASK = 0x0fff_00f0;
const NOKIA_CONSTANT = 0x0fbf_0000;

/** An Ethernet type, or one of Linux's own (if_ether.h): 1 to 0x17, LOOP, ECHO, PUP; 0 occurs too. */
function isPlausibleProtocol(protocol: number): boolean {
  return (
    protocol >= 0x600 || protocol <= 0x17 || protocol === 0x60 || protocol === 0x200 || protocol === 0x400
  );
}

/** A record header size that never fits, so that `next` takes the long way. */
const UNREADY_BYTES = 0x4000_0000;

interface PcapMagic {
  readonly kind: PcapKind;
  readonly littleEndian: boolean;
}

function findMagic(view: DataView, offset: number): PcapMagic | null {
  for (const [magic, kind] of MAGICS) {
    if (view.getUint32(offset, false) === magic) return { kind, littleEndian: false };
    if (view.getUint32(offset, true) === magic) return { kind, littleEndian: true };
  }
  return null;
}

/** Size of the file header that begins at `offset`, or 0 where it is no pcap. Needs 4 bytes. */
export function pcapHeaderBytes(view: DataView, offset: number): number {
  const magic = findMagic(view, offset);
  if (magic === null) return 0;
  return magic.kind.startsWith('ixia') ? IXIA_HEADER_BYTES : FILE_HEADER_BYTES;
}

function describePcap(
  linkType: number,
  snaplen: number,
  fcsBytes: number,
  isNano: boolean,
): InterfaceDescription {
  return {
    number: 0,
    linkType,
    snaplen,
    tsresol: isNano ? 9 : 6,
    offsetSeconds: 0n,
    fcsLength: fcsBytes === 0 ? null : fcsBytes,
    name: null,
    description: null,
    others: [],
  };
}

export class PcapReader extends CaptureReader implements RecordRow {
  readonly format = 'pcap';
  readonly littleEndian: boolean;
  readonly #snaplen: number;
  /** As the header has them, for those who ask. */
  readonly #description: InterfaceDescription;
  #section: readonly SectionInterface[] | null = null;
  /** Units of the time fraction in a second, and nanoseconds in a unit. */
  readonly #unitsPerSecond: number;
  readonly nanosPerUnit: number;
  readonly #capturedAt: number;
  readonly #originalAt: number;
  readonly #swapsImplausible: boolean;
  #layouts: readonly number[];
  #headerBytes: number;
  /** `#headerBytes`, or more than any window has while the next bytes are not a record header. */
  #readyBytes: number;
  readonly #interface: CaptureInterface;
  readonly interfaceIndex: number;
  /** Bytes of an oversized record that are still to be skipped. */
  #skipBytes = 0;
  /** File offset of the oversized record being skipped, -1 otherwise. */
  #oversizedOffset = -1;

  /** The whole file header stands in the window. Throws `CaptureError`. */
  constructor(input: ReaderInput) {
    super(input);
    const { view, position } = input.window;
    const magic = findMagic(view, position);
    if (magic === null) throw new TypeError('no pcap header');
    const le = magic.littleEndian;
    const major = view.getUint16(position + 4, le);
    const minor = view.getUint16(position + 6, le);
    if (major < 2) {
      throw new CaptureError(
        'unsupported-format',
        input.path,
        `pcap version ${major}.${minor}; the oldest that can be read is 2.0`,
        'Check that the file was not changed after it was captured.',
        4,
      );
    }
    const snaplen = view.getUint32(position + 16, le);
    const linkWord = view.getUint32(position + 20, le);
    let linkType = linkWord & 0xffff;
    const aixLinkType = AIX_LINK_TYPES.get(linkWord);
    const isAix = magic.kind === 'standard' && major === 2 && minor === 2 && aixLinkType !== undefined;
    if (isAix) linkType = aixLinkType;
    // Bits 16 to 25 and 27 are reserved; bit 26 says that the top four hold the FCS length in 16-bit units.
    if ((linkWord & 0x0bff_0000) !== 0) this.countOddity('reserved-link-type-bits');
    const fcsBytes = (linkWord & 0x0400_0000) === 0 ? 0 : (linkWord >>> 28) * 2;
    const isNano = magic.kind === 'nanosecond' || magic.kind === 'ixia-hardware' || isAix;
    this.littleEndian = le;
    this.#snaplen = snaplen === 0 || snaplen > MAX_RECORD_BYTES ? MAX_RECORD_BYTES : snaplen;
    this.#unitsPerSecond = isNano ? 1_000_000_000 : 1_000_000;
    this.nanosPerUnit = isNano ? 1 : 1000;
    // Before 2.3 the lengths stood the other way round, in DG/UX's 543.0 too; files of 2.3 come in both ways.
    const isSwapped = (major === 2 && minor < 3) || major === 543;
    this.#capturedAt = isSwapped ? 12 : 8;
    this.#originalAt = isSwapped ? 8 : 12;
    this.#swapsImplausible = major === 2 && minor === 3;
    const isPlainVersion = major === 2 && minor === 4;
    this.#layouts =
      magic.kind === 'modified'
        ? MODIFIED_LAYOUTS
        : magic.kind === 'standard' && isPlainVersion
          ? STANDARD_LAYOUTS
          : [];
    this.#headerBytes = 16;
    this.#readyBytes = this.#layouts.length > 0 ? UNREADY_BYTES : 16;
    this.#interface = this.registry.register(null, 0, linkType, fcsBytes, isNano ? 9 : 6);
    this.#description = describePcap(linkType, snaplen, fcsBytes, isNano);
    this.interfaceIndex = this.#interface.index;
    this.interfaces.push(this.interfaceIndex);
    input.window.position =
      position + (magic.kind.startsWith('ixia') ? IXIA_HEADER_BYTES : FILE_HEADER_BYTES);
  }

  override get row(): RecordRow | null {
    return this.#capturedAt === 8 ? this : null;
  }

  get section(): readonly SectionInterface[] {
    this.#section ??= [
      {
        entry: this.#interface,
        clock: new InterfaceClock(this.#description.tsresol, 0),
        hasTime: true,
        snaplen: this.#snaplen,
        description: this.#description,
      },
    ];
    return this.#section;
  }

  originOf(record: CaptureRecord): RecordOrigin {
    const stamp = toStamp(record.seconds, record.nanos, this.#description.tsresol);
    return { interface: this.#description, stamp, options: [], comments: [] };
  }

  get isReady(): boolean {
    return this.#readyBytes === 16;
  }

  peek(record: CaptureRecord, ahead: number, position: number): void {
    const { view } = this.window;
    const le = this.littleEndian;
    this.#write(
      record,
      this.frames + ahead,
      position + 16,
      view.getInt32(position + 8, le),
      view.getInt32(position + 12, le),
      view.getUint32(position, le),
      view.getInt32(position + 4, le) * this.nanosPerUnit,
    );
  }

  taken(records: number, position: number): void {
    this.frames += records;
    this.packets += records;
    this.#interface.packets += records;
    this.window.position = position;
  }

  /** The ordinary record, whole and without oddities, and nothing else: all other cases are `#nextUnusual`. */
  next(record: CaptureRecord): ReadStatus {
    const window = this.window;
    const position = window.position;
    const dataAt = position + this.#readyBytes;
    if (dataAt <= window.limit) {
      const view = window.view;
      const le = this.littleEndian;
      const captured = view.getUint32(position + this.#capturedAt, le);
      const end = dataAt + captured;
      const original = view.getUint32(position + this.#originalAt, le);
      const fraction = view.getUint32(position + 4, le);
      if (
        captured <= MAX_RECORD_BYTES &&
        end <= window.limit &&
        captured <= original &&
        original <= MAX_INT32 &&
        fraction < this.#unitsPerSecond
      ) {
        this.taken(1, end);
        this.#write(
          record,
          this.frames,
          dataAt,
          captured,
          original,
          view.getUint32(position, le),
          fraction * this.nanosPerUnit,
        );
        return RECORD;
      }
    }
    // One way for all the rest, so that none of it is met for the first time after this was optimised.
    return this.#nextUnusual(record);
  }

  #write(
    record: CaptureRecord,
    number: number,
    dataAt: number,
    captured: number,
    original: number,
    seconds: number,
    nanos: number,
  ): void {
    const window = this.window;
    // The view changes once a piece at most, and a store of a pointer costs more than a comparison.
    if (record.view !== window.view) record.view = window.view;
    record.offset = dataAt;
    record.capturedLength = captured;
    record.originalLength = original;
    record.number = number;
    record.file = this.file;
    record.interface = this.interfaceIndex;
    record.seconds = seconds;
    record.nanos = nanos;
    record.hasTime = true;
    record.fileOffset = window.base + dataAt;
    record.dropsBefore = 0;
  }

  #nextUnusual(record: CaptureRecord): ReadStatus {
    const window = this.window;
    if (this.isDone) return END;
    if (this.#layouts.length > 0 && !this.#decideLayout()) return FEED;
    if (this.#oversizedOffset >= 0) {
      const status = this.#skipOversized();
      if (status !== RECORD) return status;
    }
    const { position, view } = window;
    const dataAt = position + this.#headerBytes;
    const offset = window.offset;
    if (dataAt > window.limit) return this.awaitHeader(offset);
    const le = this.littleEndian;
    let captured = view.getUint32(position + this.#capturedAt, le);
    let original = view.getUint32(position + this.#originalAt, le);
    if (captured > original && this.#swapsImplausible) [captured, original] = [original, captured];
    if (captured > MAX_BLOCK_BYTES) return this.endTooLong(offset, captured);
    if (captured > MAX_RECORD_BYTES) {
      this.#oversizedOffset = offset;
      this.#skipBytes = captured;
      this.#readyBytes = UNREADY_BYTES;
      window.position = dataAt;
      return this.#nextUnusual(record);
    }
    const missing = dataAt + captured - window.limit;
    if (missing > 0) return this.awaitBytes(offset, captured, missing);
    this.taken(1, dataAt + captured);
    original = this.checkedOriginal(captured, original);
    let seconds = view.getUint32(position, le);
    let fraction = view.getUint32(position + 4, le);
    if (fraction >= this.#unitsPerSecond) {
      this.countOddity('time-fraction');
      seconds += Math.floor(fraction / this.#unitsPerSecond);
      fraction %= this.#unitsPerSecond;
    }
    this.#write(record, this.frames, dataAt, captured, original, seconds, fraction * this.nanosPerUnit);
    return RECORD;
  }

  /** Goes on over an oversized record and numbers it if a record follows. `RECORD` means: go on with that one. */
  #skipOversized(): ReadStatus {
    const window = this.window;
    const taken = Math.min(this.#skipBytes, window.available);
    window.position += taken;
    this.#skipBytes -= taken;
    const hasFollower = window.available >= this.#headerBytes;
    if ((this.#skipBytes > 0 || !hasFollower) && !window.ended) return FEED;
    const offset = this.#oversizedOffset;
    this.#oversizedOffset = -1;
    if (this.#skipBytes > 0) {
      return this.endCut(
        offset,
        `cut short in frame ${this.frames + 1}: ${this.#skipBytes} of its bytes are missing`,
      );
    }
    if (hasFollower ? !this.#isPlausible(window.position) : window.available > 0) {
      return this.endDamaged(
        'bad-record',
        offset,
        `frame ${this.frames + 1} claims more than ${MAX_RECORD_BYTES} captured bytes, and no record follows it`,
      );
    }
    this.#readyBytes = this.#headerBytes;
    this.frames++;
    this.oversized++;
    return RECORD;
  }

  /** Whether a record header could stand at `at`. */
  #isPlausible(at: number): boolean {
    const view = this.window.view;
    const le = this.littleEndian;
    const captured = view.getUint32(at + this.#capturedAt, le);
    const original = view.getUint32(at + this.#originalAt, le);
    return (
      view.getUint32(at + 4, le) < this.#unitsPerSecond &&
      captured <= MAX_BLOCK_BYTES &&
      original <= PLAUSIBLE_ORIGINAL_BYTES &&
      (captured <= original || this.#swapsImplausible)
    );
  }

  /** Chooses the record header whose first records make most sense. False while bytes are missing for that. */
  #decideLayout(): boolean {
    const window = this.window;
    const end = Math.min(window.limit, window.position + TRIED_BYTES);
    const isAllThere = window.ended || window.available >= TRIED_BYTES;
    const isEnough = isAllThere || this.#wholeRecords(end) >= TRIED_RECORDS;
    // A pipe may stay silent for long after its first packets; they must not wait for the third.
    const isUrgent = this.isLive && this.#wholeRecords(end) > 0;
    if (!isEnough && !isUrgent) return false;
    let best = 16;
    let leastOdd = Infinity;
    for (const headerBytes of this.#layouts) {
      const odd = this.#oddFields(window.position, end, headerBytes, TRIED_RECORDS);
      if (odd < leastOdd) {
        leastOdd = odd;
        best = headerBytes;
      }
    }
    if (leastOdd > 0 && !isAllThere) return false;
    this.#headerBytes = best;
    this.#readyBytes = best;
    this.#layouts = [];
    return true;
  }

  /** How many records of the likeliest layout stand before `end`. */
  #wholeRecords(end: number): number {
    const headerBytes = this.#layouts[0] ?? 16;
    let at = this.window.position;
    let count = 0;
    while (count < TRIED_RECORDS && at + headerBytes <= end) {
      at += headerBytes + this.window.view.getUint32(at + this.#capturedAt, this.littleEndian);
      if (at <= end) count++;
    }
    return count;
  }

  /** Number of implausible fields in the first `records` records, were their headers of `headerBytes`. */
  #oddFields(from: number, end: number, headerBytes: number, records: number): number {
    const { view, limit, ended } = this.window;
    const le = this.littleEndian;
    let odd = 0;
    let at = from;
    for (let i = 0; i < records && at < end; i++) {
      if (at + headerBytes > end) return ended && end === limit ? odd + 1 : odd;
      const captured = view.getUint32(at + this.#capturedAt, le);
      const original = view.getUint32(at + this.#originalAt, le);
      if (view.getUint32(at + 4, le) >= this.#unitsPerSecond) odd++;
      if (captured > this.#snaplen) odd++;
      if (captured > original && !this.#swapsImplausible) odd++;
      if (original > PLAUSIBLE_ORIGINAL_BYTES) odd++;
      if (headerBytes === NOKIA_BYTES) {
        if ((view.getUint32(at + 16, le) & NOKIA_MASK) !== NOKIA_CONSTANT) odd++;
      } else if (headerBytes > NOKIA_BYTES) {
        if (view.getUint32(at + 16, le) > PLAUSIBLE_INTERFACES) odd++;
        if (!isPlausibleProtocol(view.getUint16(at + 20, le))) odd++;
        if (view.getUint8(at + 22) > LAST_PACKET_TYPE) odd++;
      }
      if (captured > MAX_RECORD_BYTES) return odd + 1;
      at += headerBytes + captured;
      if (at > end && ended && end === limit) odd++;
    }
    return odd;
  }
}
