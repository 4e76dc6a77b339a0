/**
 * Readers of captures. Whatever the bytes: records in order and inside of what was read, or one `CaptureError`; and the same whether the
 * bytes come in large pieces, in small ones, or through a pipe.
 */
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import type { Random } from '../../samples/craft/index.ts';
import { END, FEED } from '../../src/capture/capture.ts';
import { CaptureError } from '../../src/capture/errors.ts';
import { InterfaceRegistry } from '../../src/capture/interfaces.ts';
import { MAX_RECORD_BYTES } from '../../src/capture/limits.ts';
import { openCapture } from '../../src/capture/open.ts';
import { CaptureRecord } from '../../src/capture/record.ts';
import { havoc } from '../input/havoc.ts';
import type { Library } from '../input/library.ts';
import { changePieces, isPatchedPcap } from '../input/pieces.ts';
import { hashOf, must, type Seed, type Target } from './target.ts';

/** What reading gave, as far as it must not depend on the way in which the bytes came. */
interface Reading {
  readonly told: string;
  /** FNV-1a of all records. */
  readonly digest: number;
}

interface Way {
  /** Bytes brought in at once. */
  readonly pieceBytes: number;
  readonly isPipe: boolean;
}

async function read(bytes: Uint8Array, { pieceBytes, isPipe }: Way): Promise<Reading> {
  const interfaces = new InterfaceRegistry();
  const options = { file: 0, interfaces, keepsOrigin: true, windowBytes: Math.max(4096, pieceBytes) };
  let capture;
  try {
    capture = await (isPipe
      ? openCapture('-', {
          ...options,
          stdin: Readable.from(slices(bytes, pieceBytes), { objectMode: false }),
        })
      : openCapture({ bytes, path: 'memory', pieceBytes }, options));
  } catch (error) {
    if (!(error instanceof CaptureError)) throw error;
    return { told: error.code, digest: 0 };
  }
  const record = new CaptureRecord();
  let records = 0;
  let lastNumber = 0;
  let lastOffset = -1;
  let digest = 0x811c_9dc5;
  const mix = (value: number): void => {
    digest = Math.imul(digest ^ value, 0x0100_0193);
  };
  try {
    for (let feeds = 0; ; ) {
      const status = capture.next(record);
      if (status === END) break;
      if (status === FEED) {
        feeds += 1;
        must(feeds < 1e6, 'reading comes to an end');
        const waiting = capture.feed();
        if (waiting !== undefined) await waiting;
        continue;
      }
      records += 1;
      const { view, offset, capturedLength, originalLength, number, fileOffset, nanos, seconds } = record;
      must(
        capturedLength >= 0 && capturedLength <= MAX_RECORD_BYTES,
        'a record is of a length that is handed out',
      );
      must(offset >= 0 && offset + capturedLength <= view.byteLength, 'a record lies in its view');
      must(originalLength >= 0, 'a packet has no negative length');
      must(number > lastNumber, 'frame numbers rise');
      // A frame table may name frames in any order.
      must(fileOffset > lastOffset || isNetmon(bytes), 'offsets rise');
      must(interfaces.list[record.interface] !== undefined, 'the interface of a record is described');
      if (record.hasTime) {
        must(nanos >= 0 && nanos < 1e9 && Number.isInteger(nanos), 'a fraction is part of a second');
        must(Number.isInteger(seconds), 'a time is a number of seconds');
        mix(seconds % 2 ** 31);
        mix(nanos);
      }
      must(Number.isSafeInteger(record.dropsBefore) && record.dropsBefore >= 0, 'losses are a count');
      const { stamp, options: raw } = capture.originOf(record);
      must((stamp === null) === !record.hasTime || stamp !== null, 'a record with a time has a stamp');
      for (const { code, value } of raw) mix(code ^ value.length);
      lastNumber = number;
      lastOffset = fileOffset;
      mix(number);
      mix(fileOffset);
      mix(capturedLength);
      mix(originalLength);
      for (let at = 0; at < capturedLength; at += 1) mix(view.getUint8(offset + at));
    }
    const { damage, packets, comments, oversized, oddities, format, compression } = capture;
    must(packets === records, 'packets are the records that were handed out');
    if (damage !== null)
      must(damage.offset >= 0 && Number.isSafeInteger(damage.offset), 'damage has its place');
    for (const { dropIntervals, received } of interfaces.list) {
      must(received === null || received >= 0, 'a counter is a count');
      for (const { packets: lost } of dropIntervals) must(lost > 0, 'losses are a count');
    }
    const told = JSON.stringify({
      format,
      compression,
      records,
      comments,
      oversized,
      oddities: [...oddities],
      damage,
    });
    return { told, digest };
  } finally {
    capture.close();
    must(capture.next(record) === END, 'a capture that was closed has ended');
  }
}

