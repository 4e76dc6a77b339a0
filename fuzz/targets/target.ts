/** What is fuzzed: something that takes any bytes, and what must be true of it whatever they are. */
import type { Random } from '../../samples/craft/random.ts';
import type { Library } from '../input/library.ts';

/** An input, and whether it may be kept in the repository: what comes from a real capture may not. */
export interface Seed {
  readonly bytes: Uint8Array;
  readonly isOurs: boolean;
}

export interface Target {
  /** Kebab case: part of file names. */
  readonly name: string;
  /** Of the files in which its finds are kept. */
  readonly extension: string;
  /** False where changes reach all there is at once, and looking at what was reached only costs time. */
  readonly isGuided: boolean;
  /** Its part of the time, where several targets are run; 1 is usual. */
  readonly share: number;
  /** Inputs to begin with. */
  seeds(library: Library): Iterable<Seed> | Promise<Iterable<Seed>>;
  /** An input made of nothing but a seed, for targets that have such. */
  fresh?(seed: number): Uint8Array;
  /** An input made from another one; `donor` is a second one. */
  change(bytes: Uint8Array, random: Random, donor: Uint8Array): Uint8Array;
  /** Throws where something is not as it must be. */
  run(bytes: Uint8Array): void | Promise<void>;
}

/** Something is not as it must be: the message says what, without numbers that differ from input to input. */
export class Broken extends Error {
  override readonly name = 'Broken';
}

/** Throws `Broken` unless it holds. */
export function must(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Broken(what);
}

/** FNV-1a of an input: what a target varies beside its bytes goes by it, so that a file is all that a find needs. */
export function hashOf(bytes: Uint8Array): number {
  let hash = 0x811c_9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x0100_0193);
  return hash >>> 0;
}
