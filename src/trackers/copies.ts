/**
 * Packets that were recorded more than once (rules 0.2): duplicates of a mirror port within milliseconds,
 * and copies from a second tap of the same path within seconds. Asked for control and watched packets only.
 */
import { borrowBuffer, returnBuffer } from '../tables/spare-buffers.ts';
import { KIND_ARP, KIND_IPV4, type Packet } from '../wire/packet.ts';
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

const SLOTS = 1 << 12;
/** A slot in words: two of the hash, the domain, its clock epoch, and the time as a double; half a cache line. */
const SLOT_WORDS = 8;
const TIME_AT = 2;
/** Transport bytes compared: the headers, whose checksums tell two payloads apart, and a little more. */
const COMPARED_BYTES = 32;
const MAX_OFFSETS = 1024;
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
  readonly #offsets: number[] = [];
  #first = 0;
  #second = 0;
  /** The packet that was asked about last, and the answer: several trackers may ask about one. */
  #lastNumber = 0;
  #lastFile = 0;
  #lastAnswer = ORIGINAL;

  constructor(options: CopyOptions, domainOf: (index: number) => Domain) {
    this.#options = options;
    this.#domainOf = domainOf;
    for (let at = 2; at < this.#words.length; at += SLOT_WORDS) this.#words[at] = -1;
  }

  /** Gives its memory back; it must not be used any more. */
  release(): void {
    returnBuffer(this.#words.buffer);
  }

  /** Whether the current packet was seen before; the same answer each time it is asked about the same packet. */
  examine(packet: Packet): number {
    if (packet.number !== 0 && packet.number === this.#lastNumber && packet.file === this.#lastFile)
      return this.#lastAnswer;
    this.#lastNumber = packet.number;
    this.#lastFile = packet.file;
    this.#lastAnswer = this.#look(packet);
    return this.#lastAnswer;
  }

  #look(packet: Packet): number {
    this.examined += 1;
    const isIp = packet.kind >= KIND_IPV4;
    if (isIp) this.#hashDatagram(packet);
    else if (packet.kind === KIND_ARP)
      this.#hashBytes(packet, packet.network, packet.network + 28, packet.sourceLow);
    else this.#hashBytes(packet, packet.network, packet.end, packet.sourceLow);
    const slot = (this.#first >>> 3) & (SLOTS - 1);
    const words = this.#words;
    const at = slot * SLOT_WORDS;
    const timeAt = slot * (SLOT_WORDS / 2) + TIME_AT;
    const isKnown = words[at] === this.#first && words[at + 1] === this.#second;
    const age = packet.time - (this.#times[timeAt] as number);
    // A clock that was stepped back shows the same time once more, and other packets at it.
    const { epoch } = this.#domainOf(packet.domain);
    const isOfEpoch = isKnown && words[at + 3] === epoch;
    if (isOfEpoch && age >= -0.01 && this.#isSameSegment(words[at + 2] as number, packet.domain)) {
      if (age * 1000 <= this.#options.duplicateMillis + ROUNDING_MILLIS) {
        this.duplicates += 1;
        return DUPLICATE;
      }
      if (isIp && age <= this.#options.multiPointSeconds && packet.ipId !== 0) {
        this.#noteOffset(age);
        return RECURRENCE;
      }
    }
    words[at] = this.#first;
    words[at + 1] = this.#second;
    words[at + 2] = packet.domain;
    words[at + 3] = epoch;
    this.#times[timeAt] = packet.time;
    return ORIGINAL;
  }

  /** A control packet that its tracker knows again, `seconds` after the first record of it. */
  recurred(seconds: number): void {
    this.examined += 1;
    if (seconds * 1000 <= this.#options.duplicateMillis + ROUNDING_MILLIS) this.duplicates += 1;
    else if (seconds <= this.#options.multiPointSeconds) this.#noteOffset(seconds);
  }

  /** How often each packet was recorded, judged by those examined: 1, or up to 2 on a mirror of both directions. */
  get recordsPerPacket(): number {
    return this.examined === 0 ? 1 : this.examined / Math.max(1, this.examined - this.duplicates);
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
    const { view, network, transport } = packet;
    let a = Math.imul(view.getInt32(network) ^ 0x51ed270b, 0x2c1b3c6d);
    a = Math.imul((a ^ (a >>> 15)) + view.getInt32(network + 4), 0x297a2d39);
    let b = Math.imul(packet.ipSource ^ (packet.protocol << 24), 0x9e3779b1);
    b = Math.imul((b ^ (b >>> 13)) + packet.ipDestination, 0x85ebca6b);
    this.#first = a;
    this.#second = b;
    this.#mix(view, transport, Math.min(packet.end, packet.ipEnd, transport + COMPARED_BYTES));
  }

  #hashBytes(packet: Packet, from: number, to: number, seed: number): void {
    this.#first = seed;
    this.#second = packet.etherType;
    this.#mix(packet.view, from, Math.min(to, packet.end, from + COMPARED_BYTES));
  }

  #mix(view: DataView, from: number, to: number): void {
    let a = this.#first;
    let b = this.#second;
    let at = from;
    for (; at + 4 <= to; at += 4) {
      const word = view.getInt32(at);
      a = Math.imul((a ^ (a >>> 15)) + word, 0x2c1b3c6d);
      b = Math.imul(b ^ (b >>> 13) ^ word, 0x297a2d39);
    }
    for (; at < to; at += 1) a = Math.imul(a + view.getUint8(at), 0x9e3779b1);
    this.#first = a ^ (a >>> 16);
    this.#second = b ^ (b >>> 15);
  }
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
