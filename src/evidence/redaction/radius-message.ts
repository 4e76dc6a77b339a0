/**
 * RADIUS (RFC 2865, RFC 2866, RFC 2869): names and numbers of stations are mapped, addresses too, secrets and what is opaque become
 * zero. The authenticators are mapped: they tell one request from another, and prove nothing any more.
 */
import type { Draft } from './draft.ts';

const HEADER_BYTES = 20;

/** User-Name, Callback-Number, Called- and Calling-Station-Id, NAS-Identifier, Acct-Session-Id, Acct-Multi-Session-Id, NAS-Port-Id, Framed-Pool. */
const NAMES: ReadonlySet<number> = new Set([1, 19, 30, 31, 32, 44, 50, 87, 88]);
/** NAS-IP-Address, Framed-IP-Address, Login-IP-Host. */
const ADDRESSES: ReadonlySet<number> = new Set([4, 8, 14]);
/** Numbers: ports, services, protocols, masks, limits, counters, causes, times. */
const NUMBERS: ReadonlySet<number> = new Set([
  ...[5, 6, 7, 9, 10, 12, 13, 15, 16, 27, 28, 29, 37, 40, 41, 42, 43, 45, 46, 47, 48, 49, 51, 52, 53, 55],
  ...[61, 62, 64, 65, 72, 76, 85, 86],
]);

/** The message in [at, end), of which everything is captured that is asked for here. */
export function redactRadius(draft: Draft, at: number, end: number): void {
  const { source } = draft;
  draft.keepTo(at, Math.min(at + 4, end));
  if (at + HEADER_BYTES > end) return;
  draft.identifier(at + 4, 16);
  const messageEnd = Math.min(end, at + source.getUint16(at + 2));
  for (let from = at + HEADER_BYTES; from + 2 <= messageEnd; ) {
    const type = source.getUint8(from);
    const length = source.getUint8(from + 1);
    draft.keep(from, 2);
    if (length < 2 || from + length > messageEnd) return;
    const value = from + 2;
    if (NAMES.has(type)) draft.name(value, length - 2);
    else if (ADDRESSES.has(type) && length === 6) draft.address(value);
    else if (NUMBERS.has(type) && length === 6) draft.keep(value, 4);
    from += length;
  }
}
