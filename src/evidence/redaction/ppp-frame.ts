/**
 * PPP (RFC 1661) and its control protocols. Options that carry addresses or names are mapped, those that are numbers stay; passwords,
 * challenges, responses and messages become zero, as does everything that is compressed or encrypted.
 */
import {
  CODE_REJECT,
  CONFIGURE_REJECT,
  CONFIGURE_REQUEST,
  type ControlPacket,
  ControlPacket as Control,
  decodeControlPacket,
  decodePppFrame,
  isPppControl,
  PPP_CBCP,
  PPP_CCP,
  PPP_CHAP,
  PPP_EAP,
  PPP_IPCP,
  PPP_IPV4,
  PPP_IPV6,
  PPP_LCP,
  PPP_MULTILINK,
  PPP_OK,
  PPP_PAP,
  PppFrame,
  PROTOCOL_REJECT,
  TERMINATE_ACK,
  TERMINATE_REQUEST,
} from '../../wire/ppp.ts';
import type { Draft } from './draft.ts';
import type { FrameContext } from './frame-context.ts';

/** LCP echoes, discards, identification and time remaining begin with a magic number (RFC 1661 5.8, RFC 1570). */
const ECHO_REQUEST = 9;
const TIME_REMAINING = 13;

/** LCP options of numbers and the bytes of these: MRU, character map, authentication, quality, magic, FCS, padding, MRRU. */
const LCP_NUMBER_BYTES: Readonly<Record<number, number>> = {
  1: 2,
  2: 4,
  3: 3,
  4: 6,
  5: 4,
  9: 1,
  10: 1,
  17: 2,
};
const LCP_ENDPOINT = 19;
/** IPCP: both addresses (old), address, mobile address, name servers (RFC 1332, RFC 1877). */
const IPCP_ADDRESSES: ReadonlySet<number> = new Set([1, 3, 4, 129, 130, 131, 132]);
const IPCP_COMPRESSION = 2;
/** Stac, MPPC and MPPE, BSD, both numbers of deflate. */
const CCP_NUMBER_BYTES: Readonly<Record<number, number>> = { 17: 3, 18: 4, 21: 1, 24: 2, 26: 2 };

/** A Microsoft stack's reason: 12 bytes with this constant behind the magic number (wire/ppp-options.ts). */
const MICROSOFT_TERMINATE = 0x003c_cd74;
const MICROSOFT_TERMINATE_BYTES = 12;

const MULTILINK_BEGIN_AND_END = 0xc0;
const EAP_IDENTITY = 1;

/** The frame at `at`; `wireEnd` is the end that its carrier claims. */
export function redactPpp(context: FrameContext, at: number, wireEnd: number, depth = 0): void {
  const { draft } = context;
  const frame = new PppFrame();
  if (decodePppFrame(draft.source, at, draft.end, wireEnd, frame) !== PPP_OK) {
    // Enough to be refused again: address, control, the first byte of a protocol.
    draft.keepTo(at, Math.min(at + 4, wireEnd));
    return;
  }
  const { protocol, information } = frame;
  draft.keepTo(at, information);
  if (protocol === PPP_IPV4)
    context.redactIpv4({ ...context, depth: context.depth + 1 }, information, wireEnd);
  else if (protocol === PPP_IPV6) redactIpv6(draft, information, wireEnd);
  else if (protocol === PPP_MULTILINK) redactMultilink(context, information, wireEnd, depth);
  else if (isPppControl(protocol)) redactControl(draft, protocol, information, wireEnd);
}

/** Nothing of it is examined; its version says what it is. */
export function redactIpv6(draft: Draft, at: number, wireEnd: number): void {
  if (at < Math.min(draft.end, wireEnd)) draft.bytes[at] = 0x60;
}

/** A fragment; the first and last of one packet holds a whole frame, behind a header whose length the link agreed on. */
function redactMultilink(context: FrameContext, at: number, wireEnd: number, depth: number): void {
  const { draft } = context;
  const { source } = draft;
  const last = Math.min(draft.end, wireEnd);
  if (at + 2 > last) return;
  const flags = source.getUint8(at);
  // Unused bits: six of the long header, two of the short one (RFC 1990 3).
  const isLong =
    (flags & 0x3f) === 0 &&
    (depth > 0 || !isFrame(draft, at + 2, wireEnd) || isFrame(draft, at + 4, wireEnd));
  const header = isLong ? 4 : 2;
  draft.keepTo(at, Math.min(at + header, last));
  if ((flags & MULTILINK_BEGIN_AND_END) === MULTILINK_BEGIN_AND_END && depth === 0)
    redactPpp(context, at + header, wireEnd, depth + 1);
}

/** Whether a control packet of a known form stands at `at`. */
function isFrame(draft: Draft, at: number, wireEnd: number): boolean {
  const frame = new PppFrame();
  const control = new Control();
  return (
    decodePppFrame(draft.source, at, draft.end, wireEnd, frame) === PPP_OK &&
    (frame.protocol === PPP_IPV4 ||
      (isPppControl(frame.protocol) &&
        decodeControlPacket(draft.source, frame.information, draft.end, wireEnd, control) === PPP_OK))
  );
}

