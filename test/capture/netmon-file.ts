/** Builds small files of Network Monitor byte by byte. */
import { ascii, concat, u16, u32 } from './build.ts';

export interface NetmonFrame {
  readonly data: Uint8Array;
  /** Milliseconds (1.x) or microseconds since the start. */
  readonly delta?: bigint;
  readonly captured?: number;
  readonly original?: number;
  readonly medium?: number;
  /** FILETIME of version 2.3. */
  readonly filetime?: bigint;
}

export interface NetmonOptions {
  readonly major?: number;
  readonly minor?: number;
  readonly medium?: number;
  /** Year, month, day of the week, day, hour, minute, second, millisecond. */
  readonly start?: readonly number[];
  /** Bytes before the first frame, beyond the header, and between frames. */
  readonly hole?: number;
  /** The table as positions in `frames`, or as offsets where they are negative; in order by default. */
  readonly order?: readonly number[];
  readonly tableOffset?: number;
  readonly tableLength?: number;
}

export const START = [2001, 2, 6, 3, 4, 5, 6, 411] as const;
/** `START` as UTC. */
export const START_SECONDS = 981_173_106;

function u64(value: bigint): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt.asUintN(64, value), true);
  return bytes;
}

function frameBytes(frame: NetmonFrame, version: number): Uint8Array {
  const captured = frame.captured ?? frame.data.length;
  const original = frame.original ?? captured;
  const delta = frame.delta ?? 0n;
  if (version < 0x200) return concat(u32(Number(delta)), u16(original), u16(captured), frame.data);
  return concat(
    u64(delta),
    u32(original),
    u32(captured),
    frame.data,
    version >= 0x201 ? u16(frame.medium ?? 1) : new Uint8Array(),
    version >= 0x202 ? u32(0xffff_ffff) : new Uint8Array(),
    version >= 0x203 ? concat(u64(frame.filetime ?? 0n), new Uint8Array(1)) : new Uint8Array(),
  );
}

export function netmon(frames: readonly NetmonFrame[], options: NetmonOptions = {}): Uint8Array {
  const { major = 2, minor = 0, medium = 1, start = START, hole = 0 } = options;
  const version = (major << 8) | minor;
  const parts: Uint8Array[] = [];
  const offsets: number[] = [];
  let at = 128;
  for (const frame of frames) {
    parts.push(new Uint8Array(hole).fill(0xee));
    offsets.push(at + hole);
    const bytes = frameBytes(frame, version);
    parts.push(bytes);
    at += hole + bytes.length;
  }
  const order = options.order ?? offsets.keys();
  const table = Array.from(order, (position) => (position < 0 ? -position : (offsets[position] ?? 0)));
  const header = concat(
    ascii(major === 1 ? 'RTSS' : 'GMBU'),
    new Uint8Array([minor, major]),
    u16(medium),
    ...start.map((field) => u16(field)),
    u32(options.tableOffset ?? at),
    u32(options.tableLength ?? 4 * table.length),
    new Uint8Array(96),
  );
  return concat(header, ...parts, ...table.map((offset) => u32(offset)));
}
