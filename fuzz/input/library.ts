/** Captures to begin with: the samples, conversations made at random, hostile hosts, and the real ones where they are at hand. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { encode, ENCODINGS, gzipStored, type TimedFrame } from '../../samples/craft/index.ts';
import { buildSample, samples } from '../../samples/shipped.ts';
import { hostileCapture } from '../../test/hostile/captures.ts';
import { HOSTILE_STRINGS } from '../../test/hostile/strings.ts';
import type { Seed } from '../targets/target.ts';
import { anyFrames, conversations } from './conversation.ts';
import { netmonsOf, snoopOf, zstds } from './other-formats.ts';
import { fromPieces, toPieces } from './pieces.ts';

/** Real captures that are longer cost more than they bring. */
const MAX_CORPUS_BYTES = 24 * 1024;
const MAX_SAMPLE_BYTES = 32 * 1024;

export class Library {
  readonly #seed: number;
  readonly #corpus: string | null;
  #captures: readonly Seed[] | null = null;
  #frames: readonly Seed[] | null = null;

  /** `seed` is that of what is made at random; `corpus` is a folder of real captures, or null. */
  constructor(seed: number, corpus: string | null) {
    this.#seed = seed;
    this.#corpus = corpus;
  }

  /** Whole captures, of all formats. */
  get captures(): readonly Seed[] {
    this.#captures ??= [...this.#ours(), ...(this.#corpus === null ? [] : realCaptures(this.#corpus))];
    return this.#captures;
  }

  /** The same of one kind, told by its content. */
  capturesOf(kind: 'pcap' | 'pcapng'): Seed[] {
    return this.captures.filter(({ bytes }) => toPieces(bytes)?.kind === kind);
  }

  /** Uncompressed captures and the same compressed, in one member or several, or only stored. */
  get compressed(): Seed[] {
    return this.captures
      .filter(({ bytes }) => bytes.length < MAX_SAMPLE_BYTES / 4 && toPieces(bytes) !== null)
      .flatMap(({ bytes, isOurs }) => {
        const half = bytes.length >> 1;
        const members = Buffer.concat([gzipSync(bytes.subarray(0, half)), gzipSync(bytes.subarray(half))]);
        return [gzipSync(bytes), members, gzipStored(bytes, 'x')].map((packed) => ({
          bytes: packed,
          isOurs,
        }));
      });
  }

  /** Frames of the samples as files of Network Monitor, and of snoop. */
  get netmon(): Seed[] {
    return firstFrames().flatMap((frames) => netmonsOf(frames).map((bytes) => ({ bytes, isOurs: true })));
  }

  get snoop(): Seed[] {
    return firstFrames().map((frames) => ({ bytes: snoopOf(frames), isOurs: true }));
  }

  get zstd(): Seed[] {
    const short = this.captures.filter(({ bytes, isOurs }) => isOurs && bytes.length < MAX_SAMPLE_BYTES / 4);
    return zstds(short.map(({ bytes }) => bytes)).map((bytes) => ({ bytes, isOurs: true }));
  }

  /** Single Ethernet frames: those of the captures, and of every protocol that is read. */
  get frames(): readonly Seed[] {
    this.#frames ??= [
      ...anyFrames(this.#seed, 600).map((bytes) => ({ bytes, isOurs: true })),
      ...samples.flatMap((sample) =>
        sample.scenario
          .build()
          .timeline()
          .slice(0, 400)
          .filter((_frame, index) => index % 5 === 0)
          .map(({ bytes }) => ({ bytes, isOurs: true })),
      ),
    ];
    return this.#frames;
  }

  #ours(): Seed[] {
    const made = samples.flatMap((sample) => {
      const bytes = buildSample(sample);
      // The whole one where it is short, and its beginning in another format: long inputs cost time.
      const short = encode(sample.scenario.build(), ENCODINGS.pcapng);
      return [bytes.length <= MAX_SAMPLE_BYTES ? bytes : firstOf(bytes, 64), firstOf(short, 48)];
    });
    const hostile = Object.values(HOSTILE_STRINGS).map((texts) =>
      firstOf(hostileCapture(texts.slice(0, 3)), 400),
    );
    return [...made, ...hostile, ...conversations(this.#seed, 200)].map((bytes) => ({ bytes, isOurs: true }));
  }
}

/** The beginnings of some samples. */
function firstFrames(): TimedFrame[][] {
  return samples
    .filter((_sample, index) => index % 4 === 0)
    .map(({ scenario }) => scenario.build().timeline().slice(0, 40));
}

/** The first records of a capture. */
function firstOf(bytes: Uint8Array, count: number): Uint8Array {
  const capture = toPieces(bytes);
  return capture === null ? bytes : fromPieces({ ...capture, pieces: capture.pieces.slice(0, count) });
}

/** In the order of their names, whatever the file system's is. */
function realCaptures(folder: string): Seed[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .toSorted()
    .map((name) => join(folder, name))
    .filter((file) => {
      const facts = statSync(file);
      return facts.isFile() && facts.size <= MAX_CORPUS_BYTES;
    })
    .map((file) => ({ bytes: new Uint8Array(readFileSync(file)), isOurs: false }));
}
