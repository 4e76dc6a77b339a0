/**
 * Packets that were recorded more than once (rules 0.2): duplicates of a mirror port within milliseconds,
 * and copies from a second tap of the same path within seconds. Asked for control and watched packets only.
 */
import { borrowBuffer, returnBuffer } from '../tables/spare-buffers.ts';
import { KIND_ARP, KIND_IPV4, type Packet } from '../wire/packet.ts';
import { tcpPorts } from '../wire/tcp.ts';
import type { Domain } from './domains.ts';

export interface CopyOptions {
  readonly duplicateMillis: number;
  readonly multiPointPackets: number;
  readonly multiPointFraction: number;
  readonly multiPointSeconds: number;
  readonly multiPointSpreadMillis: number;
}

/** Seen for the first time. */
export const ORIGINAL = 0;
/** The same packet recorded twice; it must not be counted. */
export const DUPLICATE = 1;
/** The same packet seen again later on its way, or sent again to the letter; not a new event either. */
export const RECURRENCE = 2;

const SLOT_BITS = 12;
const SLOTS = 1 << SLOT_BITS;
const SLOT_SHIFT = 32 - SLOT_BITS;
/** A slot in words: the two hashes, the domain plus one, its clock epoch, and the time as a double; half a cache line. */
const SLOT_WORDS = 8;
const TIME_AT = 2;
const TAG_MASK = 0xff;
/** Transport bytes compared: the headers, whose checksums tell two payloads apart, and a little more. */
const COMPARED_BYTES = 32;
const MAX_OFFSETS = 1024;
/** So many packets are enough to tell how often packets are recorded; of further control packets, those of a part of the ports. */
const ALL_UP_TO = 4096;
const SAMPLE_SHIFT = 28;
/** Differences of times are doubles: 5 ms exactly may come out a little longer. */
const ROUNDING_MILLIS = 1e-6;

export class Copies {
  duplicates = 0;
  recurrences = 0;
  /** Packets that were asked about. */
  examined = 0;
  readonly #options: CopyOptions;
  readonly #domainOf: (index: number) => Domain;
  readonly #words = new Int32Array(borrowBuffer(SLOTS * SLOT_WORDS * Int32Array.BYTES_PER_ELEMENT));
  readonly #times = new Float64Array(this.#words.buffer);
  /**
   * Eight bits of the first hash in each slot. Most packets differ from what is in their slot in these bits already: the slot is
   * then only written, and nobody waits for it to come from memory. So few bytes stay in the cache from one watched packet to the
   * next.
   */
  readonly #tags = new Uint8Array(SLOTS);
  readonly #offsets: number[] = [];
  /** Packets that were looked at here, and those of them that were duplicates. */
  #looked = 0;
  #again = 0;
  #first = 0;
  #second = 0;
  /** The packet that was asked about last, and the answer: several trackers may ask about one. */
  #lastNumber = 0;
  #lastFile = 0;
  #lastAnswer = ORIGINAL;

  constructor(options: CopyOptions, domainOf: (index: number) => Domain) {
    this.#options = options;
    this.#domainOf = domainOf;
  }

  /** Gives its memory back; it must not be used any more. */
  release(): void {
    returnBuffer(this.#words.buffer);
  }

  /** Whether the current packet was seen before; the same answer each time it is asked about the same packet. */
  examine(packet: Packet): number {
    if (!this.#isAnswered(packet)) this.#answer(packet, this.#look(packet));
    return this.#lastAnswer;
  }

  #answer(packet: Packet, answer: number): void {
    this.#lastNumber = packet.number;
    this.#lastFile = packet.file;
    this.#lastAnswer = answer;
  }

  #isAnswered({ number, file }: Packet): boolean {
    return number !== 0 && number === this.#lastNumber && file === this.#lastFile;
  }

