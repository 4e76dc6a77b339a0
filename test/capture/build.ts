/** Builds small capture files byte by byte. */

export interface PcapOptions {
  readonly magic?: number;
  readonly littleEndian?: boolean;
  readonly major?: number;
  readonly minor?: number;
  readonly snaplen?: number;
  readonly linkWord?: number;
  /** Bytes between the lengths and the data of each record. */
  readonly extra?: readonly number[];
  readonly headerExtra?: number;
}

export interface PcapPacket {
  readonly seconds?: number;
  readonly fraction?: number;
  readonly captured?: number;
  readonly original?: number;
  readonly data: Uint8Array;
}

export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

export function u16(value: number, littleEndian = true): Uint8Array {
  const bytes = new Uint8Array(2);
  new DataView(bytes.buffer).setUint16(0, value, littleEndian);
  return bytes;
}

export function u32(value: number, littleEndian = true): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value, littleEndian);
  return bytes;
}

export function ascii(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'latin1'));
}

export function pcapHeader(options: PcapOptions = {}): Uint8Array {
  const le = options.littleEndian ?? true;
  return concat(
    u32(options.magic ?? 0xa1b2c3d4, le),
    u16(options.major ?? 2, le),
    u16(options.minor ?? 4, le),
    u32(0),
    u32(0),
    u32(options.snaplen ?? 262_144, le),
    u32(options.linkWord ?? 1, le),
    new Uint8Array(options.headerExtra ?? 0),
  );
}

export function pcapRecord(packet: PcapPacket, options: PcapOptions = {}): Uint8Array {
  const le = options.littleEndian ?? true;
  const captured = packet.captured ?? packet.data.length;
  return concat(
    u32(packet.seconds ?? 1_700_000_000, le),
    u32(packet.fraction ?? 0, le),
    u32(captured, le),
    u32(packet.original ?? captured, le),
    new Uint8Array(options.extra ?? []),
    packet.data,
  );
}

export function pcap(packets: readonly PcapPacket[], options: PcapOptions = {}): Uint8Array {
  return concat(pcapHeader(options), ...packets.map((packet) => pcapRecord(packet, options)));
}

/** `length` bytes that tell packets apart. */
export function payload(length: number, seed = 0): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i * 7 + seed) & 0xff);
}

/** Blocks of one pcapng section in one byte order. */
export class SectionBuilder {
  readonly #le: boolean;

  constructor(littleEndian = true) {
    this.#le = littleEndian;
  }

  u16(value: number): Uint8Array {
    return u16(value, this.#le);
  }

  u32(value: number): Uint8Array {
    return u32(value, this.#le);
  }

  u64(value: bigint): Uint8Array {
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setBigUint64(0, BigInt.asUintN(64, value), this.#le);
    return bytes;
  }

  block(type: number, body: Uint8Array, trailer?: number, length?: number): Uint8Array {
    const padded = concat(body, new Uint8Array(-body.length & 3));
    const total = length ?? padded.length + 12;
    return concat(this.u32(type), this.u32(total), padded, this.u32(trailer ?? total));
  }

  option(code: number, value: Uint8Array): Uint8Array {
    return concat(this.u16(code), this.u16(value.length), value, new Uint8Array(-value.length & 3));
  }

  header(...options: readonly Uint8Array[]): Uint8Array {
    return this.block(
      0x0a0d0d0a,
      concat(this.u32(0x1a2b3c4d), this.u16(1), this.u16(0), this.u64(-1n), ...options),
    );
  }

  interface(linkType: number, snaplen: number, ...options: readonly Uint8Array[]): Uint8Array {
    return this.block(1, concat(this.u16(linkType), this.u16(0), this.u32(snaplen), ...options));
  }

  stamp(units: bigint): Uint8Array {
    return concat(this.u32(Number(units >> 32n)), this.u32(Number(units & 0xffffffffn)));
  }

  enhanced(id: number, units: bigint, data: Uint8Array, ...options: readonly Uint8Array[]): Uint8Array {
    const padding = new Uint8Array(-data.length & 3);
    return this.block(
      6,
      concat(
        this.u32(id),
        this.stamp(units),
        this.u32(data.length),
        this.u32(data.length),
        data,
        padding,
        ...options,
      ),
    );
  }

  simple(original: number, data: Uint8Array): Uint8Array {
    return this.block(3, concat(this.u32(original), data));
  }

  obsolete(id: number, drops: number, units: bigint, data: Uint8Array): Uint8Array {
    return this.block(
      2,
      concat(
        this.u16(id),
        this.u16(drops),
        this.stamp(units),
        this.u32(data.length),
        this.u32(data.length),
        data,
      ),
    );
  }

  statistics(id: number, units: bigint, ...options: readonly Uint8Array[]): Uint8Array {
    return this.block(5, concat(this.u32(id), this.stamp(units), ...options));
  }
}
