/**
 * GRE version 1, the carrier of PPTP (RFC 2637 4.1). Version 0 carries no PPP and is left alone.
 *
 *     0 flags: K 2000 (set), S 1000, A 0080, version 0007 (1) | 2 protocol 2 (880B) | 4 payload length 2 | 6 call 2
 *     [sequence 4 if S] [acknowledgment 4 if A] | payload: a PPP frame; none in a bare acknowledgment
 *
 * `call` is the number that the receiver gave to the call. The payload length is untrusted.
 */

export const GRE_OK = 0;
export const GRE_CUT = 1;
/** Another version or protocol. */
export const GRE_FOREIGN = 2;
export const GRE_MALFORMED = 3;

const KEY = 0x2000;
const SEQUENCE = 0x1000;
const ACKNOWLEDGMENT = 0x0080;
const VERSION = 0x0007;
const PPP_PROTOCOL = 0x880b;

/** One packet's header; owned by the caller and overwritten by the next decode. */
export class GreHeader {
  call = 0;
  payload = 0;
  /** Past the last byte of the payload as the header claims; equal to `payload` in a bare acknowledgment. */
  payloadEnd = 0;
}

/** Reads the header at `at`. `wireEnd` is the end of the datagram. */
export function decodeGre(view: DataView, at: number, end: number, wireEnd: number, out: GreHeader): number {
  out.call = 0;
  out.payload = at;
  out.payloadEnd = at;
  const limit = Math.min(end, wireEnd);
  if (at + 4 > limit) return wireEnd > end ? GRE_CUT : GRE_MALFORMED;
  const flags = view.getUint16(at);
  if ((flags & VERSION) !== 1 || view.getUint16(at + 2) !== PPP_PROTOCOL) return GRE_FOREIGN;
  if ((flags & KEY) === 0) return GRE_MALFORMED;
  if (at + 8 > limit) return wireEnd > end ? GRE_CUT : GRE_MALFORMED;
  const length = view.getUint16(at + 4);
  out.call = view.getUint16(at + 6);
  let payload = at + 8;
  if ((flags & SEQUENCE) !== 0) payload += 4;
  if ((flags & ACKNOWLEDGMENT) !== 0) payload += 4;
  // Without a sequence number there is no payload, whatever the length says (RFC 2637 4.1).
  const bytes = (flags & SEQUENCE) === 0 ? 0 : length;
  if (payload + bytes > wireEnd) return GRE_MALFORMED;
  out.payload = payload;
  out.payloadEnd = payload + bytes;
  return GRE_OK;
}
