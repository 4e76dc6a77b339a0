import type { CaptureTime, FrameCitation } from '../engine/result.ts';
import { type ArpFields, formatArp } from '../wire/arp.ts';
import { formatIpv4 } from '../wire/ipv4.ts';
import { formatMac } from '../wire/mac.ts';
import { KIND_ARP, type Packet } from '../wire/packet.ts';

/** What of a packet a citation is made of. */
export type Citable = Pick<
  Packet,
  'number' | 'file' | 'seconds' | 'nanos' | 'precision' | 'fileOffset' | 'capturedLength'
>;

/** The exact time of a packet. */
export function timeOf(packet: Citable): CaptureTime {
  return { seconds: packet.seconds, nanos: packet.nanos, precision: packet.precision };
}

/** Cites a packet. `summary` holds nothing a packet could inject: numbers and addresses only. */
export function cite(packet: Citable, role: string, summary: string): FrameCitation {
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

/** A citation whose words are put together only if somebody reads them: of most that are noted, nobody does. */
abstract class LateCitation implements FrameCitation {
  readonly number: number;
  readonly file: number;
  readonly role: string;
  readonly offsetBytes: number;
  readonly capturedBytes: number;
  readonly #seconds: number;
  readonly #nanos: number;
  readonly #precision: number;

  constructor(packet: Citable, role: string) {
    this.number = packet.number;
    this.file = packet.file;
    this.#seconds = packet.seconds;
    this.#nanos = packet.nanos;
    this.#precision = packet.precision;
    this.role = role;
    this.offsetBytes = packet.fileOffset;
    this.capturedBytes = packet.capturedLength;
  }

  get time(): CaptureTime {
    return { seconds: this.#seconds, nanos: this.#nanos, precision: this.#precision };
  }

  abstract get summary(): string;
}

/** Cites an ARP packet. */
export class ArpCitation extends LateCitation {
  readonly #fields: Readonly<ArpFields>;

  constructor(packet: Citable, arp: Readonly<ArpFields>, role: string) {
    super(packet, role);
    this.#fields = { ...arp };
  }

  get summary(): string {
    return formatArp(this.#fields);
  }
}

/** Cites the use of an address by a station: an IPv4 packet, or an ARP request. */
export class UseCitation extends LateCitation {
  readonly #address: number;
  readonly #mac: number;
  /** 0 for an ARP request. */
  readonly #destination: number;

  constructor(packet: Packet, role: string, address: number, mac: number) {
    super(packet, role);
    this.#address = address;
    this.#mac = mac;
    this.#destination = packet.kind === KIND_ARP ? 0 : packet.ipDestination;
  }

  get summary(): string {
    const from = `from ${formatIpv4(this.#address)}`;
    const what =
      this.#destination === 0 ? `ARP request ${from}` : `IPv4 ${from} to ${formatIpv4(this.#destination)}`;
    return `${what} by ${formatMac(this.#mac)}`;
  }
}

/** The latest ARP packet of some kind, written over by the next one: what may be cited and mostly is not. */
export class ArpNote {
  readonly #fields = { operation: 0, senderMac: 0, senderAddress: 0, targetMac: 0, targetAddress: 0 };
  #number = 0;
  #file = 0;
  #seconds = 0;
  #nanos = 0;
  #precision = 0;
  #offsetBytes = 0;
  #capturedBytes = 0;

  take(packet: Packet, arp: Readonly<ArpFields>): void {
    const fields = this.#fields;
    fields.operation = arp.operation;
    fields.senderMac = arp.senderMac;
    fields.senderAddress = arp.senderAddress;
    fields.targetMac = arp.targetMac;
    fields.targetAddress = arp.targetAddress;
    this.#number = packet.number;
    this.#file = packet.file;
    this.#seconds = packet.seconds;
    this.#nanos = packet.nanos;
    this.#precision = packet.precision;
    this.#offsetBytes = packet.fileOffset;
    this.#capturedBytes = packet.capturedLength;
  }

  cite(role: string): FrameCitation {
    return {
      number: this.#number,
      file: this.#file,
      time: { seconds: this.#seconds, nanos: this.#nanos, precision: this.#precision },
      role,
      summary: formatArp(this.#fields),
      offsetBytes: this.#offsetBytes,
      capturedBytes: this.#capturedBytes,
    };
  }
}
