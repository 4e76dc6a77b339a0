/**
 * RADIUS (RFC 2865, RFC 2866): access and accounting packets. UDP payloads.
 *
 *     radius({ code: RADIUS_CODE.accountingRequest, identifier: 7, attributes: [RADIUS_ATTRIBUTE.userName('u1'), …] })
 *     radius({ code: RADIUS_CODE.accountingResponse, identifier: 7, attributes: [], request })
 */
import { createHash } from 'node:crypto';
import { ascii, concat, ipv4Bytes, u16, u32, u8 } from './bytes.ts';
import type { Ipv4 } from './bytes.ts';

export const RADIUS_PORT = { access: 1812, accounting: 1813, oldAccess: 1645, oldAccounting: 1646 } as const;

export const RADIUS_CODE = {
  accessRequest: 1,
  accessAccept: 2,
  accessReject: 3,
  accountingRequest: 4,
  accountingResponse: 5,
} as const;

export const ACCOUNTING_STATUS = { start: 1, stop: 2, interim: 3, on: 7, off: 8 } as const;

/** RFC 2866 5.10. */
export const TERMINATE_CAUSE = {
  userRequest: 1,
  lostCarrier: 2,
  nasError: 9,
  nasRequest: 10,
  serviceUnavailable: 15,
  callback: 16,
} as const;

/** RFC 2865 5.41. */
export const NAS_PORT_TYPE = {
  async: 0,
  isdn: 2,
  virtual: 5,
  ethernet: 15,
  wireless: 19,
  pppoe: 32,
} as const;

function attribute(type: number, value: Uint8Array): Uint8Array {
  return concat(u8(type), u8(2 + value.length), value);
}

export const RADIUS_ATTRIBUTE = {
  userName: (name: string): Uint8Array => attribute(1, ascii(name)),
  /** Sixteen bytes that hide the password. */
  userPassword: (hidden: Uint8Array): Uint8Array => attribute(2, hidden),
  nasAddress: (address: Ipv4): Uint8Array => attribute(4, ipv4Bytes(address)),
  nasPort: (port: number): Uint8Array => attribute(5, u32(port)),
  /** 2: Framed. */
  serviceType: (type: number): Uint8Array => attribute(6, u32(type)),
  /** 1: PPP. */
  framedProtocol: (protocol: number): Uint8Array => attribute(7, u32(protocol)),
  /** 255.255.255.254: the NAS picks. */
  framedAddress: (address: Ipv4): Uint8Array => attribute(8, ipv4Bytes(address)),
  callingStation: (station: string): Uint8Array => attribute(31, ascii(station)),
  nasIdentifier: (name: string): Uint8Array => attribute(32, ascii(name)),
  statusType: (status: number): Uint8Array => attribute(40, u32(status)),
  delay: (seconds: number): Uint8Array => attribute(41, u32(seconds)),
  sessionId: (id: string): Uint8Array => attribute(44, ascii(id)),
  sessionTime: (seconds: number): Uint8Array => attribute(46, u32(seconds)),
  terminateCause: (cause: number): Uint8Array => attribute(49, u32(cause)),
  nasPortType: (type: number): Uint8Array => attribute(61, u32(type)),
  framedPool: (name: string): Uint8Array => attribute(88, ascii(name)),
} as const;

export interface RadiusFields {
  readonly code: number;
  readonly identifier: number;
  readonly attributes: readonly Uint8Array[];
  /** The packet this one answers. */
  readonly request?: Uint8Array;
}

const SECRET = ascii('kbdiag');

function md5(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(
    createHash('md5')
      .update(concat(...parts))
      .digest(),
  );
}

/** Authenticators are those of the shared secret `kbdiag` (RFC 2865 3, RFC 2866 3). */
export function radius(fields: RadiusFields): Uint8Array {
  const attributes = concat(...fields.attributes);
  const header = concat(u8(fields.code), u8(fields.identifier), u16(20 + attributes.length));
  // What an Access-Request carries is any number nobody can guess; here it comes from the packet itself.
  const basis = fields.request?.subarray(4, 20) ?? new Uint8Array(16);
  return concat(header, md5(header, basis, attributes, SECRET), attributes);
}
