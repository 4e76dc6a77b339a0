/**
 * DHCP and BOOTP (RFC 2131, RFC 2132, RFC 3396, RFC 8925) inside UDP 67/68.
 *
 *     0 op 1 | 1 htype 1 | 2 hlen 1 | 3 hops 1 | 4 xid 4 | 8 secs 2 | 10 flags 2 | 12 ciaddr 4 | 16 yiaddr 4 | 20 siaddr 4
 *     24 giaddr 4 | 28 chaddr 16 | 44 sname 64 | 108 file 128 | 236 cookie 4 | 240 options
 *
 * hlen and every option length are untrusted. Option overload (52) lets options go on in `file` and `sname`;
 * an option that occurs again is one long option, its parts in the order options, file, sname (RFC 3396).
 */
import { formatIpv4 } from './ipv4.ts';
import { macNumber } from './mac.ts';

/** What a server or relay sends (op). */
export const BOOT_REPLY = 2;

export const DHCP_DISCOVER = 1;
export const DHCP_OFFER = 2;
export const DHCP_REQUEST = 3;
export const DHCP_DECLINE = 4;
export const DHCP_ACK = 5;
export const DHCP_NAK = 6;
export const DHCP_RELEASE = 7;
export const DHCP_INFORM = 8;

const TYPE_NAMES: readonly string[] = [
  'BOOTP',
  'DISCOVER',
  'OFFER',
  'REQUEST',
  'DECLINE',
  'ACK',
  'NAK',
  'RELEASE',
  'INFORM',
  'FORCERENEW',
];

export const DHCP_OK = 0;
/** Options, or fixed fields, stand behind the end of what was captured. */
export const DHCP_CUT = 1;
/** Not BOOTP, or an option runs past the end of the message. */
export const DHCP_MALFORMED = 2;

/** Lease time of an address given for ever. */
export const INFINITE_LEASE = 0xffff_ffff;

const COOKIE = 0x6382_5363;
const FIXED_BYTES = 240;
const FILE_OFFSET = 108;
const FILE_BYTES = 128;
const SNAME_OFFSET = 44;
const SNAME_BYTES = 64;

/** The options that are read, in the order of their slots. */
const WANTED = [12, 50, 51, 52, 53, 54, 55, 58, 59, 61, 80, 108] as const;
/** No option read here is longer in practice; what exceeds it is cut off. */
const SLOT_BYTES = 512;

/** One message's fields; owned by the caller and overwritten by the next decode. */
export class DhcpMessage {
  operation = 0;
  hardwareType = 0;
  xid = 0;
  /** Addresses as int32; 0 where absent. */
  ciaddr = 0;
  yiaddr = 0;
  giaddr = 0;
  /** MAC address as a double (mac.ts); NaN if hlen is not 6. */
  chaddr = 0;
  /** Option 53; 0 for plain BOOTP. */
  type = 0;
  /** Option 50; 0 where absent. */
  requestedAddress = 0;
  /** Option 54; 0 where absent. */
  serverId = 0;
  /** Option 51 in seconds; -1 where absent or malformed, `INFINITE_LEASE` for ever. */
  leaseSeconds = -1;
  /** Options 58 and 59 in seconds; -1 where absent. */
  t1Seconds = -1;
  t2Seconds = -1;
  /** Option 61 in hexadecimal; empty where absent. */
  clientId = '';
  /** Option 80 present (RFC 4039). */
  rapidCommit = false;
  /** Option 108 present (RFC 8925). */
  ipv6Only = false;
  /** Option 108 asked for in option 55. */
  asksIpv6Only = false;

