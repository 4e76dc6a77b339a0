/**
 * DHCP messages (RFC 2131, RFC 2132), options in the order given, with option overload and options split over
 * several instances (RFC 3396).
 */
import { ascii, concat, ipv4Bytes, macBytes, padTo, u16, u32, u8 } from './bytes.ts';
import type { Ipv4, Mac } from './bytes.ts';

export const DHCP_TYPE = {
  discover: 1,
  offer: 2,
  request: 3,
  decline: 4,
  ack: 5,
  nak: 6,
  release: 7,
  inform: 8,
} as const;

export interface DhcpOption {
  readonly code: number;
  /** At most 255 bytes; see `splitDhcpOption`. */
  readonly data: Uint8Array;
}

/** The options of RFC 2132 (and 4039, 8925) by name. */
export const DHCP_OPTION = {
  subnetMask: (mask: Ipv4): DhcpOption => ({ code: 1, data: ipv4Bytes(mask) }),
  router: (address: Ipv4): DhcpOption => ({ code: 3, data: ipv4Bytes(address) }),
  nameServer: (address: Ipv4): DhcpOption => ({ code: 6, data: ipv4Bytes(address) }),
  hostName: (name: string): DhcpOption => ({ code: 12, data: ascii(name) }),
  requestedAddress: (address: Ipv4): DhcpOption => ({ code: 50, data: ipv4Bytes(address) }),
  leaseTime: (seconds: number): DhcpOption => ({ code: 51, data: u32(seconds) }),
  messageType: (type: number): DhcpOption => ({ code: 53, data: u8(type) }),
  serverIdentifier: (address: Ipv4): DhcpOption => ({ code: 54, data: ipv4Bytes(address) }),
  parameterRequestList: (codes: readonly number[]): DhcpOption => ({
    code: 55,
    data: Uint8Array.from(codes),
  }),
  renewalTime: (seconds: number): DhcpOption => ({ code: 58, data: u32(seconds) }),
  rebindingTime: (seconds: number): DhcpOption => ({ code: 59, data: u32(seconds) }),
  vendorClass: (name: string): DhcpOption => ({ code: 60, data: ascii(name) }),
  clientIdentifier: (id: Uint8Array): DhcpOption => ({ code: 61, data: id }),
  rapidCommit: { code: 80, data: new Uint8Array(0) } as DhcpOption,
  ipv6OnlyPreferred: (seconds: number): DhcpOption => ({ code: 108, data: u32(seconds) }),
} as const;

/** Client identifier of type 1: the hardware address (RFC 2132 9.14). */
export function hardwareClientId(mac: Mac): Uint8Array {
  return concat(u8(1), macBytes(mac));
}

/** One option as two instances of the same code, cut after `bytes` bytes (RFC 3396). */
export function splitDhcpOption(option: DhcpOption, bytes: number): DhcpOption[] {
  return [
    { code: option.code, data: option.data.subarray(0, bytes) },
    { code: option.code, data: option.data.subarray(bytes) },
  ];
}

export interface DhcpFields {
  /** 1 request (to the server), 2 reply. */
  readonly operation: 1 | 2;
  readonly xid: number;
  readonly secs?: number;
  readonly broadcastFlag?: boolean;
  readonly ciaddr?: Ipv4;
  readonly yiaddr?: Ipv4;
  readonly siaddr?: Ipv4;
  readonly giaddr?: Ipv4;
  readonly chaddr: Mac;
  readonly htype?: number;
  readonly hops?: number;
  readonly options: readonly DhcpOption[];
  /** Options in the `sname` and `file` fields; option 52 is put right behind the first of `options`. */
  readonly overload?: { readonly sname?: readonly DhcpOption[]; readonly file?: readonly DhcpOption[] };
  /** RFC 951 messages have 300 bytes, and DHCP clients pad to that. */
  readonly minBytes?: number;
}

const PAD = 0;
const END = u8(255);

function optionBytes(options: readonly DhcpOption[]): Uint8Array {
  return concat(...options.map((option) => concat(u8(option.code), u8(option.data.length), option.data)));
}

function overloaded(options: readonly DhcpOption[] | undefined, length: number): Uint8Array {
  if (!options) return new Uint8Array(length).fill(PAD);
  const bytes = concat(optionBytes(options), END);
  if (bytes.length > length) throw new RangeError(`options do not fit into ${length} bytes`);
  return padTo(bytes, length);
}

/** The UDP payload. */
export function dhcp(fields: DhcpFields): Uint8Array {
  const { overload } = fields;
  const overloadValue = (overload?.file ? 1 : 0) + (overload?.sname ? 2 : 0);
  const options = [...fields.options];
  if (overloadValue > 0) options.splice(1, 0, { code: 52, data: u8(overloadValue) });
  return padTo(
    concat(
      u8(fields.operation),
      u8(fields.htype ?? 1),
      u8(6),
      u8(fields.hops ?? 0),
      u32(fields.xid),
      u16(fields.secs ?? 0),
      u16(fields.broadcastFlag ? 0x8000 : 0),
      ipv4Bytes(fields.ciaddr ?? '0.0.0.0'),
      ipv4Bytes(fields.yiaddr ?? '0.0.0.0'),
      ipv4Bytes(fields.siaddr ?? '0.0.0.0'),
      ipv4Bytes(fields.giaddr ?? '0.0.0.0'),
      padTo(macBytes(fields.chaddr), 16),
      overloaded(overload?.sname, 64),
      overloaded(overload?.file, 128),
      u32(0x63825363),
      optionBytes(options),
      END,
    ),
    fields.minBytes ?? 300,
  );
}

/** A BOOTP message without options (RFC 951). */
export function bootp(fields: Omit<DhcpFields, 'options' | 'overload'>): Uint8Array {
  return dhcp({ ...fields, options: [] });
}
