/**
 * Heartbeats of Network Load Balancing and its forerunners WLBS and Convoy: ethertypes 886F and BF01 (Q232711).
 * There is no published specification; the layout is that of Wireshark's dissector, little-endian unless noted.
 *
 *     0 signature 4 | 4 version 4 | 8 host priority 4 | 12 cluster IP 4 (network order) | 16 host IP 4 (network order)
 *     20 own host id 2 | 22 default host id 2 | 24 convergence state 2 | 26 number of port rules 2
 *     28 unique host code 4 | 32 packets handled 4 | 36 teaming 4 | 40 reserved 4 | 44 rule codes 33 * 4
 *     176 current map 33 * 8 | 440 new map 33 * 8 | 704 … 1496 other maps and weights
 *
 * The number of rules is untrusted; a capture often ends inside the rule codes. Both ids are the priority less one.
 */
import { formatIpv4, isHostAddress } from './ipv4.ts';

const SIGNATURE_HEARTBEAT = 0xc0de01bf | 0;

const PRIORITY_AT = 8;
const CLUSTER_AT = 12;
const HOST_AT = 16;
const OWN_ID_AT = 20;
const DEFAULT_ID_AT = 22;
const STATE_AT = 24;
const RULE_COUNT_AT = 26;
const HOST_CODE_AT = 28;
const PACKETS_AT = 32;
const CODES_AT = 44;
const CURRENT_MAP_AT = 176;
const NEW_MAP_AT = 440;
const MAPS_END = 704;

export const MAX_PORT_RULES = 33;
export const MAX_PRIORITY = 32;
/** Bytes of a whole heartbeat behind the Ethernet header. */
export const HEARTBEAT_BYTES = 1496;

export const HEARTBEAT_OK = 0;
/** The membership fields stand behind the end of what was captured. */
export const HEARTBEAT_CUT = 1;
/** Fields that contradict each other, or a frame that was too short on the wire. */
export const HEARTBEAT_MALFORMED = 2;
/** Another message of this ethertype: extended heartbeats, the reliable protocol. */
export const HEARTBEAT_FOREIGN = 3;

/** Whether the map of any port rule is about to change. */
export const MAPS_UNKNOWN = 0;
export const MAPS_EQUAL = 1;
export const MAPS_DIFFER = 2;

/** One heartbeat's fields; owned by the caller and overwritten by the next decode. */
export class Heartbeat {
  /** Major version in the upper byte of the lower half, minor in the lower. */
  version = 0;
  /** Host priority, 1 to 32. */
  priority = 0;
  /** Primary virtual address, int32; 0 where it was cut. */
  clusterAddress = 0;
  /** Dedicated address of the host, int32; 0 if it has none. */
  hostAddress = 0;
  /** 0-based. */
  ownId = 0;
  /** The host that takes what no rule covers, 0-based. */
  defaultId = 0;
  /** Values are not documented. */
  state = 0;
  ruleCount = 0;
  /** Looks like the time of the configuration; differs per host. Int32. */
  hostCode = 0;
  /** Int32. */
  packetsHandled = 0;
  /** How many rule codes were captured, up to 33. */
  codeCount = 0;
  /** Rule codes, opaque; those captured. */
  readonly codes = new Int32Array(MAX_PORT_RULES);
  /** One of `MAPS_UNKNOWN`, `MAPS_EQUAL`, `MAPS_DIFFER`. */
  maps = MAPS_UNKNOWN;
  /** Hash of the current maps, for equality; 0 where they were cut. */
  mapHash = 0;
  /** True if the frame was shorter on the wire than a whole heartbeat (a small MTU). */
  isShort = false;
}

/** Reads the message at `offset`. `end` is the end of what was captured, `wireEnd` that of the frame. */
export function decodeHeartbeat(
  view: DataView,
  offset: number,
  end: number,
  wireEnd: number,
  out: Heartbeat,
): number {
  const isCut = end < wireEnd;
  out.clusterAddress = 0;
  out.priority = 0;
  if (offset + 4 > end) return isCut ? HEARTBEAT_CUT : HEARTBEAT_MALFORMED;
  if (view.getInt32(offset, true) !== SIGNATURE_HEARTBEAT) return HEARTBEAT_FOREIGN;
  if (offset + HOST_AT <= end) {
    out.priority = view.getInt32(offset + PRIORITY_AT, true);
    out.clusterAddress = view.getInt32(offset + CLUSTER_AT);
    if (out.priority < 1 || out.priority > MAX_PRIORITY) return HEARTBEAT_MALFORMED;
    if (!isHostAddress(out.clusterAddress)) return HEARTBEAT_MALFORMED;
  }
  if (offset + CODES_AT > end) return isCut ? HEARTBEAT_CUT : HEARTBEAT_MALFORMED;
  out.version = view.getUint16(offset + 4, true);
  out.hostAddress = view.getInt32(offset + HOST_AT);
  out.ownId = view.getUint16(offset + OWN_ID_AT, true);
  out.defaultId = view.getUint16(offset + DEFAULT_ID_AT, true);
  out.state = view.getUint16(offset + STATE_AT, true);
  out.ruleCount = view.getUint16(offset + RULE_COUNT_AT, true);
  out.hostCode = view.getInt32(offset + HOST_CODE_AT, true);
  out.packetsHandled = view.getInt32(offset + PACKETS_AT, true);
  if (out.ownId !== out.priority - 1 || out.ruleCount > MAX_PORT_RULES) return HEARTBEAT_MALFORMED;
  out.isShort = wireEnd - offset < HEARTBEAT_BYTES;
  readCodes(view, offset, end, out);
  readMaps(view, offset, end, out);
  return HEARTBEAT_OK;
}

/** The cluster that a heartbeat is about, as far as its bytes say, or 0. */
export function clusterOf(view: DataView, offset: number, end: number): number {
  if (offset + HOST_AT > end || view.getInt32(offset, true) !== SIGNATURE_HEARTBEAT) return 0;
  return view.getInt32(offset + CLUSTER_AT);
}

function readCodes(view: DataView, offset: number, end: number, out: Heartbeat): void {
  const captured = (Math.min(end, offset + CURRENT_MAP_AT) - offset - CODES_AT) >>> 2;
  out.codeCount = captured;
  for (let rule = 0; rule < captured; rule += 1)
    out.codes[rule] = view.getInt32(offset + CODES_AT + 4 * rule, true);
}

/** Compares the maps of the rules there are; what stands in unused places is nobody's. */
function readMaps(view: DataView, offset: number, end: number, out: Heartbeat): void {
  out.maps = MAPS_UNKNOWN;
  out.mapHash = 0;
  if (offset + MAPS_END > end) return;
  out.maps = MAPS_EQUAL;
  let hash = out.ruleCount + 1;
  const words = 2 * Math.max(1, out.ruleCount);
  for (let word = 0; word < words; word += 1) {
    const current = view.getInt32(offset + CURRENT_MAP_AT + 4 * word);
    if (current !== view.getInt32(offset + NEW_MAP_AT + 4 * word)) out.maps = MAPS_DIFFER;
    hash = Math.imul((hash ^ (hash >>> 15)) + current, 0x2c1b3c6d);
  }
  out.mapHash = hash;
}

/** One line for a report. */
export function formatHeartbeat(
  beat: Readonly<Pick<Heartbeat, 'priority' | 'clusterAddress' | 'state' | 'maps'>>,
): string {
  const maps = beat.maps === MAPS_DIFFER ? ', new map differs' : '';
  return `heartbeat of host ${beat.priority} of cluster ${formatIpv4(beat.clusterAddress)}, state ${beat.state}${maps}`;
}
