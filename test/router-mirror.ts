/** Recording again what a router passes on: a mirror port without tags that shows both of its sides (rules 0.2). */
import { macBytes, type TimedFrame } from '../samples/craft/index.ts';

interface Place {
  readonly mac: string;
  readonly ip: string;
}

const FAR_SIDE = macBytes('00:e0:1e:60:42:ff');
const FAR_STATION = macBytes('00:04:9a:10:00:77');
const ROUTING_NANOS = 100_000;
const TTL_AT = 22;
const ARP_MACS = [22, 32];
const ARP_ADDRESSES = [28, 38];

function hasAt(bytes: Uint8Array, offset: number, part: readonly number[] | Uint8Array): boolean {
  return part.every((byte, at) => bytes[offset + at] === byte);
}

function isUnicastIpv4(bytes: Uint8Array): boolean {
  return bytes[12] === 8 && bytes[13] === 0 && ((bytes[0] as number) & 1) === 0;
}

/** A frame of the router's with the datagram, which has one hop less to go. */
function passedOn(frame: TimedFrame, to: Uint8Array, from: Uint8Array, nanos: number): TimedFrame {
  const bytes = frame.bytes.slice();
  bytes.set(to, 0);
  bytes.set(from, 6);
  bytes[TTL_AT] = (bytes[TTL_AT] as number) - 1;
  return { ...frame, bytes, nanos };
}

/** A frame of the next station on the router's far side with the datagram. */
function before(frame: TimedFrame, nanos: number): TimedFrame {
  const bytes = frame.bytes.slice();
  bytes.set(FAR_SIDE, 0);
  bytes.set(FAR_STATION, 6);
  return { ...frame, bytes, nanos, mark: null };
}

/** What goes to the router is seen once more on its other side, and what comes from it was seen there before. */
export function bothSidesOf(routerMac: string, frames: readonly TimedFrame[]): TimedFrame[] {
  const router = macBytes(routerMac);
  return frames
    .flatMap((frame) => {
      const { bytes, nanos } = frame;
      if (!isUnicastIpv4(bytes)) return [frame];
      if (hasAt(bytes, 0, router))
        return [frame, { ...passedOn(frame, FAR_STATION, FAR_SIDE, nanos + ROUTING_NANOS), mark: null }];
      if (!hasAt(bytes, 6, router)) return [frame];
      return [before(frame, nanos - ROUTING_NANOS), passedOn(frame, bytes.subarray(0, 6), router, nanos)];
    })
    .toSorted((a, b) => a.nanos - b.nanos);
}

/** Stations moved behind a router: their frames have its MAC address, and it speaks ARP in their stead. */
export function behindRouter(
  router: Place,
  stations: readonly Place[],
  frames: readonly TimedFrame[],
): TimedFrame[] {
  const routerMac = macBytes(router.mac);
  const routerAddress = addressBytes(router.ip);
  return frames.map((frame) => {
    const bytes = frame.bytes.slice();
    const isArp = bytes[12] === 8 && bytes[13] === 6;
    for (const { mac, ip } of stations) {
      for (const at of isArp ? [0, 6, ...ARP_MACS] : [0, 6])
        if (hasAt(bytes, at, macBytes(mac))) bytes.set(routerMac, at);
      for (const at of isArp ? ARP_ADDRESSES : [])
        if (hasAt(bytes, at, addressBytes(ip))) bytes.set(routerAddress, at);
    }
    return { ...frame, bytes };
  });
}

function addressBytes(ip: string): number[] {
  return ip.split('.').map(Number);
}