function redactControl(draft: Draft, protocol: number, at: number, wireEnd: number): void {
  draft.keepTo(at, Math.min(at + 4, wireEnd));
  const packet = new Control();
  if (decodeControlPacket(draft.source, at, draft.end, wireEnd, packet) !== PPP_OK) return;
  if (protocol === PPP_PAP) redactPap(draft, packet);
  else if (protocol === PPP_CHAP) redactChap(draft, packet);
  else if (protocol === PPP_EAP) redactEap(draft, packet);
  else if (protocol === PPP_CBCP) draft.keepTo(packet.data, Math.min(packet.data + 3, packet.end));
  else if (packet.code >= CONFIGURE_REQUEST && packet.code <= CONFIGURE_REJECT)
    redactOptions(draft, protocol, packet);
  else if (packet.code === TERMINATE_REQUEST || packet.code === TERMINATE_ACK)
    redactTermination(draft, packet);
  else if (packet.code > CODE_REJECT && protocol === PPP_LCP) redactLcp(draft, packet);
}

function redactLcp(draft: Draft, { code, data, end }: ControlPacket): void {
  if (code === PROTOCOL_REJECT) draft.keepTo(data, Math.min(data + 2, end));
  else if (code >= ECHO_REQUEST && code <= TIME_REMAINING) draft.keepTo(data, Math.min(data + 4, end));
}

function redactTermination(draft: Draft, { data, end, wireEnd }: ControlPacket): void {
  if (wireEnd - data !== MICROSOFT_TERMINATE_BYTES || end < wireEnd) return;
  if (draft.source.getInt32(data + 4) === MICROSOFT_TERMINATE) draft.keepTo(data, end);
}

/** 0 type 1 | 1 length 1 | 2 value. */
function redactOptions(draft: Draft, protocol: number, { data, end, wireEnd }: ControlPacket): void {
  const { source } = draft;
  for (let at = data; at + 2 <= end; ) {
    const type = source.getUint8(at);
    const length = source.getUint8(at + 1);
    draft.keep(at, 2);
    if (length < 2 || at + length > wireEnd) return;
    redactOption(draft, protocol, type, at + 2, length - 2);
    at += length;
  }
}

function redactOption(draft: Draft, protocol: number, type: number, value: number, bytes: number): void {
  if (protocol === PPP_IPCP) {
    if (IPCP_ADDRESSES.has(type)) draft.addresses(value, value + bytes);
    else if (type === IPCP_COMPRESSION) draft.keep(value, Math.min(bytes, 4));
  } else if (protocol === PPP_LCP) {
    if (type === LCP_ENDPOINT) redactEndpoint(draft, value, bytes);
    else draft.keep(value, Math.min(LCP_NUMBER_BYTES[type] ?? 0, bytes));
  } else if (protocol === PPP_CCP) draft.keep(value, Math.min(CCP_NUMBER_BYTES[type] ?? 0, bytes));
}

/** RFC 1990 5.1.3: 0 class 1 | address; class 2 an IPv4 address, 3 a MAC address. */
function redactEndpoint(draft: Draft, at: number, bytes: number): void {
  if (bytes < 1 || at >= draft.end) return;
  draft.keep(at, 1);
  const kind = draft.source.getUint8(at);
  if (kind === 2 && bytes === 5) draft.address(at + 1);
  else if (kind === 3 && bytes === 7) draft.mac(at + 1);
  else draft.identifier(at + 1, bytes - 1);
}

/** Request 1: peer-id length 1, peer-id, password length 1, password; answers: message length 1, message. */
function redactPap(draft: Draft, { code, data, end }: ControlPacket): void {
  const { source } = draft;
  draft.keepTo(data, Math.min(data + 1, end));
  if (code !== 1 || data + 1 > end) return;
  const length = source.getUint8(data);
  const password = data + 1 + length;
  if (password > end) return;
  draft.name(data + 1, length);
  draft.keepTo(password, Math.min(password + 1, end));
}

/** Challenge 1, response 2: value size 1, value, name. */
function redactChap(draft: Draft, { code, data, end, wireEnd }: ControlPacket): void {
  if ((code !== 1 && code !== 2) || data + 1 > end) return;
  draft.keep(data, 1);
  const name = data + 1 + draft.source.getUint8(data);
  if (name < wireEnd && wireEnd <= end) draft.name(name, wireEnd - name);
}

/** Request 1, response 2: type 1, data; of type 1 an identity. */
function redactEap(draft: Draft, { code, data, end, wireEnd }: ControlPacket): void {
  if ((code !== 1 && code !== 2) || data + 1 > end) return;
  draft.keep(data, 1);
  const isIdentity = code === 2 && draft.source.getUint8(data) === EAP_IDENTITY;
  if (isIdentity && wireEnd <= end) draft.name(data + 1, wireEnd - data - 1);
}
