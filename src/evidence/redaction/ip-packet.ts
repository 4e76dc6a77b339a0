/** IPv4 and what it carries: ICMP with the datagram it quotes, IGMP, TCP, UDP and, by their files, the protocols that rules read. */
import { IPV4_MIN_BYTES, PROTOCOL_GRE, PROTOCOL_ICMP, PROTOCOL_TCP, PROTOCOL_UDP } from '../../wire/ipv4.ts';
import { L2TP_PORT } from '../../wire/l2tp.ts';
import { PPTP_PORT } from '../../wire/pptp.ts';
import { isRadiusPort, looksLikeRadius } from '../../wire/radius.ts';
import { sumWords } from './checksum.ts';
import { redactDhcp } from './dhcp-message.ts';
import type { Draft } from './draft.ts';
import { redactGre, redactL2tp } from './dial-in-carriers.ts';
import type { FrameContext } from './frame-context.ts';
import { redactRadius } from './radius-message.ts';

const PROTOCOL_IGMP = 2;
/** Datagrams inside datagrams. */
const MAX_DEPTH = 4;
/** What a quotation surely has of the transport header (RFC 792). */
const QUOTED_BYTES = 8;

/** IP options: record route, loose and strict source route, timestamps, router alert. */
const ROUTE_OPTIONS: ReadonlySet<number> = new Set([7, 131, 137]);
const OPTION_TIMESTAMP = 68;
const OPTION_ALERT = 148;
/** RFC 2113 2.1: type, length, value 2. */
const ALERT_BYTES = 4;

interface NumberOption {
  /** Its length, kind and length included; of any other it could hold anything. */
  readonly length: number;
  /** Bytes that are carried over. */
  readonly kept: number;
}

/** TCP options that are read: segment size, window scale, SACK permitted, timestamps, whose echo is the peer's. */
const KEPT_TCP_OPTIONS: ReadonlyMap<number, NumberOption> = new Map([
  [2, { length: 4, kept: 4 }],
  [3, { length: 3, kept: 3 }],
  [4, { length: 2, kept: 2 }],
  [8, { length: 10, kept: 6 }],
]);

/** A datagram, its bounds read from its header. */
interface Datagram {
  readonly at: number;
  readonly transport: number;
  /** Past its last byte as the header claims. */
  readonly ipEnd: number;
  /** Past its last captured byte. */
  readonly end: number;
  readonly protocol: number;
  /** First of several fragments: what its checksums cover is not here. */
  readonly isFragment: boolean;
}

/** The datagram at `at`. `wireEnd` is where what carries it ends. */
export function redactIpv4(context: FrameContext, at: number, wireEnd: number): void {
  const { draft, depth } = context;
  const datagram = redactHeader(draft, at, wireEnd);
  if (datagram === null || depth > MAX_DEPTH) return;
  switch (datagram.protocol) {
    case PROTOCOL_TCP:
      redactTcp(context, datagram);
      return;
    case PROTOCOL_UDP:
      redactUdp(context, datagram);
      return;
    case PROTOCOL_ICMP:
      redactIcmp(context, datagram);
      return;
    case PROTOCOL_IGMP:
      draft.keep(datagram.transport, 2);
      draft.address(datagram.transport + 4);
      redactSum(draft, datagram, datagram.transport + 2);
      return;
    case PROTOCOL_GRE:
      redactGre(context, datagram.transport, datagram.ipEnd);
      return;
    default:
  }
}

