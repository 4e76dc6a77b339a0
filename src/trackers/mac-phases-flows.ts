/**
 * Data that goes on: a host which sends new data for longer than it would wait before it sends unacknowledged data again has heard
 * the acknowledgments, whether the capture has them or not.
 */
import type { Packet } from '../wire/packet.ts';
import {
  FIN,
  SYN,
  sequenceForward,
  tcpAcknowledgment,
  tcpFlags,
  tcpPayloadLength,
  tcpSequence,
} from '../wire/tcp.ts';

/** Longer than any stack waits before it sends unacknowledged data again for the first time (NT 3 s, RFC 6298 1 s). */
const FLOWING_SECONDS = 5;
/** Connections remembered in each direction. */
const MAX_FLOWS = 16;

/** What one side sends on a connection, one run without anything sent again. */
interface Flow {
  readonly peer: number;
  /** As the peer sends them. */
  readonly ports: number;
  /** Past all of the run. */
  end: number;
  /** When the first segment of the run was sent. */
  time: number;
  /** Some of it went another way: what follows says nothing. */
  isOver: boolean;
}

/** The connections of one direction, the latest ones. */
abstract class Flows<Kind extends Flow> {
  readonly #flows: Kind[] = [];
  #next = 0;

  /** What follows on the connection says nothing. */
  end(ports: number, peer: number): void {
    const known = this.find(ports, peer);
    if (known !== undefined) known.isOver = true;
  }

  protected find(ports: number, peer: number): Kind | undefined {
    return this.#flows.find((flow) => flow.ports === ports && flow.peer === peer);
  }

  protected add(flow: Kind): void {
    this.#flows[this.#next] = flow;
    this.#next = (this.#next + 1) % MAX_FLOWS;
  }
}

interface Upload extends Flow {
  /** Past the first segment of the run. */
  mark: number;
  /** The first segment was acknowledged, to the old MAC address. */
  isAcknowledged: boolean;
}

/** What the station sends. It is over, too, if it was sent again although it was acknowledged. */
export class Uploads extends Flows<Upload> {
  /** The peer acknowledges what the station has sent. */
  confirm(packet: Packet, ports: number, peer: number): void {
    const upload = this.find(ports, peer);
    if (upload !== undefined && isAtOrAfter(tcpAcknowledgment(packet), upload.mark))
      upload.isAcknowledged = true;
  }

  /** New data of the station, and nothing sent again, for longer than a station that hears no acknowledgments would do. */
  goesOn(packet: Packet, ports: number): boolean {
    if (tcpPayloadLength(packet) === 0) return false;
    const { ipDestination: peer, time } = packet;
    const end = endOf(packet);
    const known = this.find(ports, peer);
    if (known === undefined) {
      this.add({ peer, ports, mark: end, end, time, isAcknowledged: false, isOver: false });
      return false;
    }
    if (known.isOver) return false;
    if (isAtOrAfter(tcpSequence(packet), known.end)) {
      known.end = end;
      return known.isAcknowledged && time - known.time > FLOWING_SECONDS;
    }
    known.isOver = known.isAcknowledged;
    known.mark = end;
    if (isAtOrAfter(end, known.end)) known.end = end;
    known.time = time;
    return false;
  }
}

/** What peers send to the station. */
export class Downloads extends Flows<Flow> {
  /** New data of a peer, and nothing sent again, for longer than a peer that hears no acknowledgments would do. */
  goesOn(packet: Packet, ports: number): boolean {
    if (tcpPayloadLength(packet) === 0) return false;
    const { ipSource: peer, time } = packet;
    const end = endOf(packet);
    const known = this.find(ports, peer);
    if (known === undefined) {
      this.add({ peer, ports, end, time, isOver: false });
      return false;
    }
    if (!isAtOrAfter(tcpSequence(packet), known.end)) known.time = time;
    if (isAtOrAfter(end, known.end)) known.end = end;
    return !known.isOver && time - known.time > FLOWING_SECONDS;
  }
}

/** Sequence number past the last byte of a segment; SYN and FIN take one each. */
export function endOf(packet: Packet): number {
  const flags = tcpFlags(packet);
  const controls = ((flags & SYN) !== 0 ? 1 : 0) + ((flags & FIN) !== 0 ? 1 : 0);
  return (tcpSequence(packet) + tcpPayloadLength(packet) + controls) | 0;
}

export function isAtOrAfter(sequence: number, end: number): boolean {
  return sequenceForward(end, sequence) < 0x8000_0000;
}
