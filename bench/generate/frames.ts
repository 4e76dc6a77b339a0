/** Composes whole, valid frames (checksums included) straight into a capture. Offsets are those of the RFCs. */
import type { CaptureWriter } from './capture-writer.ts';
import type { Host } from './network.ts';
import type { PayloadPool } from './payload.ts';

export const FIN = 0x01;
export const SYN = 0x02;
export const RST = 0x04;
export const PSH = 0x08;
export const ACK = 0x10;

const ETHERNET = 14;
const IPV4 = 20;
const MIN_FRAME = 60;
const PROTOCOL_ICMP = 1;
const PROTOCOL_TCP = 6;
const PROTOCOL_UDP = 17;

/** What a segment says beside its endpoints and its data. */
export interface Segment {
  sourcePort: number;
  destinationPort: number;
  sequence: number;
  acknowledgment: number;
  flags: number;
  /** Data bytes, taken from the payload pool. */
  dataBytes: number;
  /** TSval and TSecr; sent if `hasTimestamps`. */
  hasTimestamps: boolean;
  timestampValue: number;
  timestampEcho: number;
}

/** Folds a sum of 16-bit words into the ones' complement checksum of RFC 1071. */
export function foldChecksum(sum: number): number {
  let folded = (sum % 0x10000) + Math.floor(sum / 0x10000);
  while (folded > 0xffff) folded = (folded & 0xffff) + (folded >>> 16);
  return ~folded & 0xffff;
}

export class FrameComposer {
  /** Microseconds since the start of the capture: when the next frame is recorded. */
  micros = 0;
  readonly #writer: CaptureWriter;
  readonly #pool: PayloadPool;

  constructor(writer: CaptureWriter, pool: PayloadPool) {
    this.#writer = writer;
    this.#pool = pool;
  }

  tcp(from: Host, to: Host, segment: Segment): void {
    const isSyn = (segment.flags & SYN) !== 0;
    const optionBytes = isSyn ? (segment.hasTimestamps ? 20 : 12) : segment.hasTimestamps ? 12 : 0;
    const headerBytes = 20 + optionBytes;
    const at = this.#ipv4(from, to, PROTOCOL_TCP, headerBytes + segment.dataBytes);
    const { view, bytes } = this.#writer;
    view.setUint16(at, segment.sourcePort);
    view.setUint16(at + 2, segment.destinationPort);
    view.setUint32(at + 4, segment.sequence);
    view.setUint32(at + 8, segment.acknowledgment);
    view.setUint16(at + 12, ((headerBytes >> 2) << 12) | segment.flags);
    view.setUint16(at + 14, isSyn ? 64_240 : 502);
    view.setUint32(at + 16, 0);
    if (isSyn) this.#synOptions(at + 20, segment);
    else if (segment.hasTimestamps) {
      view.setUint32(at + 20, 0x0101_080a);
      view.setUint32(at + 24, segment.timestampValue);
      view.setUint32(at + 28, segment.timestampEcho);
    }
    let sum = this.#pseudoHeader(from, to, PROTOCOL_TCP, headerBytes + segment.dataBytes);
    for (let word = at; word < at + headerBytes; word += 2) sum += view.getUint16(word);
    if (segment.dataBytes > 0) {
      const cut = this.#pool.cut(segment.dataBytes);
      bytes.set(this.#pool.bytes.subarray(cut, cut + segment.dataBytes), at + headerBytes);
      sum += this.#pool.sum(cut, segment.dataBytes);
    }
    view.setUint16(at + 16, foldChecksum(sum));
  }

  /** MSS 1460, SACK permitted, timestamps or padding, window scale 7. */
  #synOptions(at: number, segment: Segment): void {
    const { view } = this.#writer;
    view.setUint32(at, 0x0204_05b4);
    if (segment.hasTimestamps) {
      view.setUint32(at + 4, 0x0402_080a);
      view.setUint32(at + 8, segment.timestampValue);
      view.setUint32(at + 12, segment.timestampEcho);
      view.setUint32(at + 16, 0x0103_0307);
    } else {
      view.setUint32(at + 4, 0x0402_0101);
      view.setUint32(at + 8, 0x0103_0307);
    }
  }

  udp(from: Host, to: Host, sourcePort: number, destinationPort: number, data: Uint8Array): void {
    const at = this.#ipv4(from, to, PROTOCOL_UDP, 8 + data.length);
    const { view, bytes } = this.#writer;
    view.setUint16(at, sourcePort);
    view.setUint16(at + 2, destinationPort);
    view.setUint16(at + 4, 8 + data.length);
    view.setUint16(at + 6, 0);
    bytes.set(data, at + 8);
    const sum = this.#pseudoHeader(from, to, PROTOCOL_UDP, 8 + data.length) + this.#sum(at, 8 + data.length);
    view.setUint16(at + 6, foldChecksum(sum) || 0xffff);
  }

