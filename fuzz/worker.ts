/** The thread that fuzzes: target after target in short turns, or one input again. It may hang or die; somebody watches. */
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { parentPort, workerData } from 'node:worker_threads';
import { Campaign } from './campaign.ts';
import { Coverage } from './coverage.ts';
import { type Find, signatureOf } from './finds.ts';
import { Library } from './input/library.ts';
import { minimise } from './minimise.ts';
import { SharedState } from './shared-state.ts';
import { TARGETS } from './targets/index.ts';
import { PLANTED } from './targets/planted.ts';
import type { Seed, Target } from './targets/target.ts';

export interface FuzzOrder {
  readonly mode: 'fuzz';
  readonly targets: readonly string[];
  readonly seed: number;
  /** Per target; Infinity for as long as the time lasts. */
  readonly runs: number;
  /** Of all targets together. */
  readonly seconds: number;
  readonly isGuided: boolean;
  readonly measuresCoverage: boolean;
  readonly corpus: string | null;
  readonly bundle: string;
  /** Faults that are known already: `target|signature`. */
  readonly known: readonly string[];
  readonly state: SharedArrayBuffer;
}

/** One input, to see whether it goes well. */
export interface ReplayOrder {
  readonly mode: 'replay';
  readonly target: string;
  readonly bytes: Uint8Array;
}

export type Order = FuzzOrder | ReplayOrder;

export interface TurnReport {
  readonly type: 'turn';
  readonly target: string;
  readonly executions: number;
  /** Of the processor, so that other programs do not count. */
  readonly seconds: number;
  /** Heap and buffers outside of it, in bytes. */
  readonly peakBytes: number;
  readonly kept: number;
}

export type Message =
  | TurnReport
  | ({ readonly type: 'find' } & Find)
  | { readonly type: 'coverage'; readonly characters: number; readonly all: number }
  /** A replay is loaded and begins. */
  | { readonly type: 'ready' }
  | { readonly type: 'done' };

/** Of a target with a share of 1, in time of the processor: collecting between turns takes some of it, too. */
const MAX_TURN_SECONDS = 5;
const MINIMISING_SECONDS = 10;
/** What a target may hold on to, all turns together, beside the inputs that are kept. */
const MAX_GROWTH_BYTES = 64 * 2 ** 20;

export const ALL_TARGETS: readonly Target[] = [...TARGETS, ...PLANTED];

function targetOf(name: string): Target {
  const target = ALL_TARGETS.find((candidate) => candidate.name === name);
  if (target === undefined) throw new RangeError(`there is no target ${name}`);
  return target;
}

