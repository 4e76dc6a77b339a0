/** Tells from the first bytes what a file is: one of the formats that are read, another capture format, or neither. */
import { CaptureError } from './errors.ts';
import { NETMON_HEADER_BYTES, NETMON_MAGICS } from './netmon.ts';
import { pcapHeaderBytes } from './pcap.ts';
import { BLOCK } from './pcapng-blocks.ts';
import { isPcapng } from './pcapng.ts';
import { SNOOP_HEADER_BYTES, SNOOP_MAGIC } from './snoop.ts';

/** So many bytes are enough to recognise every format here. */
export const RECOGNISE_BYTES = 512;

/** pcapng: type, length, byte-order magic, version. */
const PCAPNG_START_BYTES = 16;

const CONVERT = {
  editcap: (file: string) => `Convert it first: editcap -F pcap ${file} out.pcap`,
  /** These give each packet a link type of its own, which pcap cannot; the networks of rules are Ethernet mostly. */
  perPacket: (file: string) =>
    `Convert it first, if it is of an Ethernet network: editcap -F pcap -T ether ${file} out.pcap`,
  etl: (file: string) => `Convert it first: etl2pcapng ${file} out.pcapng`,
  pipe: (command: string) => (file: string) => `Unpack it on the way: ${command} ${file} | kbdiag analyze -`,
} as const;

/** Begins and ends each frame (RFC 1662). */
const HDLC_FLAG = 0x7e;

interface Signature {
  readonly name: string;
  /** Bytes as text. */
  readonly bytes: string;
  readonly at?: number;
  readonly convert: (file: string) => string;
}

/** Capture formats and compressions that are named, with the command that makes them readable. */
const OTHER_FORMATS: readonly Signature[] = [
  { name: 'Sniffer (DOS)', bytes: 'TRSNIFF data    \x1a', convert: CONVERT.editcap },
  { name: 'NetXRay or Windows Sniffer', bytes: 'XCP\0', convert: CONVERT.editcap },
  { name: 'NetXRay (old)', bytes: 'VL\0\0', convert: CONVERT.editcap },
  { name: 'Novell LANalyzer', bytes: '\x01\x10\x4c\0', convert: CONVERT.editcap },
  { name: 'Novell LANalyzer', bytes: '\x07\x10\x4c\0', convert: CONVERT.editcap },
  { name: 'Visual Networks', bytes: '\x05VNF', convert: CONVERT.editcap },
  { name: 'Accellent 5Views', bytes: '\xaa\xaa\xaa\xaa', convert: CONVERT.editcap },
  { name: 'HP-UX nettl', bytes: 'TR\0d', convert: CONVERT.perPacket },
  { name: 'HP-UX nettl', bytes: 'TR\0T', convert: CONVERT.perPacket },
  { name: 'Network Instruments Observer', bytes: 'ObserverPktBuffe', convert: CONVERT.editcap },
  { name: 'Tektronix K12 text', bytes: '+---------+---------------+', convert: CONVERT.perPacket },
  { name: 'Tektronix K12 (rf5)', bytes: '\0\0\x02\0\x12\x05\0\x10', convert: CONVERT.perPacket },
  { name: 'Omnipeek (tagged)', bytes: '\x7fver', convert: CONVERT.editcap },
  { name: 'Colasoft Capsa', bytes: 'cpse', convert: CONVERT.editcap },
  { name: 'AIX iptrace', bytes: 'iptrace ', convert: CONVERT.perPacket },
  { name: 'RADCOM', bytes: '\x42\xd2\x00\x34\x12\x66\x22\x88', convert: CONVERT.editcap },
  {
    name: 'btsnoop (Bluetooth)',
    bytes: 'btsnoop\0',
    convert: () => 'It holds Bluetooth traffic, in which there are no faults of networks to find.',
  },
  {
    name: 'NetScaler trace',
    bytes: 'NetScaler',
    at: 4,
    convert: () => 'Take it again as pcap: start nstrace -traceformat PCAP',
  },
  { name: 'xz-compressed', bytes: '\xfd7zXZ\0', convert: CONVERT.pipe('xz -dc') },
  { name: 'zstd-compressed twice', bytes: '\x28\xb5\x2f\xfd', convert: CONVERT.pipe('zstd -dc') },
  { name: 'bzip2-compressed', bytes: 'BZh', convert: CONVERT.pipe('bzip2 -dc') },
  { name: 'lz4-compressed', bytes: '\x04\x22\x4d\x18', convert: CONVERT.pipe('lz4 -dc') },
  { name: 'lzip-compressed', bytes: 'LZIP', convert: CONVERT.pipe('lzip -dc') },
  { name: 'compress-compressed (.Z)', bytes: '\x1f\x9d', convert: CONVERT.pipe('gzip -dc') },
  { name: 'gzip-compressed twice', bytes: '\x1f\x8b\x08', convert: CONVERT.pipe('gzip -dc') },
];

