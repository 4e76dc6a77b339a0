import type { CaptureTime, FrameCitation } from '../engine/result.ts';
import { type ArpFields, formatArp } from '../wire/arp.ts';
import type { Packet } from '../wire/packet.ts';

/** The exact time of the current packet. */
export function timeOf(packet: Packet): CaptureTime {
  return { seconds: packet.seconds, nanos: packet.nanos, precision: packet.precision };
}

/** Cites the current packet. `summary` holds nothing a packet could inject: numbers and addresses only. */
export function cite(packet: Packet, role: string, summary: string): FrameCitation {
  return {
    number: packet.number,
    file: packet.file,
    time: timeOf(packet),
    role,
    summary,
    offsetBytes: packet.fileOffset,
    capturedBytes: packet.capturedLength,
  };
}

/** The same frame in another part of the proof. */
export function citeAs(frame: FrameCitation, role: string): FrameCitation {
  const { number, file, time, summary, offsetBytes, capturedBytes } = frame;
  return { number, file, time, role, summary, offsetBytes, capturedBytes };
}

/** Cites an ARP packet; its words are put together only if somebody reads them, for most never are. */
export class ArpCitation implements FrameCitation {
  readonly number: number;
  readonly file: number;
  readonly time: CaptureTime;
  readonly role: string;
  readonly offsetBytes: number;
  readonly capturedBytes: number;
  readonly #fields: Readonly<ArpFields>;

  constructor(packet: Packet, arp: Readonly<ArpFields>, role: string) {
    this.number = packet.number;
    this.file = packet.file;
    this.time = timeOf(packet);
    this.role = role;
    this.offsetBytes = packet.fileOffset;
    this.capturedBytes = packet.capturedLength;
    this.#fields = { ...arp };
  }

  get summary(): string {
    return formatArp(this.#fields);
  }
}
