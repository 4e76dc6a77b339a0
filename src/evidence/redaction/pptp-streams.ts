/**
 * PPTP control connections (RFC 2637 2): numbers of calls and results stay, names of hosts and vendors, telephone numbers and statistics
 * become zero. A message may be spread over segments; what a segment goes on with is known from the one before it.
 */
import { PPTP_MAX_BYTES, PPTP_MIN_BYTES } from '../../wire/pptp.ts';
import type { Draft } from './draft.ts';

const MAX_FLOWS = 4096;
const HEADER_BYTES = 12;
/** Message type, magic; the length before them is looked at apart. */
const CONSTANTS = Uint8Array.of(0, 1, 0x1a, 0x2b, 0x3c, 0x4d);
const CONSTANTS_AT = 2;
const TYPE_AT = 8;

/** Bytes from the start that hold numbers, by control type; behind them come texts. */
const KEPT_BYTES: Readonly<Record<number, number>> = {
  1: 28,
  2: 28,
  3: 16,
  4: 16,
  5: 16,
  6: 20,
  7: 40,
  8: 32,
  9: 28,
  10: 24,
  11: 28,
  12: 16,
  13: 20,
  14: 40,
  15: 24,
};

/** One direction of a connection. */
interface Flow {
  /** Sequence number that the next segment begins with. */
  next: number;
  /** The header of the message that goes on there, as far as it came. */
  readonly header: Uint8Array;
  /** How much of that message came; 0 between two. */
  taken: number;
}

export class PptpStreams {
  readonly #flows = new Map<string, Flow>();

  /**
   * The captured payload [payload, end) of a segment whose IP header is at `at`; `length` bytes were sent. Bytes that belong to no
   * message that is known become zero.
   */
  redact(draft: Draft, at: number, transport: number, payload: number, end: number, length: number): void {
    if (length <= 0) return;
    const { source } = draft;
    const key = `${source.getInt32(at + 12)} ${source.getInt32(at + 16)} ${source.getInt32(transport)}`;
    const sequence = source.getInt32(transport + 4);
    const known = this.#flows.get(key);
    const flow =
      known?.next === sequence ? known : { next: 0, header: new Uint8Array(HEADER_BYTES), taken: 0 };
    let from = payload;
    while (from < end) {
      const used = redactPart(draft, flow, from, end);
      if (used === 0) break;
      from += used;
    }
    // A segment that was cut, or is no PPTP, tells nothing of the next one.
    if (from < payload + length) flow.taken = 0;
    flow.next = (sequence + length) | 0;
    if (known === undefined && this.#flows.size >= MAX_FLOWS) this.#flows.clear();
    this.#flows.set(key, flow);
  }
}

/** Goes on with the message of the flow, and answers how many bytes belonged to it; 0 if it is none. */
function redactPart(draft: Draft, flow: Flow, from: number, end: number): number {
  const { source } = draft;
  const start = flow.taken;
  let at = from;
  for (; flow.taken < HEADER_BYTES && at < end; at += 1, flow.taken += 1)
    flow.header[flow.taken] = source.getUint8(at);
  if (!isHeader(flow.header, flow.taken)) {
    flow.taken = 0;
    return 0;
  }
  if (flow.taken < HEADER_BYTES) {
    draft.keepTo(from, end);
    return end - from;
  }
  const length = ((flow.header[0] as number) << 8) | (flow.header[1] as number);
  const type = ((flow.header[TYPE_AT] as number) << 8) | (flow.header[TYPE_AT + 1] as number);
  const kept = Math.min(KEPT_BYTES[type] ?? HEADER_BYTES, length);
  const used = Math.min(length - start, end - from);
  draft.keepTo(from, from + Math.min(used, Math.max(0, kept - start)));
  flow.taken = start + used === length ? 0 : start + used;
  return used;
}

/** Whether the first `count` bytes can begin a message. */
function isHeader(header: Uint8Array, count: number): boolean {
  if (count >= CONSTANTS_AT) {
    const length = ((header[0] as number) << 8) | (header[1] as number);
    if (length < PPTP_MIN_BYTES || length > PPTP_MAX_BYTES) return false;
  }
  return CONSTANTS.every((byte, at) => CONSTANTS_AT + at >= count || header[CONSTANTS_AT + at] === byte);
}
