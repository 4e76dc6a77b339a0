/** Decoded packets at times, for trackers that take them one by one. */
import { concat, type Script, type TimedFrame, vlanTagged } from '../../samples/craft/index.ts';
import { Domains } from '../../src/trackers/domains.ts';
import type { Domain } from '../../src/trackers/domains.ts';
import { Liveness } from '../../src/trackers/liveness.ts';
import type { Packet } from '../../src/wire/packet.ts';
import { CAPTURE_OPTIONS } from '../../src/engine/shared-options.ts';
import { resolveOptions } from '../../src/engine/options.ts';
import { decoded } from '../wire/decoded.ts';

export const CAPTURE = resolveOptions('capture', CAPTURE_OPTIONS, {});

export function newDomains(): Domains {
  return new Domains(
    () => new Liveness(CAPTURE),
    (index) => ({ name: `if${index}`, isCollective: false }),
  );
}

/** A packet as the engine hands it to trackers. */
export function packetAt(
  domains: Domains,
  frame: Uint8Array,
  time: number,
  interfaceIndex = 0,
  linkType = 1,
): Packet {
  const packet = decoded(frame, { linkType });
  packet.interface = interfaceIndex;
  packet.time = time;
  packet.domain = domains.of(packet).index;
  return packet;
}

export function domainAt(domains: Domains, packet: Packet): Domain {
  return domains.list[packet.domain] as Domain;
}

/** The frames of a script with their times and tags. */
export function packetsOf(domains: Domains, script: Script): Packet[] {
  return script
    .timeline()
    .map((frame: TimedFrame) =>
      packetAt(domains, vlanTagged(frame.bytes, frame.vlans), frame.nanos / 1e9, frame.interface),
    );
}

/** The frame with its IPv4 header checksum made wrong. */
export function withIpChecksum(frame: Uint8Array, value: number): Uint8Array {
  const changed = concat(frame);
  changed[24] = value >>> 8;
  changed[25] = value;
  return changed;
}
