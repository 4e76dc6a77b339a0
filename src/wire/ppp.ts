/**
 * PPP framing and control packets (RFC 1661, RFC 1662), and the header of multilink fragments (RFC 1990).
 *
 *     [FF 03 address and control] | protocol 2, or 1 if compressed (odd first byte) | information
 *     control packet: 0 code 1 | 1 identifier 1 | 2 length 2 | 4 data
 *     multilink: 0 flags B 80, E 40, sequence 24 bits in 4 bytes; or flags, sequence 12 bits in 2 bytes
 *
 * The length of a control packet is untrusted; what follows it is padding. Every function takes two ends: `end`, past the
 * last captured byte, and `wireEnd`, past the last byte that the carrier's own length claims.
 */

export const PPP_IPV4 = 0x0021;
export const PPP_MULTILINK = 0x003d;
export const PPP_IPV6 = 0x0057;
export const PPP_IPCP = 0x8021;
export const PPP_CCP = 0x80fd;
export const PPP_LCP = 0xc021;
export const PPP_PAP = 0xc023;
export const PPP_CBCP = 0xc029;
export const PPP_CHAP = 0xc223;
export const PPP_EAP = 0xc227;

/** Codes of control packets (RFC 1661 5); those from 8 on are LCP's own. */
export const CONFIGURE_REQUEST = 1;
export const CONFIGURE_ACK = 2;
export const CONFIGURE_NAK = 3;
export const CONFIGURE_REJECT = 4;
export const TERMINATE_REQUEST = 5;
export const TERMINATE_ACK = 6;
export const CODE_REJECT = 7;
export const PROTOCOL_REJECT = 8;
export const ECHO_REQUEST = 9;
export const ECHO_REPLY = 10;

export const PPP_OK = 0;
/** The fields stand behind the end of what was captured. */
export const PPP_CUT = 1;
/** A length or a protocol number contradicts the specification. */
export const PPP_MALFORMED = 2;

/** Where the information of a PPP frame stands; owned by the caller and overwritten by the next decode. */
export class PppFrame {
  protocol = 0;
  /** First byte behind the protocol number. */
  information = 0;
}

/** Reads address, control and protocol at `at`. */
export function decodePppFrame(
  view: DataView,
  at: number,
  end: number,
  wireEnd: number,
  out: PppFrame,
): number {
  out.protocol = 0;
  const limit = Math.min(end, wireEnd);
  let from = at;
  // FF is no protocol number, compressed or not (RFC 1661 2): it can only be the address.
  if (from < limit && view.getUint8(from) === 0xff) {
    if (from + 2 > limit) return shortOf(wireEnd, end);
    if (view.getUint8(from + 1) !== 0x03) return PPP_MALFORMED;
    from += 2;
  }
  if (from >= limit) return shortOf(wireEnd, end);
  const first = view.getUint8(from);
  if ((first & 1) === 1) {
    out.protocol = first;
    out.information = from + 1;
    return PPP_OK;
  }
  if (from + 2 > limit) return shortOf(wireEnd, end);
  const protocol = view.getUint16(from);
  if ((protocol & 1) === 0) return PPP_MALFORMED;
  out.protocol = protocol;
  out.information = from + 2;
  return PPP_OK;
}

/** What a decoder says of bytes that are not there: they were cut off, or never sent. */
export function shortOf(wireEnd: number, end: number): number {
  return wireEnd > end ? PPP_CUT : PPP_MALFORMED;
}

/** True for link, authentication and network control protocols: what is not data (RFC 1661 2). */
export function isPppControl(protocol: number): boolean {
  return protocol >= 0x8000;
}

/** One control packet; owned by the caller and overwritten by the next decode. */
export class ControlPacket {
  code = 0;
  identifier = 0;
  /** First byte of the data. */
  data = 0;
  /** Past the last byte of the data that was captured. */
  end = 0;
  /** Past the last byte of the data as the length field says. */
  wireEnd = 0;
}

/** Reads the header at `at`; data that was cut leaves `end` before `wireEnd`. */
export function decodeControlPacket(
  view: DataView,
  at: number,
  end: number,
  wireEnd: number,
  out: ControlPacket,
): number {
  out.code = 0;
  const limit = Math.min(end, wireEnd);
  if (at + 4 > limit) return shortOf(wireEnd, end);
  const length = view.getUint16(at + 2);
  if (length < 4 || at + length > wireEnd) return PPP_MALFORMED;
  out.code = view.getUint8(at);
  out.identifier = view.getUint8(at + 1);
  out.data = at + 4;
  out.wireEnd = at + length;
  out.end = Math.min(out.wireEnd, end);
  return PPP_OK;
}

/**
 * The start of the whole PPP frame (protocol number first) inside a multilink packet, or -1 if the packet is one fragment of
 * several, or cut. `isShort`: sequence numbers of 12 bits were negotiated.
 */
export function multilinkPayload(view: DataView, at: number, end: number, isShort: boolean): number {
  const header = isShort ? 2 : 4;
  if (at + header > end) return -1;
  return (view.getUint8(at) & 0xc0) === 0xc0 ? at + header : -1;
}

const CODE_NAMES: readonly string[] = [
  '',
  'Configure-Request',
  'Configure-Ack',
  'Configure-Nak',
  'Configure-Reject',
  'Terminate-Request',
  'Terminate-Ack',
  'Code-Reject',
  'Protocol-Reject',
  'Echo-Request',
  'Echo-Reply',
];

const PROTOCOL_NAMES: Readonly<Record<number, string>> = {
  [PPP_IPCP]: 'IPCP',
  [PPP_CCP]: 'CCP',
  [PPP_LCP]: 'LCP',
  [PPP_PAP]: 'PAP',
  [PPP_CBCP]: 'CBCP',
  [PPP_CHAP]: 'CHAP',
  [PPP_EAP]: 'EAP',
};

/** One line for a report: protocol and code, for the control protocols of RFC 1661's form. */
export function formatControl(protocol: number, code: number): string {
  const name = PROTOCOL_NAMES[protocol] ?? `PPP ${protocol.toString(16)}`;
  return `${name} ${CODE_NAMES[code] || `code ${code}`}`;
}