/** Null where nothing behind the header can be read: a malformed or cut one, a later fragment. */
function redactHeader(draft: Draft, at: number, wireEnd: number): Datagram | null {
  const { source, end } = draft;
  draft.keep(at, 1);
  if (at >= end) return null;
  const headerBytes = (source.getUint8(at) & 15) << 2;
  if (source.getUint8(at) >>> 4 !== 4 || headerBytes < IPV4_MIN_BYTES) return null;
  // Type of service, lengths, identification, fragment, time to live, protocol; the checksum comes last.
  draft.keep(at + 1, 9);
  draft.address(at + 12);
  draft.address(at + 16);
  if (at + IPV4_MIN_BYTES > end) return null;
  const totalLength = source.getUint16(at + 2);
  const transport = at + headerBytes;
  if (transport <= end) {
    redactIpOptions(draft, at + IPV4_MIN_BYTES, transport);
    redactSpan(draft, at + 10, at, transport);
  }
  if (totalLength !== 0 && totalLength < headerBytes) return null;
  const fragment = source.getUint16(at + 6);
  if ((fragment & 0x1fff) !== 0) return null;
  const ipEnd = totalLength === 0 ? wireEnd : at + totalLength;
  return {
    at,
    transport,
    ipEnd,
    end: Math.min(end, ipEnd),
    protocol: source.getUint8(at + 9),
    isFragment: (fragment & 0x2000) !== 0,
  };
}

function redactIpOptions(draft: Draft, from: number, to: number): void {
  const { source } = draft;
  for (let at = from; at < to; ) {
    const type = source.getUint8(at);
    draft.keep(at, 1);
    if (type === 0) return;
    if (type === 1) {
      at += 1;
      continue;
    }
    const length = at + 1 < to ? source.getUint8(at + 1) : 0;
    if (length < 2 || at + length > to) return;
    draft.keep(at, 2);
    if (ROUTE_OPTIONS.has(type) && length >= 3) {
      draft.keep(at + 2, 1);
      draft.addresses(at + 3, at + length);
    } else if (type === OPTION_TIMESTAMP && length >= 4) draft.keep(at + 2, 2);
    else if (type === OPTION_ALERT && length === ALERT_BYTES) draft.keep(at + 2, length - 2);
    at += length;
  }
}

/** A checksum at `field` over [from, to), which is captured. */
function redactSpan(draft: Draft, field: number, from: number, to: number): void {
  const { source, view } = draft;
  const before = sumWords(source, from, to) - source.getUint16(field);
  draft.checksum(field, before, sumWords(view, from, to));
}

/** A checksum over everything behind the IP header; left zero where that is not all there. */
function redactSum(draft: Draft, datagram: Datagram, field: number): void {
  const { transport, ipEnd, isFragment } = datagram;
  if (!isFragment && ipEnd <= draft.end && field + 2 <= ipEnd) redactSpan(draft, field, transport, ipEnd);
}

/** A checksum over a pseudo header as well (RFC 9293 3.1, RFC 768). */
function redactPseudoSum(
  draft: Draft,
  { at, transport, end, protocol, isFragment }: Datagram,
  field: number,
  length: number,
): void {
  const to = transport + length;
  if (isFragment || to > end || field + 2 > to) return;
  const { source, view } = draft;
  const fixed = protocol + length;
  const before =
    sumWords(source, at + 12, at + 20) + sumWords(source, transport, to) - source.getUint16(field);
  const after = sumWords(view, at + 12, at + 20) + sumWords(view, transport, to);
  draft.checksum(field, before + fixed, after + fixed, protocol === PROTOCOL_UDP);
}

function redactTcp({ draft, streams }: FrameContext, datagram: Datagram): void {
  const { source } = draft;
  const { at, transport, end, ipEnd } = datagram;
  // Ports, both numbers, offset, flags, window.
  draft.keepTo(transport, Math.min(transport + 16, draft.end));
  if (transport + 20 > end) return;
  draft.keep(transport + 18, 2);
  const payload = transport + ((source.getUint8(transport + 12) >>> 4) << 2);
  if (payload >= transport + 20) {
    redactTcpOptions(draft, transport + 20, Math.min(payload, end));
    const isPptp = source.getUint16(transport) === PPTP_PORT || source.getUint16(transport + 2) === PPTP_PORT;
    if (isPptp) streams.redact(draft, at, transport, payload, end, ipEnd - payload);
  }
  redactPseudoSum(draft, datagram, transport + 16, ipEnd - transport);
}