function heldBytes(): number {
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

class Worker {
  readonly #order: FuzzOrder;
  readonly #state: SharedState;
  readonly #known: Set<string>;
  readonly #collect: () => void;
  readonly #growth = new Map<Campaign, number>();
  #peakBytes = 0;
  /** Bytes held when the last turn was over. */
  #held = 0;

  constructor(order: FuzzOrder) {
    this.#order = order;
    this.#state = new SharedState(order.state);
    this.#known = new Set(order.known);
    setFlagsFromString('--expose-gc');
    this.#collect = runInNewContext('gc') as () => void;
  }

  /** First what is not guided by coverage: while that is taken, all code is several times as slow. */
  async run(): Promise<void> {
    const { targets, seconds, seed, corpus, bundle, isGuided, measuresCoverage } = this.#order;
    const library = new Library(seed, corpus);
    const all = targets.map(targetOf);
    const isFirst = (target: Target): boolean => !measuresCoverage && !(isGuided && target.isGuided);
    const shareOf = (some: readonly Target[]): number => some.reduce((sum, { share }) => sum + share, 0);
    const started = performance.now();
    const first = all.filter(isFirst);
    const rest = all.filter((target) => !isFirst(target));
    await this.#runAll(first, library, null, started + (seconds * 1000 * shareOf(first)) / shareOf(all));
    if (rest.length > 0) {
      const coverage = new Coverage(bundle, import.meta.url);
      await this.#runAll(rest, library, coverage, started + seconds * 1000);
      post({ type: 'coverage', ...coverage.reached });
      coverage.close();
    }
    post({ type: 'done' });
  }

  async #runAll(
    targets: readonly Target[],
    library: Library,
    coverage: Coverage | null,
    end: number,
  ): Promise<void> {
    const { runs, seed, isGuided } = this.#order;
    const campaigns: Campaign[] = [];
    for (const target of targets) {
      const campaign = new Campaign(target, {
        seed,
        library,
        coverage: isGuided && target.isGuided ? coverage : null,
        execute: (of, input) => this.#execute(of, input),
      });
      await campaign.prepare();
      campaigns.push(campaign);
    }
    this.#held = await this.#settledBytes();
    const shares = targets.reduce((sum, { share }) => sum + share, 0);
    const turnSeconds = Math.min(MAX_TURN_SECONDS, (end - performance.now()) / 3000 / shares);
    for (let open = campaigns; open.length > 0 && performance.now() < end; ) {
      for (const campaign of open) {
        await this.#turn(campaign, runs, turnSeconds * campaign.target.share, end);
        coverage?.look(true);
        if (performance.now() >= end) break;
      }
      open = open.filter((campaign) => campaign.executions < runs);
    }
  }

  /** Until `runs` are done, for `turnSeconds` of the processor, and not beyond `end`. */
  async #turn(campaign: Campaign, runs: number, turnSeconds: number, end: number): Promise<void> {
    const { target } = campaign;
    const before = campaign.executions;
    const keptBefore = campaign.keptBytes;
    const started = process.cpuUsage();
    const used = (): number => {
      const { user, system } = process.cpuUsage(started);
      return (user + system) / 1e6;
    };
    let lastLook = performance.now();
    this.#peakBytes = 0;
    const left = Math.min(runs - before, 2 ** 31);
    await campaign.run(left, () => {
      const now = performance.now();
      if (now - lastLook > 50) {
        lastLook = now;
        this.#peakBytes = Math.max(this.#peakBytes, heldBytes());
      }
      return now < end && used() < turnSeconds;
    });
    const seconds = used();
    this.#peakBytes = Math.max(this.#peakBytes, heldBytes());
    const held = await this.#settledBytes();
    this.#checkGrowth(campaign, held - this.#held - (campaign.keptBytes - keptBefore));
    this.#held = held;
    const executions = campaign.executions - before;
    post({
      type: 'turn',
      target: target.name,
      executions,
      seconds,
      peakBytes: this.#peakBytes,
      kept: campaign.kept,
    });
  }

  /** What is held once everything is collected: the bytes of buffers are given back behind the collection, in another thread. */
  async #settledBytes(): Promise<number> {
    for (let round = 0; round < 3; round += 1) {
      this.#collect();
      await sleep(5);
    }
    return heldBytes();
  }

  /** What is held after a turn and was not before it, over all turns of a target: caches fill once, a leak goes on. */
  #checkGrowth(campaign: Campaign, bytes: number): void {
    const grown = (this.#growth.get(campaign) ?? 0) + bytes;
    this.#growth.set(campaign, grown);
    if (grown < MAX_GROWTH_BYTES) return;
    const { bytes: input, isOurs } = this.#state.input;
    const message = `holds ${Math.round(grown / 2 ** 20)} MB more than at first`;
    this.#tell({
      target: campaign.target.name,
      kind: 'growth',
      signature: 'memory grows',
      message,
      input,
      isOurs,
    });
  }

  #tell(find: Find): void {
    const key = `${find.target}|${find.signature}`;
    if (this.#known.has(key)) return;
    this.#known.add(key);
    post({ type: 'find', ...find });
  }

  #execute(target: Target, input: Seed): Promise<boolean> | boolean {
    this.#state.begin(ALL_TARGETS.indexOf(target), input.bytes, input.isOurs);
    try {
      const running = target.run(input.bytes);
      if (running === undefined) {
        this.#state.end();
        return true;
      }
      return this.#settle(running, target, input);
    } catch (error) {
      return this.#fault(target, input, error);
    }
  }

  async #settle(running: Promise<void>, target: Target, input: Seed): Promise<boolean> {
    try {
      await running;
      this.#state.end();
      return true;
    } catch (error) {
      return this.#fault(target, input, error);
    }
  }

  async #fault(target: Target, { bytes, isOurs }: Seed, error: unknown): Promise<false> {
    const signature = signatureOf(error);
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
    if (!this.#known.has(`${target.name}|${signature}`)) {
      const shows = async (candidate: Uint8Array): Promise<boolean> => {
        this.#state.begin(ALL_TARGETS.indexOf(target), candidate, isOurs);
        try {
          await target.run(candidate);
          return false;
        } catch (other) {
          return signatureOf(other) === signature;
        }
      };
      const input = await minimise(bytes.slice(), shows, MINIMISING_SECONDS);
      this.#tell({ target: target.name, kind: 'throw', signature, message, input, isOurs });
    }
    this.#state.end();
    return false;
  }
}

function post(message: Message): void {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, no window
  parentPort?.postMessage(message);
}

/** Called in the thread. */
export async function work(): Promise<void> {
  // A promise that nothing will settle must not end the thread as if it were done.
  parentPort?.on('message', () => {});
  const order = workerData as Order;
  if (order.mode === 'fuzz') await new Worker(order).run();
  else {
    const target = targetOf(order.target);
    post({ type: 'ready' });
    await target.run(order.bytes);
    post({ type: 'done' });
  }
  parentPort?.removeAllListeners('message');
  parentPort?.unref();
}
