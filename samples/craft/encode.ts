/**
 * A script as the bytes of a capture file.
 *
 *     encode(script)                                   pcap, little-endian, µs, Ethernet
 *     encode(script, ENCODINGS.pcapBigNano)            and the others in `ENCODINGS`
 *     encode(script, { container: 'pcapng', byteOrder: 'big', sections: 2, decimals: 9 })
 *
 * Times are cut, not rounded, to the file's precision.
 */
import { ascii, concat, joined, padTo, u16, u32, u8 } from './bytes.ts';
import { vlanTagged } from './frames.ts';
import { BASE_SECONDS } from './script.ts';
import type { InterfaceLinkType, Script, TimedFrame } from './script.ts';

export type LinkType = 'ethernet' | 'sll' | 'sll2';

export interface Encoding {
  readonly container: 'pcap' | 'modified-pcap' | 'pcapng';
  readonly byteOrder?: 'little' | 'big';
  /** Decimals of the time stamps: 6 or 9 in pcap, 0 to 9 in pcapng (if_tsresol is left out for 6). */
  readonly decimals?: number;
  readonly linkType?: LinkType;
  /** Tags put around every frame, outermost first. */
  readonly vlans?: readonly number[];
  readonly snapLength?: number;
  /** pcapng only. The second section has the other byte order and describes the same interfaces. */
  readonly sections?: 1 | 2;
  /** pcapng only: names for interfaces that have none. */
  readonly named?: boolean;
  /** Cooked captures: the host that captured; its frames are "sent by us". */
  readonly localMacs?: readonly string[];
}

export const ENCODINGS = {
  pcap: { container: 'pcap' },
  pcapNano: { container: 'pcap', decimals: 9 },
  pcapBig: { container: 'pcap', byteOrder: 'big' },
  pcapBigNano: { container: 'pcap', byteOrder: 'big', decimals: 9 },
  modified: { container: 'modified-pcap' },
  modifiedBig: { container: 'modified-pcap', byteOrder: 'big' },
  pcapng: { container: 'pcapng' },
  pcapngBigNano: { container: 'pcapng', byteOrder: 'big', decimals: 9, named: true },
  pcapngTwoSections: { container: 'pcapng', sections: 2, named: true },
  vlan: { container: 'pcap', vlans: [20] },
  qinq: { container: 'pcap', vlans: [100, 20] },
  qinqBig: { container: 'pcap', byteOrder: 'big', vlans: [100, 20] },
  sll: { container: 'pcap', linkType: 'sll' },
  sll2: { container: 'pcap', linkType: 'sll2' },
} as const satisfies Record<string, Encoding>;

const LINK_TYPE_NUMBER: Readonly<Record<LinkType | InterfaceLinkType, number>> = {
  ethernet: 1,
  ppp: 9,
  sll: 113,
  pppWithDirection: 204,
  sll2: 276,
};
const DEFAULT_SNAP_LENGTH = 262_144;

interface Stamp {
  readonly seconds: number;
  readonly nanos: number;
}

function stamp(frame: TimedFrame): Stamp {
  const seconds = Math.floor(frame.nanos / 1e9);
  return { seconds: BASE_SECONDS + seconds, nanos: frame.nanos - seconds * 1e9 };
}

/** Integers of one byte order. */
class Order {
  readonly #swaps: boolean;

  constructor(byteOrder: 'little' | 'big') {
    this.#swaps = byteOrder === 'little';
  }

  u16(value: number): Uint8Array {
    return this.#swaps ? u16(value).reverse() : u16(value);
  }

  u32(value: number): Uint8Array {
    return this.#swaps ? u32(value).reverse() : u32(value);
  }

  u64(value: bigint): Uint8Array {
    const high = u32(Number(value >> 32n));
    const low = u32(Number(value & 0xffffffffn));
    const bytes = concat(high, low);
    return this.#swaps ? bytes.reverse() : bytes;
  }
}

export function encode(script: Script, encoding: Encoding = ENCODINGS.pcap): Uint8Array {
  return encoding.container === 'pcapng' ? encodePcapng(script, encoding) : encodePcap(script, encoding);
}

