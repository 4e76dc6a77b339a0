/**
 * DHCP and BOOTP (RFC 2131, RFC 2132). Options are put together first if they come in parts (RFC 3396) and wherever they stand (overload),
 * and each is then carried over, mapped, or left zero by what it is; a code that is not listed is left zero.
 */
import { macHigh, macLow, macNumber } from '../../wire/mac.ts';
import type { Draft } from './draft.ts';

const COOKIE = 0x6382_5363;
const SNAME_AT = 44;
const FILE_AT = 108;
const COOKIE_AT = 236;
const OPTIONS_AT = 240;
const MAX_HARDWARE_BYTES = 16;

/**
 * Masks, times, limits, flags, by the bytes of their values: subnet mask to Rapid Commit (RFC 4039) and IPv6-Only-Preferred (RFC 8925).
 * Of any other length they are no numbers, and could hold anything.
 */
const NUMBER_BYTES: ReadonlyMap<number, number> = new Map([
  ...[19, 20, 23, 27, 29, 30, 31, 34, 36, 37, 39, 46, 52, 53, 116].map((code) => [code, 1] as const),
  ...[13, 22, 26, 57, 93].map((code) => [code, 2] as const),
  ...[1, 2, 24, 35, 38, 51, 58, 59, 91, 108].map((code) => [code, 4] as const),
  ...[[80, 0] as const, [94, 3] as const],
]);
const PARAMETER_LIST = 55;
/** The parameter that rules look for (RFC 8925); what else is asked for tells the make of a client. */
const IPV6_ONLY = 108;
/** Routers, servers of all kinds, static routes, broadcast address, requested address, server identifier, subnet selection. */
const ADDRESSES: ReadonlySet<number> = new Set([
  ...[3, 4, 5, 6, 7, 8, 9, 10, 11, 16, 28, 32, 33, 41, 42, 44, 45, 48, 49, 50, 54, 65],
  ...[68, 69, 70, 71, 72, 73, 74, 75, 76, 85, 92, 118, 150],
]);
/** Host, dump file, domain, root path, extensions path, NIS domains, scope, servers and files by name. */
const NAMES: ReadonlySet<number> = new Set([12, 14, 15, 17, 18, 40, 47, 64, 66, 67, 86, 87]);
const CLIENT_ID = 61;
const FULL_NAME = 81;
const MACHINE_ID = 97;
const OVERLOAD = 52;

/** The parts of one option: where its bytes stand in the frame. */
type Places = number[];

/** The message in [at, end); `isCut` if it went on. */
export function redactDhcp(draft: Draft, at: number, end: number, isCut: boolean): void {
  const { source } = draft;
  // Operation, hardware, hops, transaction, seconds, flags.
  draft.keepTo(at, Math.min(at + 12, end));
  for (const field of [12, 16, 20, 24]) if (at + field + 4 <= end) draft.address(at + field);
  if (at + SNAME_AT > end) return;
  const hardwareBytes = source.getUint8(at + 2);
  if (hardwareBytes === 6) draft.mac(at + 28);
  else if (hardwareBytes <= MAX_HARDWARE_BYTES) draft.identifier(at + 28, hardwareBytes);
  const hasOptions = at + OPTIONS_AT <= end && source.getUint32(at + COOKIE_AT) === COOKIE;
  if (!hasOptions) {
    redactString(draft, at + SNAME_AT, at + FILE_AT, end);
    redactString(draft, at + FILE_AT, at + COOKIE_AT, end);
    return;
  }
  draft.keep(at + COOKIE_AT, 4);
  const options = new Map<number, Places>();
  walkOptions(draft, options, at + OPTIONS_AT, end);
  const [overloadAt = -1, ...rest] = options.get(OVERLOAD) ?? [];
  // Cut options are unknown, and then it is unknown whether these fields hold any.
  const overload = overloadAt >= 0 && rest.length === 0 ? source.getUint8(overloadAt) : 0;
  if (overload === 1 || overload === 3) walkOptions(draft, options, at + FILE_AT, at + COOKIE_AT);
  else if (!isCut) redactString(draft, at + FILE_AT, at + COOKIE_AT, end);
  if (overload === 2 || overload === 3) walkOptions(draft, options, at + SNAME_AT, at + FILE_AT);
  else if (!isCut) redactString(draft, at + SNAME_AT, at + FILE_AT, end);
  for (const [code, places] of options) redactOption(draft, code, places);
}

/** Carries codes and lengths over, and notes where the values stand. */
function walkOptions(draft: Draft, options: Map<number, Places>, from: number, to: number): void {
  const { source } = draft;
  for (let at = from; at < to; ) {
    const code = source.getUint8(at);
    draft.keep(at, 1);
    if (code === 255) return;
    if (code === 0) {
      at += 1;
      continue;
    }
    if (at + 2 > to) return;
    draft.keep(at + 1, 1);
    const length = source.getUint8(at + 1);
    if (at + 2 + length > to) return;
    const places = options.get(code) ?? [];
    for (let place = at + 2; place < at + 2 + length; place += 1) places.push(place);
    options.set(code, places);
    at += 2 + length;
  }
}

