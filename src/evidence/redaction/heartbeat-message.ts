/**
 * Heartbeats of load-balancing clusters (wire/heartbeat.ts): both addresses are mapped, as is the code of the host; what rules compare
 * stays, and the rest becomes zero: the word on teaming holds half of the cluster's address, extended heartbeats hold names.
 */
import type { Draft } from './draft.ts';

const SIGNATURE_HEARTBEAT = 0xc0de01bf | 0;
/** Extended heartbeats and the reliable protocol begin with the same five fields. */
const OTHER_SIGNATURES: ReadonlySet<number> = new Set([0xc0de01c0 | 0, 0xc0de01de | 0]);
const CLUSTER_AT = 12;
const OWN_ID_AT = 20;
const HOST_CODE_AT = 28;
const PACKETS_AT = 32;
const CODES_AT = 44;
/** Behind the maps that are compared: idle and ready maps, load weights. */
const MAPS_END = 704;

export function redactHeartbeat(draft: Draft, at: number): void {
  draft.keep(at, 4);
  const signature = at + 4 <= draft.end ? draft.source.getInt32(at, true) : 0;
  if (signature !== SIGNATURE_HEARTBEAT && !OTHER_SIGNATURES.has(signature)) return;
  draft.keepTo(at + 4, at + CLUSTER_AT);
  draft.addresses(at + CLUSTER_AT, at + OWN_ID_AT);
  if (signature !== SIGNATURE_HEARTBEAT) return;
  draft.keepTo(at + OWN_ID_AT, at + HOST_CODE_AT);
  draft.identifier(at + HOST_CODE_AT, 4);
  draft.keep(at + PACKETS_AT, 4);
  draft.keepTo(at + CODES_AT, at + MAPS_END);
}