/**
 * The packet as it stands in the file before the snap length: tags put in, link header exchanged. Frames of an interface
 * with a link type of its own stay as they are.
 */
export function linkBytes(frame: TimedFrame, encoding: Encoding): Uint8Array {
  if (frame.linkType !== undefined) return frame.bytes;
  const tagged = vlanTagged(frame.bytes, [...(encoding.vlans ?? []), ...frame.vlans]);
  if (encoding.linkType === 'sll') return cooked(tagged, encoding);
  if (encoding.linkType === 'sll2') return cooked2(tagged, frame.interface, encoding);
  return tagged;
}

function hexMac(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(':');
}

/** 0 to us, 1 broadcast, 2 multicast, 3 between others, 4 sent by us. */
function packetType(frame: Uint8Array, encoding: Encoding): number {
  const localMacs = encoding.localMacs ?? [];
  if (localMacs.includes(hexMac(frame.subarray(6, 12)))) return 4;
  const destination = hexMac(frame.subarray(0, 6));
  if (destination === 'ff:ff:ff:ff:ff:ff') return 1;
  if (((frame[0] ?? 0) & 1) === 1) return 2;
  return localMacs.length === 0 || localMacs.includes(destination) ? 0 : 3;
}

/** Ethernet type, or 0x0004 for a frame with a length field and LLC behind it. */
function cookedProtocol(frame: Uint8Array): number {
  const type = ((frame[12] ?? 0) << 8) | (frame[13] ?? 0);
  return type < 0x0600 ? 0x0004 : type;
}

function cooked(frame: Uint8Array, encoding: Encoding): Uint8Array {
  return concat(
    u16(packetType(frame, encoding)),
    u16(1),
    u16(6),
    padTo(frame.subarray(6, 12), 8),
    u16(cookedProtocol(frame)),
    frame.subarray(14),
  );
}

function cooked2(frame: Uint8Array, index: number, encoding: Encoding): Uint8Array {
  return concat(
    u16(cookedProtocol(frame)),
    u16(0),
    u32(index + 1),
    u16(1),
    u8(packetType(frame, encoding)),
    u8(6),
    padTo(frame.subarray(6, 12), 8),
    frame.subarray(14),
  );
}

/** The file header of a pcap. `linkType` is that of frames which are written as they are. */
export function pcapHeader(encoding: Encoding, linkType?: InterfaceLinkType): Uint8Array {
  const order = new Order(encoding.byteOrder ?? 'little');
  const standard = encoding.decimals === 9 ? 0xa1b23c4d : 0xa1b2c3d4;
  return concat(
    order.u32(encoding.container === 'modified-pcap' ? 0xa1b2cd34 : standard),
    order.u16(2),
    order.u16(4),
    order.u32(0),
    order.u32(0),
    order.u32(encoding.snapLength ?? DEFAULT_SNAP_LENGTH),
    order.u32(LINK_TYPE_NUMBER[linkType ?? encoding.linkType ?? 'ethernet']),
  );
}

/** One record of a pcap, header and packet. */
export function pcapRecord(frame: TimedFrame, encoding: Encoding): Uint8Array {
  const order = new Order(encoding.byteOrder ?? 'little');
  const bytes = linkBytes(frame, encoding);
  const captured = bytes.subarray(0, encoding.snapLength ?? DEFAULT_SNAP_LENGTH);
  const time = stamp(frame);
  const header = concat(
    order.u32(time.seconds),
    order.u32(encoding.decimals === 9 ? time.nanos : Math.floor(time.nanos / 1000)),
    order.u32(captured.length),
    order.u32(bytes.length),
  );
  if (encoding.container !== 'modified-pcap') return concat(header, captured);
  // Kuznetzov's patch: interface index, protocol, packet type, one byte of padding.
  return concat(
    header,
    order.u32(frame.interface + 1),
    order.u16(cookedProtocol(frame.bytes)),
    u16(0),
    captured,
  );
}

function encodePcap(script: Script, encoding: Encoding): Uint8Array {
  const header = pcapHeader(encoding, script.interfaces[0]?.linkType);
  return joined([header, ...script.timeline().map((frame) => pcapRecord(frame, encoding))]);
}

const BLOCK = { section: 0x0a0d0d0a, interface: 1, statistics: 5, enhancedPacket: 6 } as const;

