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

/**
 * Longer than any stack waits before it sends unacknowledged data again for the first time (NT 3 s, RFC 6298 1 s).
 */
const FLOWING_SECONDS = 5;
/** Connections remembered in each direction. */
const MAX_FLOWS = 16;

/** What the station itself sends on a connection, one run without anything sent again. */
interface Upload {
  readonly peer: number;
  /** As the peer sends them. */
  readonly ports: number;
  /** Past the first segment of the run, and past all of it. */
  mark: number;
  end: number;
  /** When the first segment of the run was sent. */
  time: number;
  /** The first segment was acknowledged, to the old MAC address. */
  isAcknowledged: boolean;
  /** It was sent again all the same, or acknowledged to the new MAC address: what follows says nothing. */
  isOver: boolean;
}

export class Uploads {
  readonly #uploads: Upload[] = [];
  #next = 0;

  /** The peer acknowledges what the station has sent. */
  confirm(packet: Packet, ports: number, peer: number): void {
    if (this.#uploads.length === 0) return;
    const acknowledgment = tcpAcknowledgment(packet);
    for (const upload of this.#uploads)
      if (upload.ports === ports && upload.peer === peer && isAtOrAfter(acknowledgment, upload.mark))
        upload.isAcknowledged = true;
  }

  /** What follows on the connection says nothing. */
  end(ports: number, peer: number): void {
    for (const upload of this.#uploads)
      if (upload.ports === ports && upload.peer === peer) upload.isOver = true;
  }

  /** New data of the station, and nothing sent again, for longer than a station that hears no acknowledgments would do. */
  goesOn(packet: Packet, ports: number): boolean {
    if (tcpPayloadLength(packet) === 0) return false;
    const { ipDestination: peer, time } = packet;
    const end = endOf(packet);
    const known = this.#uploads.find((upload) => upload.ports === ports && upload.peer === peer);
    if (known === undefined) {
      const upload = { peer, ports, mark: end, end, time, isAcknowledged: false, isOver: false };
      this.#uploads[this.#next] = upload;
      this.#next = (this.#next + 1) % MAX_FLOWS;
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

/** What a peer sends to the station on a connection, one run without anything sent again. */
interface Download {
  readonly peer: number;
  /** As the peer sends them. */
  readonly ports: number;
  /** Past all of the run. */
  end: number;
  /** When the first segment of the run was sent. */
  time: number;
  /** Some of it went elsewhere: what follows says nothing. */
  isOver: boolean;
}

export class Downloads {
  readonly #downloads: Download[] = [];
  #next = 0;

  /** What follows on the connection says nothing. */
  end(ports: number, peer: number): void {
    for (const download of this.#downloads)
      if (download.ports === ports && download.peer === peer) download.isOver = true;
  }

  /** New data of a peer, and nothing sent again, for longer than a peer that hears no acknowledgments would do. */
  goesOn(packet: Packet, ports: number): boolean {
    if (tcpPayloadLength(packet) === 0) return false;
    const { ipSource: peer, time } = packet;
    const end = endOf(packet);
    const known = this.#downloads.find((download) => download.ports === ports && download.peer === peer);
    if (known === undefined) {
      this.#downloads[this.#next] = { peer, ports, end, time, isOver: false };
      this.#next = (this.#next + 1) % MAX_FLOWS;
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
