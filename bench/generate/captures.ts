/** The captures of the benchmark: what is in each, and how it is made. */
import { createReadStream, createWriteStream, rmSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { WrittenFormat } from './capture-writer.ts';
import { CaptureWriter } from './capture-writer.ts';
import { SYN } from './frames.ts';
import type { Host } from './network.ts';
import { Random } from './random.ts';
import type { TrafficProfile } from './traffic.ts';
import { Traffic } from './traffic.ts';

/** Part of what makes a capture stale: raise it whenever the generator writes other bytes. */
export const GENERATOR_VERSION = 2;

const SEED = 20_240_305;
const GIBIBYTE = 2 ** 30;
const FLOOD_SYNS = 10_000_000;
const FLOOD_SECONDS = 600;

/**
 * The larger the packets, the larger the capture: capinfos passes over a gigabyte of large ones in the time that Node needs to
 * start, and what is to be compared is the reading of captures that are worth the name.
 */
const MIX: TrafficProfile = {
  fullBytes: 4 * GIBIBYTE,
  durationSeconds: 1200,
  connections: 800,
  meanSteps: 12,
  dataBytes: (random) => (random.below(100) < 59 ? 1448 : random.between(40, 1000)),
  train: 3,
  isDuplex: false,
  withoutTimestampsOdds: 2,
  otherOdds: 12,
  hasFaults: false,
};

/** 64 to 100 bytes: terminal sessions, polling, games. */
const SMALL: TrafficProfile = {
  ...MIX,
  fullBytes: GIBIBYTE,
  meanSteps: 40,
  dataBytes: (random) => random.between(1, 34),
  train: 2,
  withoutTimestampsOdds: 0,
};

/** 1514 bytes: replication in both directions, so that data carries the acknowledgments. */
const BIG: TrafficProfile = {
  ...MIX,
  fullBytes: 8 * GIBIBYTE,
  connections: 200,
  meanSteps: 300,
  dataBytes: () => 1448,
  train: 8,
  isDuplex: true,
  withoutTimestampsOdds: 0,
  otherOdds: 2000,
};

export interface Made {
  readonly packets: number;
}

/** Steps until the file has its size; the clock follows the share of it that is written. */
function writeTraffic(path: string, format: WrittenFormat, profile: TrafficProfile, scale: number): Made {
  const writer = new CaptureWriter(path, format);
  const traffic = new Traffic(writer, SEED, profile);
  const targetBytes = profile.fullBytes * scale;
  const totalMicros = profile.durationSeconds * 1e6;
  while (writer.classicBytes < targetBytes) {
    const share = writer.classicBytes / targetBytes;
    const meanPacketMicros = (share * totalMicros) / Math.max(writer.packets, 1);
    traffic.step(share * totalMicros, meanPacketMicros);
  }
  writer.close();
  return { packets: writer.packets };
}

/** SYNs from random sources elsewhere to one server; the LAN's ordinary traffic goes on beside them. */
function writeFlood(path: string, scale: number): Made {
  const writer = new CaptureWriter(path, 'pcap');
  const traffic = new Traffic(writer, SEED, { ...MIX, durationSeconds: FLOOD_SECONDS });
  const random = new Random(SEED + 1);
  const { gateway, servers } = traffic.network;
  const target = servers[0] as Host;
  const syns = Math.floor(FLOOD_SYNS * scale);
  const synMicros = (FLOOD_SECONDS * 1e6) / syns;
  const segment = {
    sourcePort: 0,
    destinationPort: 80,
    sequence: 0,
    acknowledgment: 0,
    flags: SYN,
    dataBytes: 0,
    hasTimestamps: false,
    timestampValue: 0,
    timestampEcho: 0,
  };
  const source = { ...gateway, address: 0, ttl: 0, isLocal: false };
  for (let index = 0; index < syns; index += 1) {
    if (index % 128 === 0) traffic.step(index * synMicros, synMicros);
    traffic.compose.micros = Math.max(traffic.compose.micros, Math.floor(index * synMicros));
    // Class A and B space less the private, loopback and link-local networks' first bytes.
    source.address = ((random.between(11, 126) << 24) | (random.bits() & 0xff_ffff)) >>> 0;
    source.ttl = random.between(100, 120);
    source.identification = random.below(0x10000);
    segment.sourcePort = random.between(1024, 65_535);
    segment.sequence = random.bits() >>> 0;
    traffic.compose.tcp(source, target, segment);
  }
  writer.close();
  return { packets: writer.packets };
}

export type CaptureName = 'small' | 'mix' | 'watched' | 'big' | 'synflood' | 'pcapng' | 'gzip';

export interface CaptureDefinition {
  readonly name: CaptureName;
  readonly extension: string;
  readonly content: string;
  readonly make: (path: string, scale: number) => Made | Promise<Made>;
}

export const CAPTURES: readonly CaptureDefinition[] = [
  {
    name: 'small',
    extension: 'pcap',
    content: '64 to 100 byte packets',
    make: (path, scale) => writeTraffic(path, 'pcap', SMALL, scale),
  },
  {
    name: 'mix',
    extension: 'pcap',
    content: 'a LAN of 263 hosts, 640 bytes a packet',
    make: (path, scale) => writeTraffic(path, 'pcap', MIX, scale),
  },
  // Right behind the one that it is compared with, so that little time lies between the two.
  {
    name: 'watched',
    extension: 'pcap',
    content: 'mix with a changed MAC and 16 expired leases',
    make: (path, scale) => writeTraffic(path, 'pcap', { ...MIX, hasFaults: true }, scale),
  },
  {
    name: 'big',
    extension: 'pcap',
    content: '1514 byte packets',
    make: (path, scale) => writeTraffic(path, 'pcap', BIG, scale),
  },
  {
    name: 'synflood',
    extension: 'pcap',
    content: 'SYNs from random sources to one server',
    make: writeFlood,
  },
  {
    name: 'pcapng',
    extension: 'pcapng',
    content: 'mix as pcapng',
    make: (path, scale) => writeTraffic(path, 'pcapng', MIX, scale),
  },
  {
    name: 'gzip',
    extension: 'pcap.gz',
    content: 'the traffic of mix, a quarter of it, gzipped',
    make: async (path, scale) => {
      const plain = `${path}.plain`;
      const { packets } = writeTraffic(plain, 'pcap', MIX, scale / 4);
      const chunk = { highWaterMark: 1 << 20 };
      await pipeline(
        createReadStream(plain, chunk),
        createGzip({ chunkSize: 1 << 20 }),
        createWriteStream(path, chunk),
      );
      rmSync(plain);
      return { packets };
    },
  },
];
