/** Compressed streams that swell, interfaces, names and comments without end. */
import { gzipSync } from 'node:zlib';
import { Host } from '../../samples/craft/index.ts';
import { addressOf } from './addresses.ts';
import type { Flood } from './flood.ts';
import {
  block,
  enhancedPacket,
  gathered,
  interfaceDescription,
  interfaceStatistics,
  LINKTYPE_ETHERNET,
  option,
  pcapHeader,
  pcapRecords,
  type Pieces,
  sectionHeader,
} from './stream.ts';

const A = new Host({ mac: '02:00:00:00:00:01', ip: '10.0.0.1' });
const OPTION = { comment: 1, name: 2, description: 3 } as const;
const NAME_RESOLUTION = 4;
const CUSTOM = 0x0bad;
const LONGEST = 65_532;
const announcement = A.announce().subarray(0, 42);

function announced(number: number, which = 0): Uint8Array {
  const frame = announcement.slice();
  const view = new DataView(frame.buffer);
  for (const offset of [8, 24]) view.setUint32(offset, 2 * number + which + 1);
  for (const offset of [28, 38]) view.setUint32(offset, addressOf(number));
  return frame;
}

/** Zeros: records of no bytes at the time 0. */
function* bomb(mebibytes: number): Pieces {
  yield gzipSync(pcapHeader(LINKTYPE_ETHERNET));
  const member = gzipSync(new Uint8Array(64 * 2 ** 20), { level: 9 });
  for (let at = 0; at < mebibytes; at += 64) yield member;
}

const [RAW, REPEATED] = [0, 1];

function zstdBlockHeader(bytes: number, type: number, isLast: boolean): Uint8Array {
  const word = (bytes << 3) | (type << 1) | (isLast ? 1 : 0);
  return Uint8Array.of(word & 0xff, (word >>> 8) & 0xff, word >>> 16);
}

/** Magic number; no checksum, no size; a window of 1 MiB, times two to the power of `log`. */
const zstdFrame = (log: number): Uint8Array => Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0, (10 + log) << 3);

const zstdZeros = (isLast: boolean): Uint8Array =>
  Buffer.concat([zstdBlockHeader(131_072, REPEATED, isLast), Uint8Array.of(0)]);

/** The same in one frame of zstd: blocks that repeat a byte 131,072 times (RFC 8878 3.1.1.2). */
function* zstdBomb(mebibytes: number, windowLog: number): Pieces {
  yield zstdFrame(windowLog);
  const header = pcapHeader(LINKTYPE_ETHERNET);
  yield Buffer.concat([zstdBlockHeader(header.length, RAW, false), header]);
  const mebibyte = Buffer.concat(Array.from({ length: 8 }, () => zstdZeros(false)));
  for (let at = 0; at < mebibytes; at += 1) yield mebibyte;
  yield zstdBlockHeader(0, RAW, true);
}

/** Nothing is saved: every byte of a block is there. */
function* zstdRaw(mebibytes: number): Pieces {
  yield zstdFrame(0);
  const header = pcapHeader(LINKTYPE_ETHERNET);
  yield Buffer.concat([zstdBlockHeader(header.length, RAW, false), header]);
  const rawBlock = Buffer.concat([zstdBlockHeader(131_072, RAW, false), new Uint8Array(131_072)]);
  for (let at = 0; at < 8 * mebibytes; at += 1) yield rawBlock;
  yield zstdBlockHeader(0, RAW, true);
}

/** The same in frames of one block, each of which asks for the largest window. */
function* zstdFrames(frames: number): Pieces {
  const header = pcapHeader(LINKTYPE_ETHERNET);
  yield Buffer.concat([zstdFrame(5), zstdBlockHeader(header.length, RAW, true), header]);
  for (let at = 0; at < frames; at += 1) yield Buffer.concat([zstdFrame(5), zstdZeros(true)]);
}

/** Interfaces that are named, and a packet on each; a new section after every 50,000 of them. */
function* interfaces(count: number, nameBytes: number): Pieces {
  yield* gathered(
    (function* blocks() {
      for (let number = 0; number < count; number += 1) {
        if (number % 50_000 === 0) yield sectionHeader();
        const name = Buffer.alloc(nameBytes, 'x');
        name.write(`if${number}-`);
        yield interfaceDescription(option(OPTION.name, name));
        yield enhancedPacket(number % 50_000, number / 1000, announced(number));
      }
    })(),
  );
}

/** So many MiB of comments: of the section, of packets, in blocks of names, and in blocks that nobody knows. */
function* comments(mebibytes: number): Pieces {
  const comment = option(OPTION.comment, Buffer.alloc(LONGEST, 'kbdiag <b> '));
  const [names, custom] = [NAME_RESOLUTION, CUSTOM].map((type) => block(type, Buffer.alloc(2 ** 20, 'n')));
  for (let at = 0; at < mebibytes; at += 4) {
    if (at % 64 === 0) {
      yield sectionHeader(comment, comment);
      yield interfaceDescription(option(OPTION.description, Buffer.alloc(LONGEST, 'd')));
    }
    for (let one = 0; one < 8; one += 1)
      yield enhancedPacket(0, at, announced(at), comment, comment, comment);
    for (const one of [names, custom]) yield one as Uint8Array;
  }
}

