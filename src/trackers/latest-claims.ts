/**
 * Who asked for an address last, and the latest claim of each address that one station alone claims: what nearly every ARP packet
 * changes. 128 bytes an address, so that such a packet touches two cache lines for each of the two addresses it names. A claim that
 * stands here reaches its address before another kind of claim does (`settle`), and when the address is closed.
 *
 *     0 domain + 1 | 1 address | 2 MAC address, upper 16, and flags | 3 MAC address, lower 32 | 4 claims | 5 target address
 *     6 target MAC address, upper | 7 lower | 8 request answered | 9..14 frame | 16, 17 time
 *     18, 19 time of the request | 20 who asked | 21 number of the request
 */
import { Oldest } from '../tables/oldest.ts';
import { borrowBuffer, returnBuffer } from '../tables/spare-buffers.ts';
import { ARP_REPLY, ARP_REQUEST, type ArpFields } from '../wire/arp.ts';
import { macHigh, macLow, macNumber } from '../wire/mac.ts';
import type { Packet } from '../wire/packet.ts';
import type { AddressClaims } from './claimed-address.ts';
import { type Domain, keyOf, type OfEpoch, ofEpoch } from './domains.ts';
import { packFrame, unpackPacket } from './frame-words.ts';

const DOMAIN = 0;
const ADDRESS = 1;
const STATION = 2;
const STATION_LOW = 3;
/** How many its address has not heard of yet. */
const CLAIMS = 4;
const TARGET = 5;
const TARGET_MAC_HIGH = 6;
const TARGET_MAC_LOW = 7;
const ANSWERED = 8;
const FRAME = 9;
const REQUESTER = 20;
/** 0 if nobody asked; else the address is one of those that are remembered, too. */
const SERIAL = 21;
const WORDS = 32;
// Doubles of an entry.
const TIME = 8;
const ASKED_TIME = 9;

/** Flags in STATION: its requests, and its replies, say nothing new of the station; the latest claim is a reply. */
const REQUESTS = 0x1_0000;
const REPLIES = 0x2_0000;
const IS_REPLY = 0x4_0000;

const SHIFT = 10;
/** Addresses of which it is known who asked, whether their claims stand here or not. */
const MAX_ASKED = 4096;
/** How soon a reply follows the request that it answers. */
const ANSWER_SECONDS = 1;

/** The last request for an address in one clock epoch of its interface; an earlier one where its claims stand here. */
interface Asked extends OfEpoch {
  requester: number;
  time: number;
  serial: number;
}

export class LatestClaims {
  /** Made with the first entry: in most small captures nobody claims an address again and again. */
  #words = new Int32Array(0);
  #doubles = new Float64Array(0);
  /** Whose claims stand there. */
  readonly #claims: Array<AddressClaims | null> = [];
  readonly #asked = new Map<number, Asked>();
  readonly #oldestAsked = new Oldest(this.#asked);
  #serial = 0;

  /** Notes an ARP packet that is one more claim by the only station of its address, and nothing else; false if it is more. */
  repeats(packet: Packet, arp: Readonly<ArpFields>, domain: Domain): boolean {
    const { operation, senderAddress, targetAddress } = arp;
    const isReply = operation === ARP_REPLY;
    if (senderAddress === targetAddress || (!isReply && operation !== ARP_REQUEST)) return false;
    const at = this.#find(domain.index, senderAddress);
    if (at < 0) return false;
    const words = this.#words;
    const station = words[at + STATION] as number;
    if (
      (station & (isReply ? REPLIES : REQUESTS)) === 0 ||
      (station & 0xffff) !== packet.sourceHigh ||
      words[at + STATION_LOW] !== packet.sourceLow ||
      arp.senderMac !== macNumber(packet.sourceHigh, packet.sourceLow) ||
      !isPacked(packet)
    )
      return false;
    words[at + STATION] = isReply ? station | IS_REPLY : station & ~IS_REPLY;
    words[at + CLAIMS] = (words[at + CLAIMS] as number) + 1;
    words[at + TARGET] = targetAddress;
    words[at + TARGET_MAC_HIGH] = macHigh(arp.targetMac);
    words[at + TARGET_MAC_LOW] = macLow(arp.targetMac);
    words[at + ANSWERED] = isReply ? this.#answers(at, targetAddress, packet.time) : 0;
    packFrame(words, at + FRAME, packet);
    this.#doubles[(at >> 1) + TIME] = packet.time;
    if (!isReply) this.ask(domain, arp, packet.time);
    return true;
  }

