/**
 * PPTP (RFC 2637): the messages of the control connection on TCP 1723, and enhanced GRE around PPP.
 *
 *     connection.data('client', PPTP.outgoingCallRequest(0x4001))
 *     client.datagram(server.ip, PROTOCOL.gre, enhancedGre({ callId, sequence: 0, payload }))
 */
import { ascii, concat, padTo, u16, u32, u8 } from './bytes.ts';

export const PPTP_PORT = 1723;

function message(type: number, ...fields: readonly Uint8Array[]): Uint8Array {
  const body = concat(...fields);
  return concat(u16(12 + body.length), u16(1), u32(0x1a2b3c4d), u16(type), u16(0), body);
}

function names(host: string): Uint8Array {
  return concat(padTo(ascii(host), 64), padTo(ascii('Microsoft Windows NT'), 64));
}

export const PPTP = {
  startRequest: (host: string): Uint8Array =>
    message(1, u16(0x0100), u16(0), u32(1), u32(1), u16(0), u16(0), names(host)),
  startReply: (host: string): Uint8Array =>
    message(2, u16(0x0100), u8(1), u8(0), u32(1), u32(1), u16(0), u16(0), names(host)),
  /** Reason 1: no other reason. */
  stopRequest: (): Uint8Array => message(3, u8(1), u8(0), u16(0)),
  stopReply: (): Uint8Array => message(4, u8(1), u8(0), u16(0)),
  outgoingCallRequest: (callId: number, serial: number): Uint8Array =>
    message(
      7,
      u16(callId),
      u16(serial),
      u32(300),
      u32(100_000_000),
      u32(3),
      u32(3),
      u16(64),
      u16(0),
      u16(0),
      u16(0),
      new Uint8Array(128),
    ),
  /** Result 1: connected. */
  outgoingCallReply: (callId: number, peerCallId: number): Uint8Array =>
    message(8, u16(callId), u16(peerCallId), u8(1), u8(0), u16(0), u32(64_000), u16(64), u16(0), u32(0)),
  callClearRequest: (callId: number): Uint8Array => message(12, u16(callId), u16(0)),
  /** Result 1 lost carrier, 2 general error, 3 administrative, 4 on request. */
  callDisconnectNotify: (callId: number, result: number): Uint8Array =>
    message(13, u16(callId), u8(result), u8(0), u16(0), u16(0), new Uint8Array(128)),
  setLinkInfo: (peerCallId: number): Uint8Array =>
    message(15, u16(peerCallId), u16(0), u32(0xffffffff), u32(0xffffffff)),
} as const;

export interface EnhancedGreFields {
  /** The receiver's. */
  readonly callId: number;
  readonly sequence?: number;
  readonly acknowledgment?: number;
  readonly payload: Uint8Array;
}

/** GRE version 1 (RFC 2637 4.1). */
export function enhancedGre(fields: EnhancedGreFields): Uint8Array {
  const { sequence, acknowledgment } = fields;
  const flags = 0x2001 | (sequence === undefined ? 0 : 0x1000) | (acknowledgment === undefined ? 0 : 0x0080);
  return concat(
    u16(flags),
    u16(0x880b),
    u16(fields.payload.length),
    u16(fields.callId),
    ...(sequence === undefined ? [] : [u32(sequence)]),
    ...(acknowledgment === undefined ? [] : [u32(acknowledgment)]),
    fields.payload,
  );
}
