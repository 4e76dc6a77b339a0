/** A claim of an address as it is kept: tens of thousands of them, so it is one object, and its frame is cited when somebody asks. */
import type { ArpFields } from '../wire/arp.ts';
import type { Packet } from '../wire/packet.ts';
import { ArpCitation, type Citable } from './citation.ts';
import type { Claim, ClaimKind } from './claimed-address.ts';
import type { Moment } from './moment.ts';

export class ArpClaim implements Claim, Citable {
  time = Number.NaN;
  kind: ClaimKind = 'request';
  mac = Number.NaN;
  address = 0;
  targetMac = Number.NaN;
  targetAddress = 0;
  request = 0;
  number = 0;
  file = 0;
  seconds = 0;
  nanos = 0;
  precision = 0;
  fileOffset = 0;
  capturedLength = 0;
  #operation = 0;

  /** `request`: number of the request that it answers, or 0. */
  constructor(packet: Packet, arp: Readonly<ArpFields>, kind: ClaimKind, request: number) {
    this.take(packet, arp, kind, request);
  }

  /** Becomes the claim of this packet: of an address that one station claims again and again, the latest is kept. */
  take(packet: Citable & Moment, arp: Readonly<ArpFields>, kind: ClaimKind, request: number): void {
    this.time = packet.time;
    this.kind = kind;
    this.mac = arp.senderMac;
    this.address = arp.senderAddress;
    this.targetMac = arp.targetMac;
    this.targetAddress = arp.targetAddress;
    this.request = request;
    this.number = packet.number;
    this.file = packet.file;
    this.seconds = packet.seconds;
    this.nanos = packet.nanos;
    this.precision = packet.precision;
    this.fileOffset = packet.fileOffset;
    this.capturedLength = packet.capturedLength;
    this.#operation = arp.operation;
  }

  get frame(): ArpCitation {
    const { mac: senderMac, address: senderAddress, targetMac, targetAddress } = this;
    const fields = { operation: this.#operation, senderMac, senderAddress, targetMac, targetAddress };
    return new ArpCitation(this, fields, this.kind);
  }
}