function redactTcpOptions(draft: Draft, from: number, to: number): void {
  const { source } = draft;
  for (let at = from; at < to; ) {
    const kind = source.getUint8(at);
    draft.keep(at, 1);
    if (kind === 0) return;
    if (kind === 1) {
      at += 1;
      continue;
    }
    const length = at + 1 < to ? source.getUint8(at + 1) : 0;
    if (at + 1 < to) draft.keep(at + 1, 1);
    if (length < 2 || at + length > to) return;
    const option = KEPT_TCP_OPTIONS.get(kind);
    if (option?.length === length) draft.keep(at, option.kept);
    at += length;
  }
}

function redactUdp(context: FrameContext, datagram: Datagram): void {
  const { draft } = context;
  const { source } = draft;
  const { transport, ipEnd } = datagram;
  // As far as the frame goes: what a packet is depends on its ports, whatever length the datagram claims.
  draft.keepTo(transport, Math.min(transport + 6, draft.end));
  if (transport + 8 > datagram.end) return;
  const length = source.getUint16(transport + 4);
  redactUdpPayload(context, datagram, transport + 8, transport + length);
  if (length >= 8 && transport + length <= ipEnd) redactPseudoSum(draft, datagram, transport + 6, length);
}

/** By the same ports as in wire/transport.ts. */
function redactUdpPayload(
  context: FrameContext,
  { transport, ipEnd, end, isFragment }: Datagram,
  payload: number,
  datagramEnd: number,
): void {
  const { draft } = context;
  const { source } = draft;
  const sourcePort = source.getUint16(transport);
  const port = source.getUint16(transport + 2);
  const wireEnd = isFragment ? datagramEnd : Math.min(ipEnd, datagramEnd);
  const last = Math.min(end, wireEnd);
  if (port === 67 || port === 68) redactDhcp(draft, payload, last, wireEnd > last);
  else if (port === L2TP_PORT || sourcePort === L2TP_PORT) redactL2tp(context, payload, wireEnd);
  else if (
    (isRadiusPort(port) || isRadiusPort(sourcePort)) &&
    looksLikeRadius(source, payload, draft.end, datagramEnd - payload)
  )
    redactRadius(draft, payload, last);
}

function redactIcmp(context: FrameContext, datagram: Datagram): void {
  const { draft } = context;
  const { transport, end } = datagram;
  draft.keepTo(transport, Math.min(transport + 2, end));
  if (transport + 8 > end) return;
  switch (draft.source.getUint8(transport)) {
    case 0: // echoes: identifier and sequence number
    case 8:
    case 13: // times, masks
    case 14:
    case 15:
    case 16:
    case 17:
    case 18:
      draft.keep(transport + 4, 4);
      break;
    case 3: // errors: the next hop's MTU, the place of the trouble
    case 4:
    case 11:
    case 12:
      draft.keep(transport + 4, 4);
      redactQuotation(draft, transport + 8, end);
      break;
    case 5: // redirect: another gateway
      draft.address(transport + 4);
      redactQuotation(draft, transport + 8, end);
      break;
    default:
  }
  redactSum(draft, datagram, transport + 2);
}

/** The beginning of the datagram that an error is about: its header, and the ports behind it. */
function redactQuotation(draft: Draft, at: number, end: number): void {
  if (at + IPV4_MIN_BYTES > end) return;
  const datagram = redactHeader(draft, at, end);
  if (datagram === null) return;
  const { transport, protocol } = datagram;
  if (transport + QUOTED_BYTES > end) return;
  if (protocol === PROTOCOL_TCP) draft.keep(transport, QUOTED_BYTES);
  else if (protocol === PROTOCOL_UDP) draft.keep(transport, 6);
  else if (protocol === PROTOCOL_ICMP) {
    draft.keep(transport, 2);
    draft.keep(transport + 4, 4);
  }
}
