/** What is known of an attempt on a reused tuple when it begins: its SYN, and the old connection, from the packed tables. */
import type { FrameCitation } from '../engine/result.ts';
import type { Packet } from '../wire/packet.ts';
import { tcpPayloadLength, tcpPorts, tcpSequence } from '../wire/tcp.ts';
import type { TcpOptions } from '../wire/tcp-options.ts';
import { cite } from './citation.ts';
import * as entry from './connection-table.ts';
import { sideOf } from './connection-table.ts';
import type { Domain } from './domains.ts';
import { FRAME_WORDS, secondsSince, unpackFrame } from './frame-words.ts';
import * as pending from './pending-syns.ts';
import { stackOf } from './pending-syns.ts';
import { type FirstSyn, type OldConnection, synSummary } from './tuple-reuse.ts';

/** The current packet as the first SYN of an attempt. */
export function firstSynOf(packet: Packet, scope: number, domain: Domain, options: TcpOptions): FirstSyn {
  const { ipSource: opener, ipDestination: responder, time } = packet;
  const ports = tcpPorts(packet);
  const isn = tcpSequence(packet);
  return {
    domain,
    scope,
    opener,
    responder,
    ports,
    isn,
    ttl: packet.ttl,
    isPlain: options.isPlain && options.isKnown,
    stack: stackOf(packet, options),
    macLow: packet.sourceLow,
    macHigh: packet.sourceHigh,
    time,
    payload: tcpPayloadLength(packet),
    frame: cite(packet, 'reused tuple', synSummary(opener, responder, ports, isn)),
  };
}

/** The SYN that waits for its answer; the current packet is of the same opener. */
export function pendingSynOf(
  packet: Packet,
  scope: number,
  domain: Domain,
  words: Int32Array,
  at: number,
): FirstSyn {
  const frame = at + pending.PENDING_FRAME;
  const meta = words[at + pending.PENDING_META] as number;
  const { ipSource: opener, ipDestination: responder } = packet;
  const ports = words[at + pending.PENDING_PORTS] as number;
  const isn = words[at + pending.PENDING_ISN] as number;
  return {
    domain,
    scope,
    opener,
    responder,
    ports,
    isn,
    ttl: meta & 0xff,
    isPlain: (meta & pending.META_PLAIN) !== 0,
    stack: words[at + pending.PENDING_STACK] as number,
    macLow: words[at + pending.PENDING_MAC_LOW] as number,
    macHigh: words[at + pending.PENDING_MAC_HIGH] as number,
    time: packet.time - secondsSince(packet, words, frame),
    payload: (words[at + pending.PENDING_COUNT] as number) >>> 8,
    frame: unpackFrame(words, frame, 'reused tuple', synSummary(opener, responder, ports, isn)),
  };
}

/** The earlier connection of the tuple, as the table has it; the packet is the new SYN. */
export function oldConnectionOf(
  words: Int32Array,
  at: number,
  packet: Packet,
  stack: number,
  close: 'whole' | 'half',
  sinceClose: number,
): OldConnection {
  const state = words[at + entry.STATE] as number;
  const side = sideOf(packet);
  const isOpenKnown = (state & entry.OPEN_SEEN) !== 0 && ((state & entry.OPENED_BY_1) !== 0) === (side === 1);
  const frames: FrameCitation[] = [];
  for (const finSide of [0, 1]) {
    if ((state & (entry.FIN_OF << finSide)) === 0) continue;
    const who = finSide === side ? 'opener' : 'responder';
    frames.push(
      unpackFrame(words, at + entry.FIN_FRAME + finSide * FRAME_WORDS, 'old fin', `FIN of the ${who}`),
    );
  }
  if (close === 'whole')
    frames.push(unpackFrame(words, at + entry.LAST_ACK_FRAME, 'old close', 'last ACK of the old connection'));
  const isSameMac =
    words[at + entry.OPENER_MAC_LOW] === packet.sourceLow &&
    words[at + entry.OPENER_MAC_HIGH] === packet.sourceHigh;
  return {
    close,
    expected: words[at + entry.FIN_END + side] as number,
    closeTime: packet.time - sinceClose,
    isSameStack: isOpenKnown ? words[at + entry.OPENER_STACK] === stack : null,
    isSameMac: isOpenKnown ? isSameMac : null,
    frames,
  };
}

/** RFC 6191: the new SYN has a timestamp that is newer than the old connection's, or that the old one had none. */
export function isNewerByTimestamp(
  words: Int32Array,
  at: number,
  side: number,
  options: TcpOptions,
): boolean {
  if (!options.hasTimestamp) return false;
  if (((words[at + entry.STATE] as number) & (entry.TIMESTAMP_OF << side)) === 0) return true;
  return ((options.timestamp - (words[at + entry.TIMESTAMP + side] as number)) | 0) > 0;
}
