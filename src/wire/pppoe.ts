/**
 * PPP over Ethernet (RFC 2516): discovery, ethertype 8863, and session, ethertype 8864.
 *
 *     0 version and type 1 (11) | 1 code 1 | 2 session 2 | 4 length 2 | 6 payload: tags, or a PPP frame from its protocol on
 *
 * The length is untrusted; frames are padded, so that it may only be less than what is there.
 */

export const PPPOE_DISCOVERY_TYPE = 0x8863;
export const PPPOE_SESSION_TYPE = 0x8864;

export const PPPOE_SESSION = 0x00;
export const PPPOE_PADO = 0x07;
export const PPPOE_PADI = 0x09;
export const PPPOE_PADR = 0x19;
export const PPPOE_PADS = 0x65;
export const PPPOE_PADT = 0xa7;

export const PPPOE_OK = 0;
export const PPPOE_CUT = 1;
export const PPPOE_MALFORMED = 2;

const HEADER_BYTES = 6;

/** One packet's header; owned by the caller and overwritten by the next decode. */
export class PppoeHeader {
  /** One of `PPPOE_…` codes. */
  code = 0;
  session = 0;
  payload = 0;
  /** Past the last byte of the payload as the header claims. */
  payloadEnd = 0;
}

/** Reads the header at `at`. `wireEnd` is the end of the frame on the wire. */
export function decodePppoe(
  view: DataView,
  at: number,
  end: number,
  wireEnd: number,
  out: PppoeHeader,
): number {
  out.code = 0;
  out.session = 0;
  if (at + HEADER_BYTES > end) return wireEnd > end ? PPPOE_CUT : PPPOE_MALFORMED;
  if (view.getUint8(at) !== 0x11) return PPPOE_MALFORMED;
  out.code = view.getUint8(at + 1);
  out.session = view.getUint16(at + 2);
  out.payload = at + HEADER_BYTES;
  out.payloadEnd = out.payload + view.getUint16(at + 4);
  return out.payloadEnd > wireEnd ? PPPOE_MALFORMED : PPPOE_OK;
}
