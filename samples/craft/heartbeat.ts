/**
 * Heartbeats of Windows NT Load Balancing Service and its successors (NLB): what the members of a cluster broadcast
 * about once a second. Little-endian, but for the two addresses. 1496 bytes in full, 1510 with the Ethernet header.
 *
 *     heartbeat({ priority: 1, clusterIp: '10.0.0.80', hostIp: '10.0.0.81', ruleCodes: [portRule(80)] })
 *     extendedHeartbeat({ priority: 1, clusterIp: '10.0.0.80', hostIp: '10.0.0.81', hostName: 'WEB1' })
 */
import { concat, ipv4Bytes } from './bytes.ts';
import type { Ipv4 } from './bytes.ts';

/** 886F, and BF01 of Convoy and clusters that fall back to it (Q232711). */
export const HEARTBEAT_ETHERTYPE = { nlb: 0x886f, convoy: 0xbf01 } as const;

export const HEARTBEAT_SIGNATURE = {
  membership: 0xc0de01bf,
  extended: 0xc0de01c0,
  reliable: 0xc0de01de,
} as const;

/** All 33 rules and their maps. */
export const HEARTBEAT_BYTES = 1496;

/** 60 buckets of a rule, all of them one host's. */
export const ALL_BUCKETS = 0x0fff_ffff_ffff_ffffn;
/** Half of the buckets each. */
export const EVEN_BUCKETS = 0x0555_5555_5555_5555n;
export const ODD_BUCKETS = 0x0aaa_aaaa_aaaa_aaaan;

/** 16 bits major and minor as seen in public captures: 2.6. */
const VERSION = 0x0206;

export interface HeartbeatFields {
  /** 1 to 32, the unique host id. */
  readonly priority: number;
  readonly clusterIp: Ipv4;
  /** Dedicated address; 0.0.0.0 for none. */
  readonly hostIp: Ipv4;
  /** Counted from 0, as the host's own id is. */
  readonly defaultHostId?: number;
  /** The meaning of the values is not public. */
  readonly state?: number;
  /** Differs per host: looks like the Unix time of its configuration. */
  readonly hostCode?: number;
  readonly packetsHandled?: number;
  /** Of `portRule`, at most 33. */
  readonly ruleCodes?: readonly number[];
  /** Where it is to differ from the number of codes. */
  readonly ruleCount?: number;
  /** Buckets of every rule, 60 bits. */
  readonly currentMap?: bigint;
  /** `currentMap` where absent. */
  readonly newMap?: bigint;
  readonly loadWeight?: number;
  /** `HEARTBEAT_SIGNATURE.membership` where absent. */
  readonly signature?: number;
  /** Bytes of payload, where fewer than all. */
  readonly length?: number;
}

/** A rule for one port, up to 4095, as codes of public captures show it: 61050050 for port 80. */
export function portRule(port: number): number {
  return (0x61000000 | (port << 12) | port) >>> 0;
}

/** The code behind the last rule in public captures. */
export const LAST_RULE = 0x6ffff400;

function header(fields: HeartbeatFields, signature: number, length: number): DataView {
  const view = new DataView(new ArrayBuffer(length));
  view.setUint32(0, signature, true);
  view.setUint32(4, VERSION, true);
  view.setUint32(8, fields.priority, true);
  const bytes = new Uint8Array(view.buffer);
  bytes.set(ipv4Bytes(fields.clusterIp), 12);
  bytes.set(ipv4Bytes(fields.hostIp), 16);
  return view;
}

/** The payload of a membership heartbeat. */
export function heartbeat(fields: HeartbeatFields): Uint8Array {
  const { ruleCodes = [], currentMap = ALL_BUCKETS, newMap = currentMap, loadWeight = 50 } = fields;
  const view = header(fields, fields.signature ?? HEARTBEAT_SIGNATURE.membership, HEARTBEAT_BYTES);
  view.setUint16(20, fields.priority - 1, true);
  view.setUint16(22, fields.defaultHostId ?? 0, true);
  view.setUint16(24, fields.state ?? 1, true);
  view.setUint16(26, fields.ruleCount ?? ruleCodes.length, true);
  view.setUint32(28, fields.hostCode ?? 0x3b000000 + fields.priority, true);
  view.setUint32(32, fields.packetsHandled ?? 0, true);
  for (const [rule, code] of ruleCodes.entries()) {
    view.setUint32(44 + 4 * rule, code, true);
    view.setBigUint64(176 + 8 * rule, currentMap, true);
    view.setBigUint64(440 + 8 * rule, newMap, true);
    view.setBigUint64(968 + 8 * rule, currentMap, true);
    view.setUint32(1232 + 4 * rule, loadWeight, true);
  }
  return new Uint8Array(view.buffer).subarray(0, fields.length ?? HEARTBEAT_BYTES);
}

export interface ExtendedHeartbeatFields extends Pick<HeartbeatFields, 'priority' | 'clusterIp' | 'hostIp'> {
  readonly hostName: string;
}

/**
 * The extended heartbeat of later Windows: after the common 20 bytes one block with the host's name. Type, length of the
 * whole block in units of 8 bytes, 6 reserved bytes, the name in UTF-16 with a zero.
 */
export function extendedHeartbeat(fields: ExtendedHeartbeatFields): Uint8Array {
  const blockBytes = Math.ceil((8 + 2 * (fields.hostName.length + 1)) / 8) * 8;
  const common = header(fields, HEARTBEAT_SIGNATURE.extended, 20);
  const block = new DataView(new ArrayBuffer(blockBytes));
  block.setUint8(0, 1);
  block.setUint8(1, blockBytes / 8);
  for (let at = 0; at < fields.hostName.length; at += 1) {
    block.setUint16(8 + 2 * at, fields.hostName.charCodeAt(at), true);
  }
  return concat(new Uint8Array(common.buffer), new Uint8Array(block.buffer));
}
