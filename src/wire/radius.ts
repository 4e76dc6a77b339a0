/**
 * RADIUS (RFC 2865, RFC 2866, RFC 2869), UDP ports 1812 and 1813, formerly 1645 and 1646.
 *
 *     0 code 1 | 1 identifier 1 | 2 length 2 (20 to 4096) | 4 authenticator 16 | 20 attributes: type 1, length 1 (at least 2), value
 *
 * The message length and every attribute length are untrusted; what follows the message is padding.
 */
import { readText } from './text.ts';

export const RADIUS_ACCESS_REQUEST = 1;
export const RADIUS_ACCESS_ACCEPT = 2;
export const RADIUS_ACCESS_REJECT = 3;
export const RADIUS_ACCOUNTING_REQUEST = 4;
export const RADIUS_ACCOUNTING_RESPONSE = 5;
export const RADIUS_ACCESS_CHALLENGE = 11;

/** Acct-Status-Type (40). */
export const ACCT_START = 1;
export const ACCT_STOP = 2;
export const ACCT_INTERIM = 3;
export const ACCT_ON = 7;
export const ACCT_OFF = 8;

export const RADIUS_OK = 0;
/** Attributes stand behind the end of what was captured. */
export const RADIUS_CUT = 1;
export const RADIUS_MALFORMED = 2;

const HEADER_BYTES = 20;
const MAX_BYTES = 4096;

/** True for the ports that RADIUS uses. */
export function isRadiusPort(port: number): boolean {
  return port === 1812 || port === 1813 || port === 1645 || port === 1646;
}

/** True if a UDP payload of `bytes` bytes at `at` has the header of RADIUS: another protocol may use these ports by chance. */
export function looksLikeRadius(view: DataView, at: number, end: number, bytes: number): boolean {
  if (bytes < HEADER_BYTES || at + 4 > end) return false;
  const code = view.getUint8(at);
  const length = view.getUint16(at + 2);
  const isKnown =
    (code >= RADIUS_ACCESS_REQUEST && code <= RADIUS_ACCOUNTING_RESPONSE) || code === RADIUS_ACCESS_CHALLENGE;
  return isKnown && length >= HEADER_BYTES && length <= bytes;
}

/** One message; owned by the caller and overwritten by the next decode. Numbers are -1 and texts empty where absent. */
export class RadiusMessage {
  code = 0;
  identifier = 0;
  /** 1, one character a byte. */
  userName = '';
  /** 4, int32; 0 where absent. */
  nasAddress = 0;
  /** 5. */
  nasPort = -1;
  /** 7: 1 is PPP. */
  framedProtocol = -1;
  /** 8, int32; 0 where absent. -1 and -2 mean that user or NAS picks. */
  framedAddress = 0;
  /** 31 and 32, one character a byte. */
  callingStation = '';
  nasIdentifier = '';
  /** 40. */
  status = -1;
  /** 41, in seconds. */
  delaySeconds = 0;
  /** 44, one character a byte. */
  session = '';
  /** 46, in seconds. */
  sessionSeconds = -1;
  /** 49. */
  terminateCause = -1;
  /** 61. */
  portType = -1;
  /** 88 is there. */
  framedPool = false;

  /** Reads the message in [at, end); `wireEnd` is the end of the UDP payload. */
  decode(view: DataView, at: number, end: number, wireEnd: number): number {
    this.#reset();
    if (at + HEADER_BYTES > Math.min(end, wireEnd)) return wireEnd > end ? RADIUS_CUT : RADIUS_MALFORMED;
    this.code = view.getUint8(at);
    this.identifier = view.getUint8(at + 1);
    const length = view.getUint16(at + 2);
    if (length < HEADER_BYTES || length > MAX_BYTES || at + length > wireEnd) return RADIUS_MALFORMED;
    const messageEnd = at + length;
    for (let from = at + HEADER_BYTES; from < messageEnd; ) {
      if (from + 2 > end) return messageEnd > end ? RADIUS_CUT : RADIUS_MALFORMED;
      const bytes = view.getUint8(from + 1);
      if (bytes < 2 || from + bytes > messageEnd) return RADIUS_MALFORMED;
      if (from + bytes > end) return RADIUS_CUT;
      this.#read(view, view.getUint8(from), from + 2, from + bytes);
      from += bytes;
    }
    return RADIUS_OK;
  }

  #reset(): void {
    this.code = 0;
    this.identifier = 0;
    this.userName = '';
    this.nasAddress = 0;
    this.nasPort = -1;
    this.framedProtocol = -1;
    this.framedAddress = 0;
    this.callingStation = '';
    this.nasIdentifier = '';
    this.status = -1;
    this.delaySeconds = 0;
    this.session = '';
    this.sessionSeconds = -1;
    this.terminateCause = -1;
    this.portType = -1;
    this.framedPool = false;
  }

  #read(view: DataView, type: number, from: number, to: number): void {
    switch (type) {
      case 1:
        this.userName = readText(view, from, to);
        return;
      case 31:
        this.callingStation = readText(view, from, to);
        return;
      case 32:
        this.nasIdentifier = readText(view, from, to);
        return;
      case 44:
        this.session = readText(view, from, to);
        return;
      case 88:
        this.framedPool = true;
        return;
      default:
        if (to - from === 4) this.#readNumber(type, view.getUint32(from));
    }
  }

  #readNumber(type: number, value: number): void {
    if (type === 4) this.nasAddress = value | 0;
    else if (type === 5) this.nasPort = value;
    else if (type === 7) this.framedProtocol = value;
    else if (type === 8) this.framedAddress = value | 0;
    else if (type === 40) this.status = value;
    else if (type === 41) this.delaySeconds = value;
    else if (type === 46) this.sessionSeconds = value;
    else if (type === 49) this.terminateCause = value;
    else if (type === 61) this.portType = value;
  }
}
