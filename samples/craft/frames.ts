/**
 * Frames from their fields, from Ethernet to TCP, with correct lengths and checksums. Field names are those of the
 * RFCs; every function returns new bytes. `ethernet(…)` and `ieee8023(…)` give whole frames, the others what goes inside.
 *
 *     ethernet({ destination, source, type: ETHERTYPE.ipv4, payload: ipv4({ …, payload: udp({ … }) }) })
 *     vlanTagged(frame, [20])            802.1Q;  vlanTagged(frame, [100, 20]) 802.1ad outside, 802.1Q inside
 *     ipv4Fragments(fields, 576)         the datagram in pieces of at most that many bytes
 */
import { concat, internetChecksum, ipv4Bytes, macBytes, padTo, u16, u32, u8 } from './bytes.ts';
import type { Ipv4, Mac } from './bytes.ts';

export const BROADCAST_MAC: Mac = 'ff:ff:ff:ff:ff:ff';
export const ZERO_MAC: Mac = '00:00:00:00:00:00';

export const ETHERTYPE = {
  ipv4: 0x0800,
  arp: 0x0806,
  rarp: 0x8035,
  vlan: 0x8100,
  serviceVlan: 0x88a8,
  ipx: 0x8137,
  ipv6: 0x86dd,
} as const;

export const PROTOCOL = { icmp: 1, igmp: 2, tcp: 6, udp: 17, gre: 47 } as const;

/** Without the frame check sequence: 64 bytes on the wire less 4 (IEEE 802.3 3.2.7). */
const MIN_FRAME_BYTES = 60;

export interface EthernetFields {
  readonly destination: Mac;
  readonly source: Mac;
  readonly type: number;
  readonly payload: Uint8Array;
}

export function ethernet(fields: EthernetFields): Uint8Array {
  const header = concat(macBytes(fields.destination), macBytes(fields.source), u16(fields.type));
  return padTo(concat(header, fields.payload), MIN_FRAME_BYTES);
}

/** An 802.3 frame: the type field holds the payload's length. `payload` begins with LLC, or with FFFF for raw IPX. */
export function ieee8023(destination: Mac, source: Mac, payload: Uint8Array): Uint8Array {
  return ethernet({ destination, source, type: payload.length, payload });
}

/** IEEE 802.2 with a one-byte control field (unnumbered frames). */
export function llc(dsap: number, ssap: number, control: number, payload: Uint8Array): Uint8Array {
  return concat(u8(dsap), u8(ssap), u8(control), payload);
}

/** RFC 1042: LLC AA AA 03, an organisation code and an Ethernet type. */
export function snap(type: number, payload: Uint8Array, organisation = 0): Uint8Array {
  return llc(0xaa, 0xaa, 0x03, concat(u32(organisation).subarray(1), u16(type), payload));
}

/** Inserts the tags, outermost first. Of several, all but the innermost are service tags (802.1ad). */
export function vlanTagged(frame: Uint8Array, vlans: readonly number[]): Uint8Array {
  const tags = vlans.map((vlan, index) =>
    concat(u16(index === vlans.length - 1 ? ETHERTYPE.vlan : ETHERTYPE.serviceVlan), u16(vlan)),
  );
  return concat(frame.subarray(0, 12), ...tags, frame.subarray(12));
}

export interface ArpFields {
  /** 1 request, 2 reply, 3 and 4 RARP. */
  readonly operation: number;
  readonly senderMac: Mac;
  readonly senderIp: Ipv4;
  readonly targetMac: Mac;
  readonly targetIp: Ipv4;
}

/** RFC 826 for Ethernet and IPv4, 28 bytes. */
export function arp(fields: ArpFields): Uint8Array {
  return concat(
    u16(1),
    u16(ETHERTYPE.ipv4),
    u8(6),
    u8(4),
    u16(fields.operation),
    macBytes(fields.senderMac),
    ipv4Bytes(fields.senderIp),
    macBytes(fields.targetMac),
    ipv4Bytes(fields.targetIp),
  );
}

export interface Ipv4Fields {
  readonly source: Ipv4;
  readonly destination: Ipv4;
  readonly protocol: number;
  readonly payload: Uint8Array;
  readonly id: number;
  readonly ttl?: number;
  readonly typeOfService?: number;
  readonly dontFragment?: boolean;
  readonly moreFragments?: boolean;
  /** In bytes, a multiple of 8. */
  readonly fragmentOffset?: number;
  /** Padded to a multiple of 4. */
  readonly options?: Uint8Array;
}

