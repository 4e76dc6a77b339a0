/** One target and its inputs: picks one, changes it, runs it, and keeps those that reached code that none before did. */
import { Random } from '../samples/craft/random.ts';
import type { Coverage } from './coverage.ts';
import type { Library } from './input/library.ts';
import type { Seed, Target } from './targets/target.ts';

/** Inputs that are kept beside the seeds, in number and bytes; beyond, a new one takes the place of another. */
const MAX_KEPT = 4000;
const MAX_KEPT_BYTES = 48 * 2 ** 20;
/** Share of inputs made of nothing, where a target has such. */
const FRESH_SHARE = 0.2;
/** Share of inputs that are made from kept ones, once there are any. */
const KEPT_SHARE = 0.5;

export interface CampaignOptions {
  readonly seed: number;
  readonly library: Library;
  /** Guides the choice of inputs; null for blind changes. */
  readonly coverage: Coverage | null;
  /** As many of the seeds are begun with, spread over all; all of them where absent. */
  readonly seedLimit?: number;
  /** Runs an input; resolves to false where it showed a fault. */
  readonly execute: (target: Target, input: Seed) => Promise<boolean> | boolean;
}

export class Campaign {
  readonly target: Target;
  executions = 0;
  keptBytes = 0;
  readonly #random: Random;
  readonly #options: CampaignOptions;
  readonly #kept: Seed[] = [];
  #seeds: readonly Seed[] = [];
  #seedsRun = 0;
  /** Inputs between two looks at what was reached: a look takes some milliseconds. */
  #batch = 64;

  constructor(target: Target, options: CampaignOptions) {
    this.target = target;
    this.#options = options;
    let seed = options.seed;
    for (const letter of target.name) seed = Math.imul(seed ^ letter.charCodeAt(0), 0x0100_0193);
    this.#random = new Random(seed);
  }

  get kept(): number {
    return this.#kept.length;
  }

  async prepare(): Promise<void> {
    const all = [...(await this.target.seeds(this.#options.library))];
    const step = Math.ceil(all.length / (this.#options.seedLimit ?? Infinity)) || 1;
    this.#seeds = all.filter((_seed, index) => index % step === 0);
    if (this.#seeds.length === 0) throw new RangeError(`${this.target.name} has no input to begin with`);
  }

  /** Runs at least one input, and no more than `count` or as long as `goesOn`. */
  async run(count: number, goesOn: () => boolean): Promise<void> {
    for (let left = count; left > 0; ) {
      const size = Math.min(left, this.#options.coverage === null ? 64 : this.#batch);
      await this.#runBatch(size, goesOn);
      left -= size;
      if (!goesOn()) return;
    }
  }

  async #runBatch(size: number, goesOn: () => boolean): Promise<void> {
    const { coverage } = this.#options;
    const inputs: Seed[] = [];
    const started = performance.now();
    for (let at = 0; at < size; at += 1) {
      const input = this.#next();
      const running = this.#execute(input);
      const isSound = running instanceof Promise ? await running : running;
      if (isSound && coverage !== null) inputs.push(input);
      // Long inputs of slow targets must not outstay the time.
      if ((at & 15) === 15 && !goesOn()) break;
    }
    if (coverage === null) return;
    const ran = performance.now();
    // Seeds are chosen from in any case.
    const isFirst = this.executions <= this.#seeds.length;
    const blocks = coverage.look(isFirst);
    const looked = performance.now();
    // Looking takes a tenth of the time or less.
    if (looked - ran > (ran - started) / 8) this.#batch = Math.min(1 << 15, this.#batch * 2);
    else if (looked - ran < (ran - started) / 32) this.#batch = Math.max(16, this.#batch >> 1);
    if (blocks > 0 && !isFirst) await this.#attribute(inputs, coverage);
  }

  /** Finds out which of the inputs reached new code, by running halves again. */
  async #attribute(inputs: readonly Seed[], coverage: Coverage): Promise<void> {
    const [only] = inputs;
    if (only === undefined) return;
    if (inputs.length === 1) {
      await this.target.run(only.bytes);
      if (coverage.look(true) > 0) this.#keep(only);
      return;
    }
    const middle = inputs.length >> 1;
    for (const half of [inputs.slice(0, middle), inputs.slice(middle)]) {
      for (const { bytes } of half) await this.target.run(bytes);
      if (coverage.look(false) > 0) await this.#attribute(half, coverage);
    }
  }

  #execute(input: Seed): Promise<boolean> | boolean {
    this.executions += 1;
    return this.#options.execute(this.target, input);
  }

  #next(): Seed {
    const { target } = this;
    const random = this.#random;
    // Every seed as it is first: what is wrong with those needs no changes.
    if (this.#seedsRun < this.#seeds.length) return this.#seeds[this.#seedsRun++] as Seed;
    if (target.fresh !== undefined && random.chance(FRESH_SHARE))
      return { bytes: target.fresh(random.integer(0, 2 ** 31 - 1)), isOurs: true };
    const base = this.#pick();
    const donor = this.#pick();
    return { bytes: target.change(base.bytes, random, donor.bytes), isOurs: base.isOurs && donor.isOurs };
  }

  #pick(): Seed {
    const random = this.#random;
    const isKept = this.#kept.length > 0 && random.chance(KEPT_SHARE);
    return random.pick(isKept ? this.#kept : this.#seeds);
  }

  #keep(input: Seed): void {
    this.keptBytes += input.bytes.length;
    this.#kept.push({ bytes: input.bytes.slice(), isOurs: input.isOurs });
    while (this.#kept.length > MAX_KEPT || this.keptBytes > MAX_KEPT_BYTES) {
      const [gone] = this.#kept.splice(this.#random.integer(0, this.#kept.length - 1), 1);
      this.keptBytes -= gone?.bytes.length ?? 0;
    }
  }
}