function block(order: Order, type: number, body: Uint8Array): Uint8Array {
  const padded = padTo(body, Math.ceil(body.length / 4) * 4);
  const length = order.u32(padded.length + 12);
  return concat(order.u32(type), length, padded, length);
}

function option(order: Order, code: number, value: Uint8Array): Uint8Array {
  return concat(order.u16(code), order.u16(value.length), padTo(value, Math.ceil(value.length / 4) * 4));
}

function options(order: Order, list: readonly Uint8Array[]): Uint8Array {
  return list.length === 0 ? new Uint8Array(0) : concat(...list, order.u32(0));
}

function encodePcapng(script: Script, encoding: Encoding): Uint8Array {
  const timeline = script.timeline();
  const byteOrder = encoding.byteOrder ?? 'little';
  if (encoding.sections !== 2) return section(script, encoding, byteOrder, timeline);
  const middle = Math.floor(timeline.length / 2);
  const other = byteOrder === 'little' ? 'big' : 'little';
  return concat(
    section(script, encoding, byteOrder, timeline.slice(0, middle)),
    section(script, encoding, other, timeline.slice(middle)),
  );
}

function section(
  script: Script,
  encoding: Encoding,
  byteOrder: 'little' | 'big',
  frames: readonly TimedFrame[],
): Uint8Array {
  const order = new Order(byteOrder);
  const decimals = encoding.decimals ?? 6;
  const snapLength = encoding.snapLength ?? DEFAULT_SNAP_LENGTH;
  const ticks = (time: Stamp): bigint =>
    BigInt(time.seconds) * 10n ** BigInt(decimals) + BigInt(Math.floor(time.nanos / 10 ** (9 - decimals)));
  const clock = (time: Stamp): Uint8Array =>
    concat(order.u32(Number(ticks(time) >> 32n)), order.u32(Number(ticks(time) & 0xffffffffn)));

  const parts = [
    block(
      order,
      BLOCK.section,
      concat(order.u32(0x1a2b3c4d), order.u16(1), order.u16(0), order.u64(0xffffffffffffffffn)),
    ),
  ];
  for (const [index, described] of script.interfaces.entries()) {
    const name = described.name ?? (encoding.named ? `eth${index}` : undefined);
    const list: Uint8Array[] = [];
    if (name !== undefined) list.push(option(order, 2, ascii(name)));
    if (decimals !== 6) list.push(option(order, 9, u8(decimals)));
    parts.push(
      block(
        order,
        BLOCK.interface,
        concat(
          order.u16(LINK_TYPE_NUMBER[described.linkType ?? encoding.linkType ?? 'ethernet']),
          order.u16(0),
          order.u32(snapLength),
          options(order, list),
        ),
      ),
    );
  }
  for (const frame of frames) {
    const bytes = linkBytes(frame, encoding);
    const captured = bytes.subarray(0, snapLength);
    const list: Uint8Array[] = [];
    if (frame.comment !== null) list.push(option(order, 1, ascii(frame.comment)));
    if (frame.dropsBefore > 0) list.push(option(order, 4, order.u64(BigInt(frame.dropsBefore))));
    parts.push(
      block(
        order,
        BLOCK.enhancedPacket,
        concat(
          order.u32(frame.interface),
          clock(stamp(frame)),
          order.u32(captured.length),
          order.u32(bytes.length),
          padTo(captured, Math.ceil(captured.length / 4) * 4),
          options(order, list),
        ),
      ),
    );
  }
  const last = frames.at(-1);
  for (const [index, described] of script.interfaces.entries()) {
    if (!described.drops || !last) continue;
    const received = frames.filter((frame) => frame.interface === index).length;
    const dropped = Math.max(1, Math.round(received * described.drops.fraction));
    parts.push(
      block(
        order,
        BLOCK.statistics,
        concat(
          order.u32(index),
          clock(stamp(last)),
          options(order, [
            option(order, 4, order.u64(BigInt(received + dropped))),
            option(order, 5, order.u64(BigInt(dropped))),
            option(order, 7, order.u64(0n)),
          ]),
        ),
      ),
    );
  }
  return joined(parts);
}
