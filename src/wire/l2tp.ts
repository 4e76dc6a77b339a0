/**
 * L2TP version 2 (RFC 2661 3.1, 4.1), UDP port 1701.
 *
 *     0 flags: T 8000, L 4000, S 0800, O 0200, version 000F (2) | [length 2] | tunnel 2 | session 2 | [Ns 2, Nr 2] | [offset 2, pad]
 *     T = 1: AVPs: 0 flags and length 10 bits | 2 vendor 2 | 4 type 2 | 6 value;  T = 0: a PPP frame
 *
 * Tunnel and session are those that the receiver assigned. All lengths are untrusted; an AVP shorter than its header ends the walk.
 */

export const L2TP_PORT = 1701;

export const L2TP_SCCRQ = 1;
export const L2TP_SCCRP = 2;
export const L2TP_STOP = 4;
export const L2TP_OCRQ = 7;
export const L2TP_OCRP = 8;
export const L2TP_ICRQ = 10;
export const L2TP_ICRP = 11;
export const L2TP_ICCN = 12;
export const L2TP_CDN = 14;

const TYPE = 0x8000;
const LENGTH = 0x4000;
const SEQUENCE = 0x0800;
const OFFSET = 0x0200;
const HIDDEN = 0x4000;
const MAX_AVPS = 64;

export const L2TP_OK = 0;
export const L2TP_CUT = 1;
/** Another version. */
export const L2TP_FOREIGN = 2;
export const L2TP_MALFORMED = 3;

/** One message; owned by the caller and overwritten by the next decode. */
export class L2tpMessage {
  isControl = false;
  tunnel = 0;
  session = 0;
  /** Data messages: the PPP frame. */
  payload = 0;
  payloadEnd = 0;
  /** Control messages: the type (AVP 0); 0 for an acknowledgment without a body. */
  type = 0;
  /** AVPs 9 and 14, -1 where absent or hidden. */
  assignedTunnel = -1;
  assignedSession = -1;
}

/** Reads the message at `at`. `wireEnd` is the end of the datagram. */
export function decodeL2tp(
  view: DataView,
  at: number,
  end: number,
  wireEnd: number,
  out: L2tpMessage,
): number {
  out.isControl = false;
  out.tunnel = 0;
  out.session = 0;
  out.type = 0;
  out.assignedTunnel = -1;
  out.assignedSession = -1;
  const limit = Math.min(end, wireEnd);
  const short = wireEnd > end ? L2TP_CUT : L2TP_MALFORMED;
  if (at + 2 > limit) return short;
  const flags = view.getUint16(at);
  if ((flags & 15) !== 2) return L2TP_FOREIGN;
  let from = at + 2;
  let messageEnd = wireEnd;
  if ((flags & LENGTH) !== 0) {
    if (from + 2 > limit) return short;
    messageEnd = at + view.getUint16(from);
    from += 2;
  }
  if (from + 4 > limit) return short;
  out.tunnel = view.getUint16(from);
  out.session = view.getUint16(from + 2);
  from += 4;
  if ((flags & SEQUENCE) !== 0) from += 4;
  if ((flags & OFFSET) !== 0) {
    if (from + 2 > limit) return short;
    from += 2 + view.getUint16(from);
  }
  if (messageEnd > wireEnd || from > messageEnd) return L2TP_MALFORMED;
  out.payload = from;
  out.payloadEnd = messageEnd;
  out.isControl = (flags & TYPE) !== 0;
  return out.isControl ? readAvps(view, from, Math.min(end, messageEnd), messageEnd, out) : L2TP_OK;
}

function readAvps(view: DataView, from: number, end: number, wireEnd: number, out: L2tpMessage): number {
  let at = from;
  for (let count = 0; at < wireEnd && count < MAX_AVPS; count += 1) {
    if (at + 6 > end) return wireEnd > end ? L2TP_CUT : L2TP_MALFORMED;
    const head = view.getUint16(at);
    const length = head & 0x3ff;
    if (length < 6 || at + length > wireEnd) return L2TP_MALFORMED;
    if (at + length > end) return L2TP_CUT;
    const type = view.getUint16(at + 4);
    if (length === 8 && (head & HIDDEN) === 0 && view.getUint16(at + 2) === 0) {
      const value = view.getUint16(at + 6);
      if (type === 0) out.type = value;
      else if (type === 9) out.assignedTunnel = value;
      else if (type === 14) out.assignedSession = value;
    }
    at += length;
  }
  return L2TP_OK;
}
