/**
 * Heartbeats of load-balancing clusters (wire/heartbeat.ts): both addresses are mapped, as are the codes of the host and of the port
 * rules; the maps of the rules there are stay, for rules compare them, and the rest becomes zero: the word on teaming holds half of
 * the cluster's address, extended heartbeats hold names, and behind the rules there are stands what was in memory.
 */
import { MAX_PORT_RULES } from '../../wire/heartbeat.ts';
import type { Draft } from './draft.ts';

const SIGNATURE_HEARTBEAT = 0xc0de01bf | 0;
/** Extended heartbeats and the reliable protocol begin with the same five fields. */
const OTHER_SIGNATURES: ReadonlySet<number> = new Set([0xc0de01c0 | 0, 0xc0de01de | 0]);
const CLUSTER_AT = 12;
const OWN_ID_AT = 20;
const RULE_COUNT_AT = 26;
const HOST_CODE_AT = 28;
const PACKETS_AT = 32;
/** Of each rule, ports, protocol and mode combined with the cluster's address by exclusive or: whoever guesses the one has the other. */
const CODES_AT = 44;
const CODE_BYTES = 4;
/** The maps that are compared; idle and ready maps and load weights come behind them. */
const CURRENT_MAP_AT = 176;
const NEW_MAP_AT = 440;
const MAP_BYTES = 8;

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
  if (at + HOST_CODE_AT > draft.end) return;
  const rules = draft.source.getUint16(at + RULE_COUNT_AT, true);
  if (rules > MAX_PORT_RULES) return;
  for (let rule = 0; rule < rules; rule += 1) draft.identifier(at + CODES_AT + CODE_BYTES * rule, CODE_BYTES);
  // What no rule covers has a map as well, the first one where there are no rules.
  const mapBytes = MAP_BYTES * Math.max(1, rules);
  draft.keep(at + CURRENT_MAP_AT, mapBytes);
  draft.keep(at + NEW_MAP_AT, mapBytes);
}
