/**
 * What stands in LCP and IPCP packets (RFC 1661 6, RFC 1332, RFC 1990 5, RFC 1570), as far as kbdiag reads it.
 *
 *     option: 0 type 1 | 1 length 1 (header included, at least 2) | 2 value
 *     LCP: 3 authentication 2+ | 5 magic 4 | 13 callback | 17 MRRU 2 | 18 short sequence numbers 0 | 19 endpoint 1+
 *     IPCP: 3 IP address 4
 *     CCP: 18 MPPC/MPPE (RFC 3078)
 *     Terminate-Request of a Microsoft stack: 0 magic 4 | 4 003CCD74 4 | 8 RAS error number 4
 *
 * Option lengths are untrusted: one below 2 or beyond the packet ends the walk, which so advances by at least 2.
 */
import { type ControlPacket, PPP_CUT, PPP_MALFORMED, PPP_OK, shortOf } from './ppp.ts';
import { readText } from './text.ts';

const MICROSOFT_TERMINATE = 0x003c_cd74;
const MICROSOFT_TERMINATE_BYTES = 12;

/** The options of a Configure packet of LCP; owned by the caller and overwritten by the next decode. */
export class LcpOptions {
  /** int32; 0 where absent. */
  magic = 0;
  /** Option 3's protocol; 0 where absent. */
  authentication = 0;
  /** Option 13 (RFC 1570 2.3) is there. */
  callback = false;
  /** Option 17 is there: this link may join a bundle. */
  multilink = false;
  /** Option 18 is there: sequence numbers of 12 bits. */
  shortSequence = false;
  /** Option 19 as text of one character a byte; empty where absent. */
  endpoint = '';
}

/** Reads the options of a Configure packet. What stands before a cut is there. */
export function decodeLcpOptions(view: DataView, packet: ControlPacket, out: LcpOptions): number {
  out.magic = 0;
  out.authentication = 0;
  out.callback = false;
  out.multilink = false;
  out.shortSequence = false;
  out.endpoint = '';
  let at = packet.data;
  while (at < packet.wireEnd) {
    if (at + 2 > packet.end) return shortOf(packet.wireEnd, packet.end);
    const length = view.getUint8(at + 1);
    if (length < 2 || at + length > packet.wireEnd) return PPP_MALFORMED;
    if (at + length > packet.end) return PPP_CUT;
    const type = view.getUint8(at);
    if (type === 3 && length >= 4) out.authentication = view.getUint16(at + 2);
    else if (type === 5 && length === 6) out.magic = view.getInt32(at + 2);
    else if (type === 13) out.callback = true;
    else if (type === 17 && length === 4) out.multilink = true;
    else if (type === 18 && length === 2) out.shortSequence = true;
    else if (type === 19 && length >= 3) out.endpoint = readText(view, at + 2, at + length);
    at += length;
  }
  return PPP_OK;
}

/** One option of a Configure packet; owned by the caller and overwritten by the next look-up. */
export class ConfigureOption {
  isThere = false;
  /** A value of four bytes as int32; 0 for any other length. */
  value = 0;
}

/** Looks for an option by its type; `PPP_CUT` says that it may stand behind the cut. */
export function findOption(
  view: DataView,
  packet: ControlPacket,
  wanted: number,
  out: ConfigureOption,
): number {
  out.isThere = false;
  out.value = 0;
  let at = packet.data;
  while (at < packet.wireEnd) {
    if (at + 2 > packet.end) return shortOf(packet.wireEnd, packet.end);
    const length = view.getUint8(at + 1);
    if (length < 2 || at + length > packet.wireEnd) return PPP_MALFORMED;
    if (view.getUint8(at) === wanted) {
      if (at + length > packet.end) return PPP_CUT;
      out.isThere = true;
      if (length === 6) out.value = view.getInt32(at + 2);
      return PPP_OK;
    }
    at += length;
  }
  return PPP_OK;
}

/** The RAS error number in the data of a Microsoft stack's Terminate-Request, or -1 if there is none. */
export function terminateCode(view: DataView, packet: ControlPacket): number {
  const { data, wireEnd, end } = packet;
  if (wireEnd - data !== MICROSOFT_TERMINATE_BYTES || end < wireEnd) return -1;
  return view.getInt32(data + 4) === MICROSOFT_TERMINATE ? view.getUint32(data + 8) : -1;
}
