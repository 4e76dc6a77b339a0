/**
 * L2TP (RFC 2661): control messages with their attribute-value pairs, and data messages around PPP. UDP payloads.
 *
 *     l2tpControl({ tunnelId, sent: 0, received: 0, pairs: [L2TP_PAIR.messageType(L2TP_MESSAGE.sccrq), …] })
 *     l2tpData(tunnelId, sessionId, addressed(ppp(…)))
 */
import { ascii, concat, u16, u32 } from './bytes.ts';

export const L2TP_PORT = 1701;

export const L2TP_MESSAGE = {
  sccrq: 1,
  sccrp: 2,
  scccn: 3,
  stopccn: 4,
  hello: 6,
  icrq: 10,
  icrp: 11,
  iccn: 12,
  cdn: 14,
} as const;

/** An attribute-value pair with the mandatory bit set. */
function pair(type: number, value: Uint8Array): Uint8Array {
  return concat(u16(0x8000 | (6 + value.length)), u16(0), u16(type), value);
}

export const L2TP_PAIR = {
  messageType: (type: number): Uint8Array => pair(0, u16(type)),
  /** CDN: 1 lost carrier, 2 general error, 3 administrative. StopCCN: 1 general clearing. */
  resultCode: (code: number): Uint8Array => pair(1, u16(code)),
  protocolVersion: pair(2, u16(0x0100)),
  framing: pair(3, u32(3)),
  hostName: (name: string): Uint8Array => pair(7, ascii(name)),
  assignedTunnel: (id: number): Uint8Array => pair(9, u16(id)),
  assignedSession: (id: number): Uint8Array => pair(14, u16(id)),
  callSerial: (serial: number): Uint8Array => pair(15, u32(serial)),
  framingType: pair(19, u32(1)),
  connectSpeed: (bitsPerSecond: number): Uint8Array => pair(24, u32(bitsPerSecond)),
} as const;

export interface L2tpControlFields {
  /** The receiver's, 0 before it gave one. */
  readonly tunnelId: number;
  readonly sessionId?: number;
  /** Ns and Nr. */
  readonly sent: number;
  readonly received: number;
  /** None: an acknowledgment without a body (ZLB). */
  readonly pairs: readonly Uint8Array[];
}

export function l2tpControl(fields: L2tpControlFields): Uint8Array {
  const body = concat(...fields.pairs);
  return concat(
    u16(0xc802),
    u16(12 + body.length),
    u16(fields.tunnelId),
    u16(fields.sessionId ?? 0),
    u16(fields.sent),
    u16(fields.received),
    body,
  );
}

/** A data message with its length field. */
export function l2tpData(tunnelId: number, sessionId: number, packet: Uint8Array): Uint8Array {
  return concat(u16(0x4002), u16(8 + packet.length), u16(tunnelId), u16(sessionId), packet);
}