/** A string that ends with a zero, or fills its field. */
function redactString(draft: Draft, from: number, to: number, end: number): void {
  if (to > end) return;
  let last = from;
  while (last < to && draft.source.getUint8(last) !== 0) last += 1;
  draft.name(from, last - from);
}

function redactOption(draft: Draft, code: number, places: Places): void {
  const value = Uint8Array.from(places, (place) => draft.source.getUint8(place));
  if (!changeValue(draft, code, value)) return;
  for (const [at, place] of places.entries()) draft.bytes[place] = value[at] as number;
}

/** Maps the value in place; false if nothing of it may be carried over. */
function changeValue(draft: Draft, code: number, value: Uint8Array): boolean {
  const { mapping } = draft;
  const numberBytes = NUMBER_BYTES.get(code);
  if (numberBytes !== undefined) return value.length === numberBytes;
  if (ADDRESSES.has(code)) {
    if (value.length % 4 !== 0) return false;
    const view = new DataView(value.buffer);
    for (let at = 0; at < value.length; at += 4) view.setInt32(at, mapping.address(view.getInt32(at)));
  } else if (NAMES.has(code)) mapping.names.mapBytes(value);
  else if (code === PARAMETER_LIST)
    for (const [at, parameter] of value.entries()) value[at] = parameter === IPV6_ONLY ? IPV6_ONLY : 0;
  else if (code === CLIENT_ID) changeClientId(draft, value);
  else if (code === FULL_NAME) changeFullName(draft, value);
  else if (code === MACHINE_ID) mapping.identifier(value.subarray(1));
  else return false;
  return true;
}

const HARDWARE_ETHERNET = 1;
const IDENTIFIER_DUID = 255;
/** Type and IAID in front of a DUID (RFC 4361 6.1). */
const DUID_AT = 5;

/** RFC 2132 9.14: 0 type 1 | value; RAS servers write `RAS ` and their MAC address (Q153161), some clients a bare name. */
function changeClientId(draft: Draft, value: Uint8Array): void {
  const { mapping } = draft;
  const text = Buffer.from(value).toString('latin1');
  if (text.startsWith('RAS ')) {
    changeMac(draft, value.subarray(4, 10));
    if (value.length > 10) mapping.identifier(value.subarray(10));
  } else if (value[0] === HARDWARE_ETHERNET && value.length === 7) changeMac(draft, value.subarray(1));
  else if (value[0] === IDENTIFIER_DUID && value.length > DUID_AT + 2) {
    mapping.identifier(value.subarray(1, DUID_AT));
    changeDuid(draft, value.subarray(DUID_AT));
  } else if (isPrintable(text)) mapping.names.mapBytes(value);
  else if (value.length > 1) {
    if (isPrintable(text.slice(1))) mapping.names.mapBytes(value.subarray(1));
    else mapping.identifier(value.subarray(1));
  }
}

function isPrintable(text: string): boolean {
  return /^[\x20-\x7e]+$/.test(text);
}

/** RFC 8415 11: 0 type 2 | 1 link-layer with time: hardware 2, time 4, address; 2 enterprise 4, identifier; 3 link-layer: hardware 2, address; 4 UUID. */
function changeDuid(draft: Draft, duid: Uint8Array): void {
  const type = ((duid[0] as number) << 8) | (duid[1] as number);
  const at = type === 1 ? 8 : type === 2 ? 6 : type === 3 ? 4 : 2;
  const rest = duid.subarray(Math.min(at, duid.length));
  if ((type === 1 || type === 3) && rest.length === 6) changeMac(draft, rest);
  else draft.mapping.identifier(duid.subarray(Math.min(2, duid.length)));
}

/** Six bytes; of fewer, no address can be made. */
function changeMac(draft: Draft, bytes: Uint8Array): void {
  if (bytes.length !== 6) {
    draft.mapping.identifier(bytes);
    return;
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, 6);
  const image = draft.mapping.mac(macNumber(view.getUint16(0), view.getInt32(2)));
  view.setUint16(0, macHigh(image));
  view.setInt32(2, macLow(image));
}

/** RFC 4702 2: 0 flags 1, E 04 | 1 result codes 2 | 3 the name, in ASCII or, with E, in labels with their lengths. */
function changeFullName(draft: Draft, value: Uint8Array): void {
  const { names } = draft.mapping;
  if (value.length < 3) return;
  const name = value.subarray(3);
  if (((value[0] as number) & 4) === 0) {
    names.mapBytes(name);
    return;
  }
  for (let at = 0; at < name.length; ) {
    const length = Math.min(name[at] as number, name.length - at - 1);
    names.mapBytes(name.subarray(at + 1, at + 1 + length));
    at += 1 + length;
  }
}
