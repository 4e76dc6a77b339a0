/**
 * PPP over Ethernet (RFC 2516): discovery and session frames.
 *
 *     pppoe({ destination, source, code: PPPOE_CODE.padi, payload: pppoeTags([[PPPOE_TAG.serviceName, '']]) })
 *     pppoe({ destination, source, code: PPPOE_CODE.session, sessionId, payload: ppp(…) })
 */
import { ascii, concat, u16, u8 } from './bytes.ts';
import type { Mac } from './bytes.ts';
import { ethernet } from './frames.ts';

export const PPPOE_ETHERTYPE = { discovery: 0x8863, session: 0x8864 } as const;
export const PPPOE_CODE = { session: 0, padi: 0x09, pado: 0x07, padr: 0x19, pads: 0x65, padt: 0xa7 } as const;
export const PPPOE_TAG = { serviceName: 0x0101, acName: 0x0102, hostUniq: 0x0103, cookie: 0x0104 } as const;

export interface PppoeFields {
  readonly destination: Mac;
  readonly source: Mac;
  /** One of `PPPOE_CODE`. */
  readonly code: number;
  /** 0 before PADS gives one. */
  readonly sessionId?: number;
  readonly payload: Uint8Array;
}

/** A whole Ethernet frame. */
export function pppoe(fields: PppoeFields): Uint8Array {
  const { code, sessionId = 0, payload } = fields;
  return ethernet({
    destination: fields.destination,
    source: fields.source,
    type: code === PPPOE_CODE.session ? PPPOE_ETHERTYPE.session : PPPOE_ETHERTYPE.discovery,
    payload: concat(u8(0x11), u8(code), u16(sessionId), u16(payload.length), payload),
  });
}

/** Tags of a discovery frame, in the order given. */
export function pppoeTags(tags: ReadonlyArray<readonly [type: number, value: string]>): Uint8Array {
  return concat(...tags.map(([type, value]) => concat(u16(type), u16(value.length), ascii(value))));
}