/** RFC 791. */
export function ipv4(fields: Ipv4Fields): Uint8Array {
  const options = padTo(
    fields.options ?? new Uint8Array(0),
    Math.ceil((fields.options?.length ?? 0) / 4) * 4,
  );
  const headerBytes = 20 + options.length;
  const fragment =
    (fields.dontFragment ? 0x4000 : 0) |
    (fields.moreFragments ? 0x2000 : 0) |
    ((fields.fragmentOffset ?? 0) >>> 3);
  const header = concat(
    u8(0x40 | (headerBytes >>> 2)),
    u8(fields.typeOfService ?? 0),
    u16(headerBytes + fields.payload.length),
    u16(fields.id),
    u16(fragment),
    u8(fields.ttl ?? 64),
    u8(fields.protocol),
    u16(0),
    ipv4Bytes(fields.source),
    ipv4Bytes(fields.destination),
    options,
  );
  header.set(u16(internetChecksum(header)), 10);
  return concat(header, fields.payload);
}

/** The datagram in fragments of at most `mtu` bytes each, header included. */
export function ipv4Fragments(fields: Ipv4Fields, mtu: number): Uint8Array[] {
  const step = (mtu - 20) & ~7;
  const pieces: Uint8Array[] = [];
  for (let offset = 0; offset < fields.payload.length; offset += step) {
    const payload = fields.payload.subarray(offset, offset + step);
    const moreFragments = offset + step < fields.payload.length;
    pieces.push(ipv4({ ...fields, payload, moreFragments, fragmentOffset: offset }));
  }
  return pieces;
}

/** RFC 792. `rest` is the second word of the header. */
export function icmp(type: number, code: number, rest: number, payload: Uint8Array): Uint8Array {
  const message = concat(u8(type), u8(code), u16(0), u32(rest), payload);
  message.set(u16(internetChecksum(message)), 2);
  return message;
}

/** A destination-unreachable and its like: the IP header and the first 8 bytes of what caused it. */
export function icmpError(type: number, code: number, cause: Uint8Array): Uint8Array {
  const headerBytes = ((cause[0] ?? 0x45) & 15) * 4;
  return icmp(type, code, 0, cause.subarray(0, headerBytes + 8));
}

function pseudoHeader(source: Ipv4, destination: Ipv4, protocol: number, length: number): Uint8Array {
  return concat(ipv4Bytes(source), ipv4Bytes(destination), u8(0), u8(protocol), u16(length));
}

export interface UdpFields {
  readonly source: Ipv4;
  readonly destination: Ipv4;
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly payload: Uint8Array;
}

/** RFC 768. */
export function udp(fields: UdpFields): Uint8Array {
  const length = 8 + fields.payload.length;
  const datagram = concat(
    u16(fields.sourcePort),
    u16(fields.destinationPort),
    u16(length),
    u16(0),
    fields.payload,
  );
  const checksum = internetChecksum(
    pseudoHeader(fields.source, fields.destination, PROTOCOL.udp, length),
    datagram,
  );
  datagram.set(u16(checksum === 0 ? 0xffff : checksum), 6);
  return datagram;
}

export const TCP_FLAG = { fin: 1, syn: 2, rst: 4, psh: 8, ack: 16, urg: 32 } as const;

export interface TcpFields {
  readonly source: Ipv4;
  readonly destination: Ipv4;
  readonly sourcePort: number;
  readonly destinationPort: number;
  /** uint32. */
  readonly sequence: number;
  /** uint32; 0 where the ACK flag is off. */
  readonly acknowledgment?: number;
  /** Sum of `TCP_FLAG`. */
  readonly flags: number;
  readonly window?: number;
  /** `TCP_OPTION` parts, joined; padded to a multiple of 4 with end-of-list. */
  readonly options?: Uint8Array;
  readonly payload?: Uint8Array;
}

/** Options of RFC 9293, RFC 7323 and RFC 2018. */
export const TCP_OPTION = {
  noOperation: u8(1),
  mss: (bytes: number): Uint8Array => concat(u8(2), u8(4), u16(bytes)),
  windowScale: (shift: number): Uint8Array => concat(u8(3), u8(3), u8(shift)),
  sackPermitted: Uint8Array.of(4, 2),
  timestamps: (value: number, echo: number): Uint8Array => concat(u8(8), u8(10), u32(value), u32(echo)),
} as const;

/** RFC 9293. */
export function tcp(fields: TcpFields): Uint8Array {
  const options = padTo(
    fields.options ?? new Uint8Array(0),
    Math.ceil((fields.options?.length ?? 0) / 4) * 4,
  );
  const payload = fields.payload ?? new Uint8Array(0);
  const headerBytes = 20 + options.length;
  const segment = concat(
    u16(fields.sourcePort),
    u16(fields.destinationPort),
    u32(fields.sequence),
    u32(fields.acknowledgment ?? 0),
    u8((headerBytes >>> 2) << 4),
    u8(fields.flags),
    u16(fields.window ?? 8192),
    u16(0),
    u16(0),
    options,
    payload,
  );
  const pseudo = pseudoHeader(fields.source, fields.destination, PROTOCOL.tcp, segment.length);
  segment.set(u16(internetChecksum(pseudo, segment)), 16);
  return segment;
}
