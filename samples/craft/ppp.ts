/**
 * PPP packets (RFC 1661 and its protocols): control packets with their options, authentication, callback, multilink.
 *
 *     ppp(PPP_PROTOCOL.ipcp, controlPacket(PPP_CODE.configureRequest, 1, [IPCP_OPTION.address('0.0.0.0')]))
 *     addressed(packet)      FF 03 before it;  directed('sent', packet) the byte of PPP_WITH_DIR before it
 *     terminateData(magic, 717)  what Microsoft stacks put into a Terminate-Request
 *
 * `ppp` gives protocol and information field; what a link puts around them is the link's.
 */
import { ascii, concat, ipv4Bytes, u16, u32, u8 } from './bytes.ts';
import type { Ipv4 } from './bytes.ts';

export const PPP_PROTOCOL = {
  ip: 0x0021,
  multilink: 0x003d,
  compressed: 0x00fd,
  ipv6: 0x0057,
  ipcp: 0x8021,
  ipv6cp: 0x8057,
  ccp: 0x80fd,
  lcp: 0xc021,
  pap: 0xc023,
  cbcp: 0xc029,
  chap: 0xc223,
} as const;

export const PPP_CODE = {
  configureRequest: 1,
  configureAck: 2,
  configureNak: 3,
  configureReject: 4,
  terminateRequest: 5,
  terminateAck: 6,
  codeReject: 7,
  protocolReject: 8,
  echoRequest: 9,
  echoReply: 10,
} as const;

export interface PppOption {
  readonly type: number;
  readonly data: Uint8Array;
}

/** RFC 1661 6, RFC 1570, RFC 1990. */
export const LCP_OPTION = {
  maximumReceiveUnit: (bytes: number): PppOption => ({ type: 1, data: u16(bytes) }),
  asyncMap: (map: number): PppOption => ({ type: 2, data: u32(map) }),
  pap: { type: 3, data: u16(PPP_PROTOCOL.pap) } as PppOption,
  /** 5 MD5, 128 MS-CHAP, 129 MS-CHAP v2. */
  chap: (algorithm: number): PppOption => ({ type: 3, data: concat(u16(PPP_PROTOCOL.chap), u8(algorithm)) }),
  magic: (number: number): PppOption => ({ type: 5, data: u32(number) }),
  protocolCompression: { type: 7, data: new Uint8Array(0) } as PppOption,
  addressCompression: { type: 8, data: new Uint8Array(0) } as PppOption,
  /** 6: to be settled by CBCP. */
  callback: (operation: number): PppOption => ({ type: 13, data: u8(operation) }),
  maximumReconstructedUnit: (bytes: number): PppOption => ({ type: 17, data: u16(bytes) }),
  /** Class 1: locally assigned. */
  endpoint: (name: string): PppOption => ({ type: 19, data: concat(u8(1), ascii(name)) }),
} as const;

/** RFC 1332 3, RFC 1877. */
export const IPCP_OPTION = {
  address: (address: Ipv4): PppOption => ({ type: 3, data: ipv4Bytes(address) }),
  nameServer: (address: Ipv4): PppOption => ({ type: 129, data: ipv4Bytes(address) }),
  netbiosServer: (address: Ipv4): PppOption => ({ type: 130, data: ipv4Bytes(address) }),
} as const;

/** RFC 2118: MPPC, with the bits of MPPE (RFC 3078). */
export const CCP_OPTION = {
  microsoft: (bits: number): PppOption => ({ type: 18, data: u32(bits) }),
} as const;

export const IPV6CP_OPTION = {
  interfaceIdentifier: (low: number): PppOption => ({ type: 1, data: concat(u32(0x021122ff), u32(low)) }),
} as const;

/** Code, identifier, length, then options or other data (RFC 1661 5). */
export function controlPacket(
  code: number,
  identifier: number,
  data: readonly PppOption[] | Uint8Array = [],
): Uint8Array {
  const body = data instanceof Uint8Array ? data : optionBytes(data);
  return concat(u8(code), u8(identifier), u16(4 + body.length), body);
}

function optionBytes(options: readonly PppOption[]): Uint8Array {
  return concat(...options.map(({ type, data }) => concat(u8(type), u8(2 + data.length), data)));
}

/** Protocol and information field. */
export function ppp(protocol: number, information: Uint8Array): Uint8Array {
  return concat(u16(protocol), information);
}

/** The address and control fields of RFC 1662 before a packet. */
export function addressed(packet: Uint8Array): Uint8Array {
  return concat(u8(0xff), u8(0x03), packet);
}

/** RFC 1661 6.5: a protocol below 0100 in one byte; others stay. */
export function compressedProtocol(packet: Uint8Array): Uint8Array {
  return packet[0] === 0 && ((packet[1] ?? 0) & 1) === 1 ? packet.subarray(1) : packet;
}

/** LINKTYPE_PPP_WITH_DIR: 0 received by the host that captured, 1 sent by it. */
export function directed(direction: 'received' | 'sent', packet: Uint8Array): Uint8Array {
  return concat(u8(direction === 'sent' ? 1 : 0), packet);
}

/** Data of a Microsoft stack's Terminate-Request: magic number, 003CCD74, RAS error number (0: ordinary hang-up). */
export function terminateData(magic: number, error: number): Uint8Array {
  return concat(u32(magic), u32(0x003ccd74), u32(error));
}

/** Data of an LCP echo, request and reply: the sender's magic number. */
export function echoData(magic: number): Uint8Array {
  return u32(magic);
}

/** LCP Protocol-Reject (RFC 1661 5.7): the protocol and the packet that carried it. */
export function protocolReject(identifier: number, rejected: Uint8Array): Uint8Array {
  return controlPacket(PPP_CODE.protocolReject, identifier, rejected);
}

/** Authenticate-Request of PAP (RFC 1334 2.2). */
export function papRequest(identifier: number, name: string, password: string): Uint8Array {
  return controlPacket(
    1,
    identifier,
    concat(u8(name.length), ascii(name), u8(password.length), ascii(password)),
  );
}

/** Ack and Nak of PAP. */
export function papResult(identifier: number, accepted: boolean, message = ''): Uint8Array {
  return controlPacket(accepted ? 2 : 3, identifier, concat(u8(message.length), ascii(message)));
}

/** Challenge or Response of CHAP (RFC 1994 4.1): a value of 8, 16 or 49 bytes, and the sender's name. */
export function chapValue(
  kind: 'challenge' | 'response',
  identifier: number,
  value: Uint8Array,
  name: string,
): Uint8Array {
  return controlPacket(
    kind === 'challenge' ? 1 : 2,
    identifier,
    concat(u8(value.length), value, ascii(name)),
  );
}

/** Success and Failure of CHAP (RFC 1994 4.2). */
export function chapResult(identifier: number, accepted: boolean, message = ''): Uint8Array {
  return controlPacket(accepted ? 3 : 4, identifier, ascii(message));
}

/** Callback control protocol: 1 request, 2 response, 3 ack; option 1 no callback, 2 a number of the user's choice. */
export function cbcp(code: 1 | 2 | 3, identifier: number, options: readonly PppOption[]): Uint8Array {
  return controlPacket(code, identifier, options);
}

/** A whole packet in one multilink fragment with the long header (RFC 1990 3). */
export function multilink(sequence: number, packet: Uint8Array): Uint8Array {
  return ppp(PPP_PROTOCOL.multilink, concat(u32(((0xc0 << 24) | (sequence & 0xffffff)) >>> 0), packet));
}