  /** Echo request (8) or reply (0) with the 56 data bytes of the ping command. */
  echo(from: Host, to: Host, type: 0 | 8, identifier: number, sequence: number): void {
    const at = this.#ipv4(from, to, PROTOCOL_ICMP, 64);
    const { view, bytes } = this.#writer;
    view.setUint32(at, type << 24);
    view.setUint16(at + 4, identifier);
    view.setUint16(at + 6, sequence);
    for (let index = 0; index < 56; index += 1) bytes[at + 8 + index] = index;
    view.setUint16(at + 2, foldChecksum(this.#sum(at, 64)));
  }

  /** Port unreachable: the answer to a datagram, quoting its IPv4 and UDP headers. */
  portUnreachable(
    from: Host,
    to: Host,
    sourcePort: number,
    destinationPort: number,
    dataBytes: number,
  ): void {
    const at = this.#ipv4(from, to, PROTOCOL_ICMP, 36);
    const { view } = this.#writer;
    view.setUint32(at, 0x0303_0000);
    view.setUint32(at + 4, 0);
    this.#ipv4Header(at + 8, to, from, PROTOCOL_UDP, 28 + dataBytes, to.identification);
    view.setUint16(at + 28, sourcePort);
    view.setUint16(at + 30, destinationPort);
    view.setUint16(at + 32, 8 + dataBytes);
    view.setUint16(at + 34, 0);
    view.setUint16(at + 2, foldChecksum(this.#sum(at, 36)));
  }

  /** Asks who has the address of `to`; an announcement where both are the same host. */
  arpRequest(from: Host, to: Host): void {
    this.#arp(1, from, from.address, to.address, null);
  }

  arpReply(from: Host, to: Host): void {
    this.#arp(2, from, from.address, to.address, to);
  }

  #arp(operation: number, from: Host, senderAddress: number, targetAddress: number, to: Host | null): void {
    const at = this.#writer.record(MIN_FRAME, this.micros);
    const { view, bytes } = this.#writer;
    bytes.fill(0, at, at + MIN_FRAME);
    view.setUint16(at, to?.macHigh ?? 0xffff);
    view.setUint32(at + 2, to?.macLow ?? 0xffff_ffff);
    view.setUint16(at + 6, from.macHigh);
    view.setUint32(at + 8, from.macLow);
    view.setUint16(at + 12, 0x0806);
    view.setUint32(at + 14, 0x0001_0800);
    view.setUint16(at + 18, 0x0604);
    view.setUint16(at + 20, operation);
    view.setUint16(at + 22, from.macHigh);
    view.setUint32(at + 24, from.macLow);
    view.setUint32(at + 28, senderAddress);
    view.setUint16(at + 32, to?.macHigh ?? 0);
    view.setUint32(at + 34, to?.macLow ?? 0);
    view.setUint32(at + 38, targetAddress);
  }

  /** Ethernet and IPv4 headers of a packet with `length` bytes behind them; answers where those begin. */
  #ipv4(from: Host, to: Host, protocol: number, length: number): number {
    const frameBytes = ETHERNET + IPV4 + length;
    const at = this.#writer.record(Math.max(frameBytes, MIN_FRAME), this.micros);
    const { view, bytes } = this.#writer;
    if (frameBytes < MIN_FRAME) bytes.fill(0, at + frameBytes, at + MIN_FRAME);
    view.setUint16(at, to.macHigh);
    view.setUint32(at + 2, to.macLow);
    view.setUint16(at + 6, from.macHigh);
    view.setUint32(at + 8, from.macLow);
    view.setUint16(at + 12, 0x0800);
    from.identification = (from.identification + 1) & 0xffff;
    this.#ipv4Header(at + ETHERNET, from, to, protocol, IPV4 + length, from.identification);
    return at + ETHERNET + IPV4;
  }

  #ipv4Header(
    at: number,
    from: Host,
    to: Host,
    protocol: number,
    totalLength: number,
    identification: number,
  ): void {
    const { view } = this.#writer;
    view.setUint16(at, 0x4500);
    view.setUint16(at + 2, totalLength);
    view.setUint16(at + 4, identification);
    view.setUint16(at + 6, 0x4000);
    view.setUint16(at + 8, (from.ttl << 8) | protocol);
    view.setUint16(at + 10, 0);
    view.setUint32(at + 12, from.address);
    view.setUint32(at + 16, to.address);
    view.setUint16(at + 10, foldChecksum(this.#sum(at, IPV4)));
  }

  #pseudoHeader(from: Host, to: Host, protocol: number, length: number): number {
    const addresses =
      (from.address >>> 16) + (from.address & 0xffff) + (to.address >>> 16) + (to.address & 0xffff);
    return addresses + protocol + length;
  }

  /** Sum of the 16-bit words written from `at`; an odd last byte is padded. */
  #sum(at: number, length: number): number {
    const { view } = this.#writer;
    let sum = 0;
    for (let word = 0; word + 1 < length; word += 2) sum += view.getUint16(at + word);
    return length % 2 === 0 ? sum : sum + view.getUint8(at + length - 1) * 256;
  }
}