const GIVE_A_CAPTURE = (): string =>
  'Give a capture file: pcap, pcapng, Network Monitor or snoop, plain or compressed with gzip or zstd.';

/** What is no capture, but known at sight. */
const OTHER_FILES: readonly Signature[] = [
  { name: 'a JPEG picture', bytes: '\xff\xd8\xff', convert: GIVE_A_CAPTURE },
  { name: 'a PNG picture', bytes: '\x89PNG', convert: GIVE_A_CAPTURE },
  { name: 'a GIF picture', bytes: 'GIF8', convert: GIVE_A_CAPTURE },
  { name: 'a PDF document', bytes: '%PDF', convert: GIVE_A_CAPTURE },
  { name: 'a zip archive', bytes: 'PK\x03\x04', convert: CONVERT.pipe('unzip -p') },
  { name: 'a 7-Zip archive', bytes: '7z\xbc\xaf\x27\x1c', convert: CONVERT.pipe('7z x -so') },
  { name: 'a tar archive', bytes: 'ustar', at: 257, convert: CONVERT.pipe('tar -xOf') },
  { name: 'an ELF program', bytes: '\x7fELF', convert: GIVE_A_CAPTURE },
  { name: 'a Windows program', bytes: 'MZ', convert: GIVE_A_CAPTURE },
  { name: 'a Windows event log', bytes: 'ElfFile\0', convert: GIVE_A_CAPTURE },
];

function matches(bytes: Uint8Array, signature: Pick<Signature, 'bytes' | 'at'>): boolean {
  const at = signature.at ?? 0;
  if (bytes.length < at + signature.bytes.length) return false;
  for (let i = 0; i < signature.bytes.length; i++) {
    if (bytes[at + i] !== signature.bytes.charCodeAt(i)) return false;
  }
  return true;
}

/** What cannot be typed, or would be shown as something else than it is: controls, format characters, halves of pairs. */
const NOT_TO_BE_REPEATED = /[\p{C}\p{Zl}\p{Zp}]/u;
/** A longer path is not repeated in a hint. */
const MAX_QUOTED_CHARACTERS = 256;

/**
 * A path as one word of a POSIX shell; one that begins with a hyphen would be an option. `FILE` stands for what is better not
 * repeated in a line to paste.
 */