  /** Option 12, one character a byte; empty where absent. Not kept from message to message. */
  get hostName(): string {
    const slot = WANTED.indexOf(12);
    const length = Math.max(0, this.#lengths[slot] as number);
    return Buffer.from((this.#slots[slot] as Uint8Array).subarray(0, length)).toString('latin1');
  }

  readonly #slots = WANTED.map(() => new Uint8Array(SLOT_BYTES));
  readonly #lengths = new Int32Array(WANTED.length).fill(-1);

  /**
   * Reads the message in [offset, end). `wireEnd` is where it ends on the wire; an option area that goes on
   * behind `end` makes the message cut, and its options unknown.
   */
  decode(view: DataView, offset: number, end: number, wireEnd: number): number {
    this.#reset();
    if (offset + 44 > end) return wireEnd > end ? DHCP_CUT : DHCP_MALFORMED;
    this.operation = view.getUint8(offset);
    this.hardwareType = view.getUint8(offset + 1);
    const hlen = view.getUint8(offset + 2);
    if ((this.operation !== 1 && this.operation !== 2) || hlen > 16) return DHCP_MALFORMED;
    this.xid = view.getInt32(offset + 4);
    this.ciaddr = view.getInt32(offset + 12);
    this.yiaddr = view.getInt32(offset + 16);
    this.giaddr = view.getInt32(offset + 24);
    this.chaddr =
      hlen === 6 ? macNumber(view.getUint16(offset + 28), view.getInt32(offset + 30)) : Number.NaN;
    if (offset + FIXED_BYTES > end) return wireEnd > end ? DHCP_CUT : DHCP_OK;
    if (view.getUint32(offset + 236) !== COOKIE) return DHCP_OK;

    const last = Math.min(end, wireEnd);
    const status = this.#readOptions(view, offset + FIXED_BYTES, last, wireEnd > end);
    if (status === DHCP_CUT) return status;
    const overload = this.#number(WANTED.indexOf(52), 1);
    if (overload === 1 || overload === 3)
      this.#readOptions(view, offset + FILE_OFFSET, offset + FILE_OFFSET + FILE_BYTES, false);
    if (overload === 2 || overload === 3)
      this.#readOptions(view, offset + SNAME_OFFSET, offset + SNAME_OFFSET + SNAME_BYTES, false);
    this.#interpret();
    return status;
  }

  #reset(): void {
    this.#lengths.fill(-1);
    this.operation = 0;
    this.hardwareType = 0;
    this.xid = 0;
    this.ciaddr = 0;
    this.yiaddr = 0;
    this.giaddr = 0;
    this.chaddr = Number.NaN;
    this.type = 0;
    this.requestedAddress = 0;
    this.serverId = 0;
    this.leaseSeconds = -1;
    this.t1Seconds = -1;
    this.t2Seconds = -1;
    this.clientId = '';
    this.rapidCommit = false;
    this.ipv6Only = false;
    this.asksIpv6Only = false;
  }

  /** Walks one option area; every step advances by at least one byte. */
  #readOptions(view: DataView, from: number, to: number, goesOn: boolean): number {
    let at = from;
    while (at < to) {
      const code = view.getUint8(at);
      if (code === 255) return DHCP_OK;
      if (code === 0) {
        at += 1;
        continue;
      }
      if (at + 2 > to) return goesOn ? DHCP_CUT : DHCP_MALFORMED;
      const length = view.getUint8(at + 1);
      if (at + 2 + length > to) return goesOn ? DHCP_CUT : DHCP_MALFORMED;
      const slot = WANTED.indexOf(code as (typeof WANTED)[number]);
      if (slot >= 0) this.#append(slot, view, at + 2, length);
      at += 2 + length;
    }
    // A message may end without the end option (RFC 2131 does not allow it; servers do it).
    return goesOn ? DHCP_CUT : DHCP_OK;
  }

  #append(slot: number, view: DataView, from: number, length: number): void {
    const bytes = this.#slots[slot] as Uint8Array;
    let filled = Math.max(0, this.#lengths[slot] as number);
    for (let i = 0; i < length && filled < SLOT_BYTES; i += 1) {
      bytes[filled] = view.getUint8(from + i);
      filled += 1;
    }
    this.#lengths[slot] = filled;
  }

  /** The unsigned value of an option of exactly `length` bytes, or -1. */
  #number(slot: number, length: number): number {
    if (this.#lengths[slot] !== length) return -1;
    const bytes = this.#slots[slot] as Uint8Array;
    let value = 0;
    for (let i = 0; i < length; i += 1) value = value * 256 + (bytes[i] as number);
    return value;
  }

  #interpret(): void {
    const option = (code: (typeof WANTED)[number], length: number) =>
      this.#number(WANTED.indexOf(code), length);
    this.type = Math.max(0, option(53, 1));
    this.requestedAddress = Math.max(0, option(50, 4)) | 0;
    this.serverId = Math.max(0, option(54, 4)) | 0;
    const lease = option(51, 4);
    // A lease of zero seconds is malformed and says nothing.
    this.leaseSeconds = lease === 0 ? -1 : lease;
    this.t1Seconds = option(58, 4);
    this.t2Seconds = option(59, 4);
    this.rapidCommit = (this.#lengths[WANTED.indexOf(80)] as number) >= 0;
    this.ipv6Only = option(108, 4) >= 0;
    const list = WANTED.indexOf(55);
    this.asksIpv6Only = (this.#slots[list] as Uint8Array)
      .subarray(0, Math.max(0, this.#lengths[list] as number))
      .includes(108);
    const id = WANTED.indexOf(61);
    const idLength = this.#lengths[id] as number;
    if (idLength > 0)
      this.clientId = Buffer.from((this.#slots[id] as Uint8Array).subarray(0, idLength)).toString('hex');
  }
}

/** One line for a report: type and the addresses that matter for it. */
export function formatDhcp(message: Readonly<DhcpMessage>): string {
  const parts = [`DHCP ${TYPE_NAMES[message.type] ?? `type ${message.type}`}`];
  const show = (name: string, address: number) => {
    if (address !== 0) parts.push(`${name} ${formatIpv4(address)}`);
  };
  show('for', message.yiaddr);
  show('ciaddr', message.ciaddr);
  show('requested', message.requestedAddress);
  show('server', message.serverId);
  if (message.leaseSeconds >= 0) {
    parts.push(
      message.leaseSeconds === INFINITE_LEASE ? 'lease infinite' : `lease ${message.leaseSeconds} s`,
    );
  }
  return parts.join(', ');
}