/** Statistics of a thousand interfaces, each time with more losses. */
function* statistics(count: number): Pieces {
  yield* gathered(
    (function* blocks() {
      yield sectionHeader();
      for (let source = 0; source < 1000; source += 1) yield interfaceDescription();
      for (let number = 0; number < count; number += 1) {
        yield enhancedPacket(number % 1000, number / 1000, announced(number % 1000));
        yield interfaceStatistics(number % 1000, number / 1000, 1 + Math.floor(number / 1000));
      }
    })(),
  );
}

/** Addresses that two hosts claim, ten on each interface. */
function* findings(count: number): Pieces {
  yield* gathered(
    (function* blocks() {
      const perInterface = Math.ceil(count / 1000);
      yield sectionHeader();
      for (let source = 0; source < 1000; source += 1)
        yield interfaceDescription(
          option(OPTION.name, Buffer.from(`an interface with a long name ${source}`)),
        );
      for (let round = 0; round < 12; round += 1) {
        for (let number = 0; number < count; number += 1) {
          const source = Math.floor(number / perInterface);
          for (const which of [0, 1])
            yield enhancedPacket(
              source,
              2 * round + (2 * number + which) / (2 * count),
              announced(number, which),
            );
        }
      }
    })(),
  );
}

const RECORDS_A_FILE = 64;

/** Captures of 64 KiB, each a little later than the one before: with every packet it is another one's turn. */
function* sideBySide(files: number): Pieces {
  const frame = new Uint8Array(1000);
  frame.set(announcement);
  for (let file = 0; file < files; file += 1) {
    const records = pcapRecords({
      frames: [frame],
      count: RECORDS_A_FILE,
      perSecond: 1,
      change: (view, at) => view.setUint32(at - 12, file * 11, true),
    });
    yield Buffer.concat([pcapHeader(LINKTYPE_ETHERNET), ...records]);
  }
}

export const CONTAINER_FLOODS: readonly Flood[] = [
  {
    name: 'gzip',
    content: 'MiB in a gzip bomb',
    count: 8192,
    testCount: 512,
    stream: bomb,
    check: ({ captures }, count) =>
      captures[0]?.packets === Math.ceil(count / 64) * 2 ** 22 ? null : 'not all packets were read',
  },
  {
    name: 'zstd',
    content: 'MiB in a zstd bomb',
    count: 8192,
    testCount: 256,
    stream: (count) => zstdBomb(count, 0),
    check: ({ captures }, count) =>
      captures[0]?.packets === count * 2 ** 16 ? null : `${captures[0]?.packets} packets were read`,
  },
  {
    name: 'zstd-window',
    content: 'MiB in a zstd bomb with the largest window that is read',
    count: 512,
    testCount: 64,
    stream: (count) => zstdBomb(count, 5),
    check: ({ captures }, count) =>
      captures[0]?.packets === count * 2 ** 16 ? null : `${captures[0]?.packets} packets were read`,
  },
  {
    name: 'zstd-raw',
    content: 'MiB of zstd that could not be made smaller',
    count: 4096,
    testCount: 256,
    stream: zstdRaw,
    check: ({ captures }, count) =>
      captures[0]?.packets === count * 2 ** 16 ? null : `${captures[0]?.packets} packets were read`,
  },
  {
    name: 'zstd-frames',
    content: 'frames of zstd, each with the largest window that is read',
    count: 2000,
    testCount: 100,
    stream: zstdFrames,
    check: ({ captures }, count) =>
      captures[0]?.packets === count * 2 ** 13 ? null : `${captures[0]?.packets} packets were read`,
  },
  {
    name: 'files',
    content: 'captures of the same time, given at once',
    count: 3000,
    testCount: 600,
    stream: sideBySide,
    isFiles: true,
    check: ({ captures }, count) =>
      captures.length === count && captures.every(({ packets }) => packets === RECORDS_A_FILE)
        ? null
        : 'not all packets were read',
  },
  {
    name: 'interfaces',
    content: 'pcapng interfaces with a packet each, in several sections',
    count: 400_000,
    testCount: 100_000,
    stream: (count) => interfaces(count, 12),
    evicted: ['domains'],
    tellingVerdicts: ['Q120599'],
  },
  {
    name: 'long-names',
    content: 'pcapng interfaces with a name of 64 KiB each',
    count: 60_000,
    testCount: 6000,
    stream: (count) => interfaces(count, LONGEST),
    evicted: ['domains'],
  },
  {
    name: 'comments',
    content: 'MiB of comments, names and unknown blocks',
    count: 4096,
    testCount: 512,
    stream: comments,
    check: ({ captures }) => ((captures[0]?.packets ?? 0) > 0 ? null : 'no packets were read'),
  },
  {
    name: 'statistics',
    content: 'statistics blocks that tell of losses, of 1,000 interfaces',
    count: 4_000_000,
    testCount: 200_000,
    stream: statistics,
    check: ({ captures }, count) => (captures[0]?.packets === count ? null : 'not all packets were read'),
  },
  {
    name: 'findings',
    content: 'addresses that two hosts claim, on 1,000 interfaces',
    count: 10_000,
    testCount: 2000,
    stream: findings,
    check: (report) => (report.findings.length > 500 ? null : `only ${report.findings.length} findings`),
  },
];
