/**
 * Who authenticates on a PPP link and how it ends: PAP (RFC 1334), CHAP (RFC 1994, MS-CHAP alike), EAP (RFC 3748). Only names
 * are read, never passwords, values or hashes.
 *
 *     PAP request 1: peer-id length 1, peer-id, …; ack 2; nak 3
 *     CHAP challenge 1 and response 2: value size 1, value, name to the end; success 3; failure 4
 *     EAP response 2 of type 1 (identity): type 1, identity to the end; success 3; failure 4
 *
 * All inner lengths are untrusted.
 */
import { type ControlPacket, PPP_CHAP, PPP_CUT, PPP_EAP, PPP_MALFORMED, PPP_OK, PPP_PAP } from './ppp.ts';
import { readText } from './text.ts';

/** Nothing that concerns the outcome. */
export const AUTH_OTHER = 0;
/** The sender says who it is. */
export const AUTH_NAME = 1;
/** The sender accepts, or refuses, its peer. */
export const AUTH_SUCCESS = 2;
export const AUTH_FAILURE = 3;

/** One authentication packet; owned by the caller and overwritten by the next decode. */
export class AuthPacket {
  /** One of `AUTH_…`. */
  meaning = AUTH_OTHER;
  /** The name with `AUTH_NAME`, one character a byte; empty where it was cut. */
  name = '';
}

/** Reads a packet of one of the three protocols. */
export function decodeAuth(view: DataView, protocol: number, packet: ControlPacket, out: AuthPacket): number {
  out.meaning = AUTH_OTHER;
  out.name = '';
  const { code, data, end, wireEnd } = packet;
  if (protocol === PPP_PAP) {
    if (code === 1) return readName(view, packet, data + 1, lengthAt(view, data, end), out);
    if (code === 2) out.meaning = AUTH_SUCCESS;
    else if (code === 3) out.meaning = AUTH_FAILURE;
    return PPP_OK;
  }
  if (protocol !== PPP_CHAP && protocol !== PPP_EAP) return PPP_OK;
  if (code === 3) out.meaning = AUTH_SUCCESS;
  else if (code === 4) out.meaning = AUTH_FAILURE;
  if (code !== 2) return PPP_OK;
  if (protocol === PPP_CHAP) {
    const from = data + 1 + Math.max(0, lengthAt(view, data, end));
    return readName(view, packet, from, wireEnd - from, out);
  }
  // EAP: only the response of type 1 tells a name.
  if (lengthAt(view, data, end) !== 1) return data < end ? PPP_OK : PPP_CUT;
  return readName(view, packet, data + 1, wireEnd - data - 1, out);
}

/** The byte at `at`, or -1 if it was not captured. */
function lengthAt(view: DataView, at: number, end: number): number {
  return at < end ? view.getUint8(at) : -1;
}

function readName(
  view: DataView,
  packet: ControlPacket,
  from: number,
  length: number,
  out: AuthPacket,
): number {
  out.meaning = AUTH_NAME;
  if (packet.data >= packet.end) return packet.data < packet.wireEnd ? PPP_CUT : PPP_MALFORMED;
  if (length < 0 || from + length > packet.wireEnd) return PPP_MALFORMED;
  if (from + length > packet.end) return PPP_CUT;
  out.name = readText(view, from, from + length);
  return PPP_OK;
}