  /** A request for another address than the sender's. */
  ask(domain: Domain, arp: Readonly<ArpFields>, time: number): void {
    this.#serial += 1;
    const at = this.#find(domain.index, arp.targetAddress);
    if (at < 0 || this.#words[at + SERIAL] === 0)
      this.#remember(domain, arp.targetAddress, arp.senderAddress, time, this.#serial);
    if (at >= 0) this.#setAsked(at, arp.senderAddress, time, this.#serial);
  }

  /** The number of the request that a reply to `requester` answers; 0 where none was seen. */
  answeredBy(domain: Domain, address: number, requester: number, time: number): number {
    const at = this.#find(domain.index, address);
    if (at >= 0) return this.#answers(at, requester, time);
    const asked = ofEpoch(this.#asked.get(keyOf(domain, address)), domain);
    return asked?.requester === requester && time - asked.time <= ANSWER_SECONDS ? asked.serial : 0;
  }

  /**
   * The next claims of the address by its only station may be noted here: requests, replies, or both, as far as they say nothing
   * new of the station. What stands at the place is given to its address.
   */
  open(claims: AddressClaims, mac: number, hasRequests: boolean, hasReplies: boolean): void {
    const { domain, address } = claims;
    if (this.#words.length === 0) this.#make();
    let at = this.#find(domain.index, address);
    const words = this.#words;
    if (at < 0) {
      at = placeOf(domain.index, address);
      this.#displace(at);
      words.fill(0, at, at + WORDS);
      words[at + DOMAIN] = domain.index + 1;
      words[at + ADDRESS] = address;
      this.#claims[at / WORDS] = claims;
      const asked = ofEpoch(this.#asked.get(keyOf(domain, address)), domain);
      if (asked !== undefined) this.#setAsked(at, asked.requester, asked.time, asked.serial);
    }
    words[at + STATION] = macHigh(mac) | (hasRequests ? REQUESTS : 0) | (hasReplies ? REPLIES : 0);
    words[at + STATION_LOW] = macLow(mac);
  }

  /** Gives the address the claims that stand here, before anything but one more of them is taken in; none is noted after it. */
  settle(domain: Domain, address: number): void {
    const at = this.#find(domain.index, address);
    if (at >= 0) this.#settle(at);
  }

  /** The address is closed: nothing of it stays. */
  close(domain: Domain, address: number): void {
    const at = this.#find(domain.index, address);
    if (at < 0) return;
    this.#settle(at);
    this.#clear(at);
  }

  /** Gives its memory back; it must not be used any more. */
  release(): void {
    if (this.#words.length > 0) returnBuffer(this.#words.buffer);
  }

  #make(): void {
    const buffer = borrowBuffer((WORDS * Int32Array.BYTES_PER_ELEMENT) << SHIFT);
    this.#words = new Int32Array(buffer);
    this.#doubles = new Float64Array(buffer);
    for (let place = 0; place < 1 << SHIFT; place += 1) this.#claims.push(null);
  }

  #settle(at: number): void {
    const words = this.#words;
    const station = words[at + STATION] as number;
    words[at + STATION] = 0;
    const count = words[at + CLAIMS] as number;
    if (count === 0) return;
    words[at + CLAIMS] = 0;
    const claims = this.#claims[at / WORDS];
    const [claimant] = claims?.claimants ?? [];
    if (!claims?.latest || claimant === undefined) return;
    claimant.claims += count;
    const { latest } = claims;
    const isReply = (station & IS_REPLY) !== 0;
    latest.take(
      { ...unpackPacket(words, at + FRAME), time: this.#doubles[(at >> 1) + TIME] as number },
      {
        operation: isReply ? ARP_REPLY : ARP_REQUEST,
        senderMac: latest.mac,
        senderAddress: latest.address,
        targetMac: macNumber(words[at + TARGET_MAC_HIGH] as number, words[at + TARGET_MAC_LOW] as number),
        targetAddress: words[at + TARGET] as number,
      },
      isReply ? 'reply' : 'request',
      words[at + ANSWERED] as number,
    );
  }

  /** Makes room for another address; who asked for this one is still to be known. */
  #displace(at: number): void {
    const claims = this.#claims[at / WORDS];
    if (!claims) return;
    this.#settle(at);
    const words = this.#words;
    const serial = words[at + SERIAL] as number;
    const time = this.#doubles[(at >> 1) + ASKED_TIME] as number;
    if (serial !== 0)
      this.#remember(claims.domain, claims.address, words[at + REQUESTER] as number, time, serial);
    this.#clear(at);
  }

  #clear(at: number): void {
    this.#words[at + DOMAIN] = 0;
    this.#claims[at / WORDS] = null;
  }

  #setAsked(at: number, requester: number, time: number, serial: number): void {
    this.#words[at + REQUESTER] = requester;
    this.#words[at + SERIAL] = serial;
    this.#doubles[(at >> 1) + ASKED_TIME] = time;
  }

  #answers(at: number, requester: number, time: number): number {
    const words = this.#words;
    if (words[at + REQUESTER] !== requester) return 0;
    return time - (this.#doubles[(at >> 1) + ASKED_TIME] as number) <= ANSWER_SECONDS
      ? (words[at + SERIAL] as number)
      : 0;
  }

  #remember(domain: Domain, address: number, requester: number, time: number, serial: number): void {
    const { epoch } = domain;
    const key = keyOf(domain, address);
    const known = this.#asked.get(key);
    if (known !== undefined) {
      known.requester = requester;
      known.time = time;
      known.serial = serial;
      known.epoch = epoch;
      return;
    }
    if (this.#asked.size >= MAX_ASKED) this.#forgetOldest();
    this.#asked.set(key, { requester, time, serial, epoch });
  }

  #forgetOldest(): void {
    const oldest = this.#oldestAsked.next();
    if (oldest === undefined) return;
    this.#asked.delete(oldest);
    const at = this.#find(Math.floor(oldest / 0x1_0000_0000), oldest | 0);
    if (at >= 0) this.#words[at + SERIAL] = 0;
  }

  /** The entry of an address, or -1. */
  #find(domain: number, address: number): number {
    if (this.#words.length === 0) return -1;
    const at = placeOf(domain, address);
    const words = this.#words;
    return words[at + DOMAIN] === domain + 1 && words[at + ADDRESS] === address ? at : -1;
  }
}

/** What a packed frame cannot hold is not noted here. */
function isPacked({ number, file, seconds }: Packet): boolean {
  return number === number >>> 0 && file <= 0xffff && seconds === seconds >>> 0;
}

/** The one place where an address may stand. */
function placeOf(domain: number, address: number): number {
  return (Math.imul(address ^ Math.imul(domain, 0x2c1b3c6d), 0x9e3779b1) >>> (32 - SHIFT)) * WORDS;
}
