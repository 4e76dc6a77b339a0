/**
 * PPTP control messages (RFC 2637 2), TCP port 1723.
 *
 *     0 length 2 | 2 message type 2 (1) | 4 magic 4 (1A2B3C4D) | 8 control type 2 | 10 reserved 2
 *     12 call 2 in types 7 to 13, peer's in 11 and 15 | 14 peer's call 2 in 8 and 10 | 14 result 1 in 13 | 16 result 1 in 8 and 10
 *
 * The length is untrusted: 16 to 512 are accepted. A call number is the one that the sender of the message gave to the call.
 */

export const PPTP_PORT = 1723;

export const PPTP_START_REQUEST = 1;
export const PPTP_START_REPLY = 2;
export const PPTP_STOP_REQUEST = 3;
export const PPTP_STOP_REPLY = 4;
export const PPTP_OUTGOING_REQUEST = 7;
export const PPTP_OUTGOING_REPLY = 8;
export const PPTP_INCOMING_REQUEST = 9;
export const PPTP_INCOMING_REPLY = 10;
export const PPTP_INCOMING_CONNECTED = 11;
export const PPTP_CALL_CLEAR = 12;
export const PPTP_CALL_DISCONNECT = 13;
export const PPTP_SET_LINK_INFO = 15;

/** `result` of a call that was connected. */
export const PPTP_CONNECTED = 1;

export const PPTP_MIN_BYTES = 16;
export const PPTP_MAX_BYTES = 512;
const MAGIC = 0x1a2b_3c4d;

export const PPTP_OK = 0;
/** More bytes are needed. */
export const PPTP_SHORT = 1;
export const PPTP_MALFORMED = 2;

/** One message; owned by the caller and overwritten by the next decode. */
export class PptpMessage {
  /** Bytes of the whole message. */
  length = 0;
  type = 0;
  /** Call numbers; -1 where the type has none, or it was cut. */
  call = -1;
  peerCall = -1;
  /** -1 where the type has none, or it was cut. */
  result = -1;
}

const hasPeerCall = (type: number): boolean => type === PPTP_OUTGOING_REPLY || type === PPTP_INCOMING_REPLY;

/**
 * Reads the message at `at`, of which the bytes up to `end` are at hand; fields behind that are unknown. `PPTP_SHORT` means that
 * not even its header is there.
 */
export function decodePptp(view: DataView, at: number, end: number, out: PptpMessage): number {
  out.type = 0;
  out.call = -1;
  out.peerCall = -1;
  out.result = -1;
  if (at + 12 > end) return PPTP_SHORT;
  out.length = view.getUint16(at);
  if (view.getUint16(at + 2) !== 1 || view.getInt32(at + 4) !== MAGIC) return PPTP_MALFORMED;
  if (out.length < PPTP_MIN_BYTES || out.length > PPTP_MAX_BYTES) return PPTP_MALFORMED;
  const { length } = out;
  const type = view.getUint16(at + 8);
  out.type = type;
  const has = (from: number, bytes: number): boolean => from + bytes <= length && at + from + bytes <= end;
  if (type >= PPTP_OUTGOING_REQUEST && type <= PPTP_CALL_DISCONNECT && type !== PPTP_INCOMING_CONNECTED) {
    if (has(12, 2)) out.call = view.getUint16(at + 12);
  }
  // These two have no call number of their own, only that of the peer, at 12 (RFC 2637 2.11, 2.15).
  if (type === PPTP_INCOMING_CONNECTED || type === PPTP_SET_LINK_INFO) {
    if (has(12, 2)) out.peerCall = view.getUint16(at + 12);
  } else if (hasPeerCall(type) && has(14, 2)) out.peerCall = view.getUint16(at + 14);
  if (type === PPTP_CALL_DISCONNECT && has(14, 1)) out.result = view.getUint8(at + 14);
  else if ((type === PPTP_OUTGOING_REPLY || type === PPTP_INCOMING_REPLY) && has(16, 1))
    out.result = view.getUint8(at + 16);
  return PPTP_OK;
}
