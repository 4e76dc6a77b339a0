/** How a connection closes, in the words of its table entry: both FINs, who was first, and their acknowledgments. */
import type { Packet } from '../wire/packet.ts';
import {
  ACK,
  sequenceForward,
  tcpAcknowledgment,
  tcpFlags,
  tcpPayloadLength,
  tcpSequence,
} from '../wire/tcp.ts';
import type { TcpOptions } from '../wire/tcp-options.ts';
import {
  ACKED_OF,
  CLOSED_BY_1,
  CLOSED_BY_BOTH,
  type ConnectionTable,
  FIN_END,
  FIN_FRAME,
  FIN_OF,
  FOLLOWED,
  LAST_ACK_FRAME,
  sideOf,
  STATE,
  TIMESTAMP,
  TIMESTAMP_OF,
} from './connection-table.ts';
import { FRAME_WORDS } from './frame-words.ts';
import type { TupleFilter } from './tuple-filter.ts';

/** Takes in a FIN. With the second one, the segments of the connection are followed until both are acknowledged. */
export function noteFin(
  table: ConnectionTable,
  at: number,
  packet: Packet,
  options: TcpOptions,
  filter: TupleFilter,
): void {
  const { words } = table;
  const side = sideOf(packet);
  const other = 1 - side;
  let state = words[at + STATE] as number;
  const end = (tcpSequence(packet) + tcpPayloadLength(packet) + 1) | 0;
  const isNew = (state & (FIN_OF << side)) === 0;
  if (isNew || words[at + FIN_END + side] !== end) {
    words[at + FIN_END + side] = end;
    table.noteFrame(at + FIN_FRAME + side * FRAME_WORDS, packet);
    state &= ~(ACKED_OF << side);
  }
  if (options.hasTimestamp) {
    words[at + TIMESTAMP + side] = options.timestamp;
    state |= TIMESTAMP_OF << side;
  }
  const isSecond = (state & (FIN_OF << other)) !== 0;
  if (isNew) {
    state |= FIN_OF << side;
    if (!isSecond) {
      if (side === 1) state |= CLOSED_BY_1;
    } else {
      if (!covers(packet, words[at + FIN_END + other] as number)) state |= CLOSED_BY_BOTH;
      state |= FOLLOWED;
      filter.add(table.portsOf(at));
    }
  }
  words[at + STATE] = state;
  table.touch(at, packet);
  if (isSecond) noteAcknowledgment(table, at, packet, filter);
}

/** Takes in the acknowledgment of a FIN; with that of the last one the connection is closed. */
export function noteAcknowledgment(
  table: ConnectionTable,
  at: number,
  packet: Packet,
  filter: TupleFilter,
): void {
  const { words } = table;
  const other = 1 - sideOf(packet);
  let state = words[at + STATE] as number;
  if ((state & (ACKED_OF << other)) !== 0 || (tcpFlags(packet) & ACK) === 0) return;
  if (!covers(packet, words[at + FIN_END + other] as number)) return;
  state |= ACKED_OF << other;
  table.noteFrame(at + LAST_ACK_FRAME, packet);
  table.touch(at, packet);
  const both = ACKED_OF | (ACKED_OF << 1);
  if ((state & both) === both && (state & FOLLOWED) !== 0) {
    state &= ~FOLLOWED;
    filter.remove(table.portsOf(at));
  }
  words[at + STATE] = state;
}

function covers(packet: Packet, end: number): boolean {
  return sequenceForward(end, tcpAcknowledgment(packet)) < 0x8000_0000;
}