function* slices(bytes: Uint8Array, size: number): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

const SIZES: readonly number[] = [1, 3, 16, 61, 1024, 4096, 65_536];

/** Which layout a pcap has is told by its first records, and a pipe is not waited for to see many: of a broken one it may be another. */
function isDoubtfulPcap({ told }: Reading): boolean {
  return told.includes('"format":"pcap"') && !told.includes('"oddities":[],"damage":null');
}

/** A pipe is no place to look for the table at the end of such a file. */
function isNetmon(bytes: Uint8Array): boolean {
  const magic = Buffer.from(bytes.subarray(0, 4)).toString('latin1');
  return magic === 'RTSS' || magic === 'GMBU';
}

/** How much is got of a compressed stream before the place where it is broken depends on the pieces in which it came. */
function isBroken({ told }: Reading): boolean {
  return told.includes('"bad-compression"') || told === 'damaged-header';
}

async function runReader(bytes: Uint8Array): Promise<void> {
  const size = SIZES[hashOf(bytes) % SIZES.length] as number;
  const isTiny = size < 16 && bytes.length > 8192;
  const whole = await read(bytes, { pieceBytes: 1 << 18, isPipe: false });
  const pieces = await read(bytes, { pieceBytes: isTiny ? 512 : size, isPipe: false });
  if (isBroken(whole) || isBroken(pieces)) return;
  must(whole.told === pieces.told, 'what is told of a capture does not depend on the size of pieces');
  must(whole.digest === pieces.digest, 'records do not depend on the size of pieces');
}

async function runPipe(bytes: Uint8Array): Promise<void> {
  // Which of several layouts a patched pcap has is told by its first records, and a pipe is not waited for to see many.
  if (isPatchedPcap(bytes) || isNetmon(bytes)) return;
  const size = Math.max(64, SIZES[hashOf(bytes) % SIZES.length] as number);
  const whole = await read(bytes, { pieceBytes: 1 << 18, isPipe: false });
  const piped = await read(bytes, { pieceBytes: size, isPipe: true });
  if (isBroken(whole) || isBroken(piped)) return;
  if (isDoubtfulPcap(whole) || isDoubtfulPcap(piped)) return;
  must(whole.told === piped.told, 'what is told of a capture does not depend on a pipe');
  must(whole.digest === piped.digest, 'records do not depend on a pipe');
}

export function changeCapture(bytes: Uint8Array, random: Random, donor: Uint8Array): Uint8Array {
  const kind = random.next();
  const changed = kind < 0.6 ? changePieces(bytes, random, donor) : null;
  if (changed !== null) return kind < 0.1 ? havoc(changed, random, donor, 2) : changed;
  return havoc(bytes, random, donor);
}

/** Compressed bytes are changed, or what is in them and then compressed anew. */
function changeCompressed(bytes: Uint8Array, random: Random, donor: Uint8Array): Uint8Array {
  const isCompressed = bytes[0] === 0x1f && bytes[1] === 0x8b;
  if (isCompressed || random.chance(0.1)) return havoc(bytes, random, donor, 4);
  const packed = gzipSync(changeCapture(bytes, random, donor), { level: random.pick([0, 1, 6]) });
  return random.chance(0.5) ? packed : havoc(packed, random, donor, 2);
}

/** A reader is a line: its name, the captures to begin with, and how they are changed. */
export const READERS: readonly Target[] = [
  reader('capture-pcap', (library) => library.capturesOf('pcap'), changeCapture),
  reader('capture-pcapng', (library) => library.capturesOf('pcapng'), changeCapture),
  reader('capture-gzip', (library) => library.compressed, changeCompressed),
  reader('capture-netmon', (library) => library.netmon, havoc),
  reader('capture-snoop', (library) => library.snoop, havoc),
  reader('capture-zstd', (library) => library.zstd, havoc),
  reader(
    'capture-any',
    (library) => library.captures,
    (bytes, random, donor) => havoc(bytes, random, donor, 3),
  ),
  { ...reader('capture-pipe', (library) => library.captures, changeCapture), run: runPipe },
];

function reader(
  name: string,
  seeds: (library: Library) => readonly Seed[],
  change: Target['change'],
): Target {
  return { name, extension: 'bin', isGuided: true, share: 1, seeds, change, run: runReader };
}