export function quote(path: string): string {
  if (path.length > MAX_QUOTED_CHARACTERS || NOT_TO_BE_REPEATED.test(path)) return 'FILE';
  const word = path.startsWith('-') && path !== '-' ? `./${path}` : path;
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** `need-more`: the bytes so far fit a format that is read, and are too few to open it. */
export type Recognised = 'pcap' | 'pcapng' | 'netmon' | 'snoop' | 'need-more';

/** Formats that begin with a text, and how many bytes their header has. */
const MAGICS: ReadonlyArray<readonly [format: 'netmon' | 'snoop', magic: string, headerBytes: number]> = [
  ...NETMON_MAGICS.map((magic) => ['netmon', magic, NETMON_HEADER_BYTES] as const),
  ['snoop', SNOOP_MAGIC, SNOOP_HEADER_BYTES],
];
const FORMAT_NAMES = { netmon: 'Network Monitor', snoop: 'snoop' } as const;

/**
 * Recognises what stands in `view` from `from` to `limit`. Throws `CaptureError` for everything that cannot be read;
 * `isAll` says that no more bytes will come.
 */
export function recognise(
  view: DataView,
  from: number,
  limit: number,
  isAll: boolean,
  path: string,
): Recognised {
  const length = limit - from;
  if (length === 0 && isAll) {
    throw new CaptureError(
      'empty',
      path,
      'the file is empty (0 bytes)',
      'Check that the capture was written at all.',
      0,
    );
  }
  if (length >= 4) {
    const headerBytes = pcapHeaderBytes(view, from);
    if (headerBytes > 0) {
      if (length >= headerBytes) return 'pcap';
      if (!isAll) return 'need-more';
      throw cutHeader(path, 'pcap', length, headerBytes);
    }
    if (view.getUint32(from, true) === BLOCK.sectionHeader) {
      if (length >= PCAPNG_START_BYTES && isPcapng(view, from)) return 'pcapng';
      if (length < PCAPNG_START_BYTES) {
        if (!isAll) return 'need-more';
        throw cutHeader(path, 'pcapng', length, PCAPNG_START_BYTES);
      }
      throw new CaptureError(
        'damaged-header',
        path,
        'begins like pcapng, but without a byte-order magic',
        'Take the capture from its source again.',
        8,
      );
    }
  }
  const start = new Uint8Array(view.buffer, view.byteOffset + from, Math.min(length, RECOGNISE_BYTES));
  for (const [format, magic, headerBytes] of MAGICS) {
    if (!matches(start, { bytes: magic })) continue;
    if (length >= headerBytes) return format;
    if (!isAll) return 'need-more';
    throw cutHeader(path, FORMAT_NAMES[format], length, headerBytes);
  }
  if (length < RECOGNISE_BYTES && !isAll) return 'need-more';
  throw explain(start, path);
}

function cutHeader(path: string, format: string, length: number, needed: number): CaptureError {
  return new CaptureError(
    'damaged-header',
    path,
    `${format} file cut short in its header: ${length} of ${needed} bytes`,
    'Take the capture from its source again.',
    length,
  );
}

/** Names what cannot be read. */
function explain(bytes: Uint8Array, path: string): CaptureError {
  const file = quote(path);
  const format = OTHER_FORMATS.find((signature) => matches(bytes, signature)) ?? recogniseByStructure(bytes);
  if (format !== undefined) {
    return new CaptureError(
      'unsupported-format',
      path,
      `${format.name} file; this format is recognised but not read`,
      format.convert(file),
      0,
    );
  }
  if (isMangledPcapng(bytes)) {
    return new CaptureError(
      'damaged-header',
      path,
      'pcapng file changed by a transfer as text',
      'Transfer the capture again in binary mode.',
      0,
    );
  }
  const other = OTHER_FILES.find((signature) => matches(bytes, signature));
  const what = other?.name ?? describeText(bytes);
  return new CaptureError(
    'not-a-capture',
    path,
    what === null ? 'no capture file: its first bytes fit no known format' : `no capture file but ${what}`,
    (other?.convert ?? GIVE_A_CAPTURE)(file),
    0,
  );
}

/** What stands behind the file in a hint that names it. */
const HINT_ENDS = [
  ' out.pcap',
  ' out.pcapng',
  ' | kbdiag analyze -',
  ' > trace.cap; then: kbdiag analyze trace.cap',
] as const;

/** What there is to do about a file, with another name in its place: `hint` is that of the file at `path`. */
export function renameInHint(hint: string, path: string, name: string): string {
  const file = ` ${quote(path)}`;
  const end = HINT_ENDS.find((words) => hint.endsWith(file + words));
  return end === undefined ? hint : `${hint.slice(0, -(file + end).length)} ${quote(name)}${end}`;
}

/** Formats without a magic number. */
function recogniseByStructure(bytes: Uint8Array): Pick<Signature, 'name' | 'convert'> | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (isCommView(view)) return { name: 'TamoSoft CommView', convert: CONVERT.perPacket };
  if (isErf(view)) return { name: 'Endace ERF', convert: CONVERT.perPacket };
  if (isPppdump(view)) return { name: 'pppd record', convert: CONVERT.editcap };
  if (isEtl(view)) return { name: 'Windows event trace (ETL)', convert: CONVERT.etl };
  return undefined;
}