  #look(packet: Packet): number {
    this.examined += 1;
    this.#looked += 1;
    const isIp = packet.kind >= KIND_IPV4;
    if (isIp) this.#hashDatagram(packet);
    else if (packet.kind === KIND_ARP)
      this.#hashBytes(packet, packet.network, packet.network + 28, packet.sourceLow);
    else this.#hashBytes(packet, packet.network, packet.end, packet.sourceLow);
    // Mixed once more, so that packets that count something spread over the slots.
    const mixed = Math.imul(this.#first ^ (this.#first >>> 15), 0x2c1b3c6d);
    const slot = mixed >>> SLOT_SHIFT;
    const words = this.#words;
    const at = slot * SLOT_WORDS;
    const timeAt = slot * (SLOT_WORDS / 2) + TIME_AT;
    const { epoch } = this.#domainOf(packet.domain);
    const isKnown =
      this.#tags[slot] === (mixed & TAG_MASK) &&
      words[at] === this.#first &&
      words[at + 1] === this.#second &&
      // A clock that was stepped back shows the same time once more, and other packets at it.
      words[at + 3] === epoch;
    const age = isKnown ? packet.time - (this.#times[timeAt] as number) : Number.NEGATIVE_INFINITY;
    if (age >= -0.01 && this.#isSameSegment((words[at + 2] as number) - 1, packet.domain)) {
      if (age * 1000 <= this.#options.duplicateMillis + ROUNDING_MILLIS) {
        this.duplicates += 1;
        this.#again += 1;
        return DUPLICATE;
      }
      if (isIp && age <= this.#options.multiPointSeconds && packet.ipId !== 0) {
        this.#noteOffset(age);
        return RECURRENCE;
      }
    }
    this.#tags[slot] = mixed;
    words[at] = this.#first;
    words[at + 1] = this.#second;
    words[at + 2] = packet.domain + 1;
    words[at + 3] = epoch;
    this.#times[timeAt] = packet.time;
    return ORIGINAL;
  }

  /**
   * A SYN/ACK or a FIN, whether or not its tracker asks: copies of them tell of a second tap (rules 0.2). Not for resets: what arrives
   * at a closed port is reset by packets that are alike to the last bit.
   */
  sample(packet: Packet): void {
    if (this.examined < ALL_UP_TO || Math.imul(tcpPorts(packet), 0x9e3779b1) >>> SAMPLE_SHIFT === 0)
      this.examine(packet);
  }

  /** A control packet that its tracker knows again, `seconds` after the first record of it. */
  recurred(packet: Packet, seconds: number): void {
    if (this.#isAnswered(packet)) return;
    this.examined += 1;
    const isDuplicate = seconds * 1000 <= this.#options.duplicateMillis + ROUNDING_MILLIS;
    if (isDuplicate) this.duplicates += 1;
    else if (seconds <= this.#options.multiPointSeconds) this.#noteOffset(seconds);
    this.#answer(packet, isDuplicate ? DUPLICATE : RECURRENCE);
  }

  /**
   * How often each packet was recorded, judged by those whose first record was looked at, too: 1, up to 2 on a mirror of both
   * directions.
   */
  get recordsPerPacket(): number {
    // The copy of the last one may be still to come.
    const records = this.#looked - 1;
    return Math.min(2, Math.max(1, records / Math.max(1, records - this.#again)));
  }

  /** The median offset of the copies in seconds if this capture has several taps of one path, else null. */
  multiPointOffset(): number | null {
    const { multiPointPackets, multiPointFraction, multiPointSpreadMillis } = this.#options;
    const isFrequent = this.recurrences > 1 && this.recurrences >= multiPointFraction * this.examined;
    if (this.recurrences < multiPointPackets && !isFrequent) return null;
    if (this.#offsets.length === 0) return null;
    const sorted = this.#offsets.toSorted((a, b) => a - b);
    const median = sorted[sorted.length >> 1] as number;
    const near = sorted.filter((offset) => Math.abs(offset - median) * 1000 <= multiPointSpreadMillis).length;
    // Four fifths: part of the definition of a second tap (rules 0.2).
    return near >= 0.8 * sorted.length ? median : null;
  }

  #noteOffset(seconds: number): void {
    this.recurrences += 1;
    if (this.#offsets.length < MAX_OFFSETS) this.#offsets.push(seconds);
  }

  /**
   * The same segment, or the same interface with one tag stack the end of the other: a mirror port may show a
   * frame with and without its tag, while two different tags are two networks.
   */
  #isSameSegment(a: number, b: number): boolean {
    if (a === b) return true;
    if (a < 0) return false;
    const one = this.#domainOf(a);
    const other = this.#domainOf(b);
    if (one.interface !== other.interface) return false;
    return one.vlanDepth < other.vlanDepth
      ? isTail(one, other)
      : one.vlanDepth > other.vlanDepth && isTail(other, one);
  }

  /** IPv4 but TTL and header checksum; IP identification, lengths and the start of the payload. */
  #hashDatagram(packet: Packet): void {
    const { view, network, transport, ipSource, ipDestination, protocol } = packet;
    const lengths = view.getInt32(network, true);
    const identification = view.getInt32(network + 4, true);
    this.#first = multiplied(
      multiplied(multiplied(multiplied(protocol, lengths), identification), ipSource),
      ipDestination,
    );
    this.#second = turned(turned(turned(turned(protocol, lengths), identification), ipSource), ipDestination);
    this.#addBytes(view, transport, Math.min(packet.end, packet.ipEnd, transport + COMPARED_BYTES));
  }

  #hashBytes(packet: Packet, from: number, to: number, seed: number): void {
    this.#first = seed;
    this.#second = packet.etherType;
    this.#addBytes(packet.view, from, Math.min(to, packet.end, from + COMPARED_BYTES));
  }

  #addBytes(view: DataView, from: number, to: number): void {
    let first = this.#first;
    let second = this.#second;
    let at = from;
    for (; at + 4 <= to; at += 4) {
      const word = view.getInt32(at, true);
      first = multiplied(first, word);
      second = turned(second, word);
    }
    // How many bytes there are, and those that make no word.
    let rest = to - from;
    for (; at < to; at += 1) rest = (rest << 8) | view.getUint8(at);
    this.#first = multiplied(first, rest);
    this.#second = turned(second, rest);
  }
}

// The two hashes of the compared words, in a few instructions a word. A step loses nothing of the hash or of its word, so that packets
// that differ in one word differ in both hashes. The second is linear: it loses changes that stand in a certain relation to each other.
// The first loses none of these, for its steps carry each change over the whole hash.

/** With each bit of a word spread over the bits above it by the product, and down again. */
function multiplied(hash: number, word: number): number {
  const product = Math.imul(hash ^ word, 0x9e3779b1);
  return product ^ (product >>> 16);
}

function turned(hash: number, word: number): number {
  return ((hash << 5) | (hash >>> 27)) ^ word;
}

/** True if the tags of `short` are the innermost tags of `long`. */
function isTail(short: Domain, long: Domain): boolean {
  if (short.vlanDepth === 0) return true;
  if (short.vlanDepth === 1) return (short.vlanLow & 0xfff) === (long.vlanLow & 0xfff);
  return (
    short.vlanLow === long.vlanLow &&
    (short.vlanDepth === 2 || (short.vlanHigh & 0xfff) === (long.vlanHigh & 0xfff))
  );
}