/** ERF: time 8, type 1, flags 1, record length 2 (BE), loss 2, wire length 2. Two records in a row, or one that is cut. */
function isErf(view: DataView): boolean {
  let at = 0;
  let lastSeconds = 0;
  for (let i = 0; i < 2; i++) {
    if (at + 16 > view.byteLength) return i > 0 && at <= view.byteLength;
    const type = view.getUint8(at + 8) & 0x7f;
    const recordLength = view.getUint16(at + 10, false);
    const wireLength = view.getUint16(at + 14, false);
    const seconds = view.getUint32(at + 4, true);
    if (type === 0 || type > 48 || recordLength < 16 || wireLength === 0 || seconds < lastSeconds)
      return false;
    if (wireLength > recordLength + 0x4000) return false;
    lastSeconds = seconds;
    at += recordLength;
  }
  return true;
}

/** CommView (ncf): two equal lengths, version 0, then a calendar date and a time of day. */
function isCommView(view: DataView): boolean {
  if (view.byteLength < 24 || view.getUint16(0, true) === 0) return false;
  const year = view.getUint16(5, true);
  const month = view.getUint8(7);
  const day = view.getUint8(8);
  return (
    view.getUint8(4) === 0 &&
    year >= 1970 &&
    year < 2100 &&
    month >= 1 &&
    month <= 12 &&
    day >= 1 &&
    day <= 31 &&
    view.getUint8(9) < 24 &&
    view.getUint8(10) < 60 &&
    view.getUint8(11) < 61 &&
    view.getUint32(12, true) < 1_000_000
  );
}

/** pppd's record option: 7 and a time of 4 bytes, then 1 or 2 (received, sent), a length of 2 bytes (BE), and HDLC. */
function isPppdump(view: DataView): boolean {
  if (view.byteLength < 9 || view.getUint8(0) !== 7) return false;
  const direction = view.getUint8(5);
  return (direction === 1 || direction === 2) && view.getUint16(6) > 1 && view.getUint8(8) === HDLC_FLAG;
}

/** ETL: a buffer size of whole KiB, and at 0x48 the trace header's version 2, type 1 or 2, flags 0xC0. */
function isEtl(view: DataView): boolean {
  if (view.byteLength < 0x4c) return false;
  const bufferBytes = view.getUint32(0, true);
  const headerType = view.getUint8(0x4a);
  return (
    bufferBytes >= 1024 &&
    (bufferBytes & 1023) === 0 &&
    view.getUint16(0x48, true) === 2 &&
    (headerType === 1 || headerType === 2) &&
    view.getUint8(0x4b) === 0xc0
  );
}

/** The section header's type holds both line ends so that a change of them shows; the byte-order magic is text. */
function isMangledPcapng(bytes: Uint8Array): boolean {
  if (bytes[0] !== 0x0a && bytes[0] !== 0x0d) return false;
  const text = String.fromCharCode(...bytes.subarray(0, 20));
  return text.includes('\x1a\x2b\x3c\x4d') || text.includes('\x4d\x3c\x2b\x1a');
}

/** JSON, XML or other text, or null for binary data. */
function describeText(bytes: Uint8Array): string | null {
  for (const byte of bytes) {
    if (byte < 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d && byte !== 0x0c && byte !== 0x1b)
      return null;
  }
  const text = new TextDecoder('utf-8').decode(bytes).trimStart();
  // A character cut at the end of what is looked at is no sign of binary data.
  if (text === '\ufffd' || text.slice(0, -1).includes('\ufffd')) return null;
  if (text.startsWith('{') || text.startsWith('[')) return 'JSON';
  if (text.startsWith('<!DOCTYPE html') || text.startsWith('<html')) return 'HTML';
  if (text.startsWith('<?xml')) return 'XML';
  return 'text';
}
