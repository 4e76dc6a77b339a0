/** Starts the thread that fuzzes and watches it: what hangs is ended, what dies is started anew, and the input is kept. */
import { Worker } from 'node:worker_threads';
import type { Find, FindKind } from './finds.ts';
import { minimise } from './minimise.ts';
import { SharedState } from './shared-state.ts';
import { Stopwatch } from './stopwatch.ts';
import { ALL_TARGETS, type FuzzOrder, type Message, type ReplayOrder, type TurnReport } from './worker.ts';

export interface SupervisorOptions extends Omit<FuzzOrder, 'mode' | 'known' | 'state'> {
  /** An input that runs longer is a find. */
  readonly hangSeconds: number;
  /** Of the thread; one that needs more is a find. */
  readonly heapMegabytes: number;
  /** Of the processor, for making an input that hangs or dies smaller. */
  readonly minimisingSeconds: number;
  /** Of the whole process. */
  readonly residentMegabytes: number;
  readonly onTurn: (turn: TurnReport) => void;
  readonly onFind: (find: Find) => void;
}

export interface Outcome {
  readonly peakResidentBytes: number;
  /** Characters of the product's code that were reached, where that was asked for. */
  readonly coverage: { readonly characters: number; readonly all: number } | null;
}

const LOOK_MILLIS = 50;
/** Nothing hangs in the modules themselves. */
const LOADING_SECONDS = 60;
type Ending =
  | { readonly kind: 'done' }
  | { readonly kind: 'hang' | 'memory' }
  | { readonly kind: 'throw'; readonly error: unknown };

export async function supervise(options: SupervisorOptions): Promise<Outcome> {
  const started = performance.now();
  const known = new Set<string>();
  let coverage: Outcome['coverage'] = null;
  let peakResidentBytes = 0;
  for (let restarts = 0; ; restarts += 1) {
    const state = new SharedState();
    const seconds = options.seconds - (performance.now() - started) / 1000;
    if (seconds <= 0) break;
    const { onTurn: _onTurn, onFind: _onFind, ...facts } = options;
    const order: FuzzOrder = {
      ...facts,
      mode: 'fuzz',
      known: [...known],
      state: state.buffer,
      // Another way than the one that ended.
      seed: options.seed + restarts * 7919,
      seconds,
    };
    const ending = await watch(options, order, state, {
      onMessage: (message) => {
        if (message.type === 'turn') options.onTurn(message);
        else if (message.type === 'coverage') coverage = message;
        else if (message.type === 'find') {
          known.add(`${message.target}|${message.signature}`);
          options.onFind(message);
        }
      },
      onResident: (bytes) => {
        peakResidentBytes = Math.max(peakResidentBytes, bytes);
      },
    });
    if (ending.kind === 'done') break;
    const find = await findOf(ending, state, options);
    known.add(`${find.target}|${find.signature}`);
    options.onFind(find);
    // Counted runs are not begun again; a time is used to its end.
    if (options.seconds === Infinity) break;
  }
  return { peakResidentBytes, coverage };
}

interface Watcher {
  readonly onMessage: (message: Message) => void;
  readonly onResident: (bytes: number) => void;
}

function watch(
  options: SupervisorOptions,
  order: FuzzOrder,
  state: SharedState,
  { onMessage, onResident }: Watcher,
): Promise<Ending> {
  const worker = startWorker(options, order);
  return new Promise((resolve) => {
    let last: number | null = null;
    let stopwatch = new Stopwatch();
    const finish = (ending: Ending): void => {
      clearInterval(timer);
      void worker.terminate().then(() => resolve(ending));
    };
    const timer = setInterval(() => {
      const resident = process.memoryUsage.rss();
      onResident(resident);
      const { running } = state;
      if (running === null || running !== last) {
        last = running;
        stopwatch = new Stopwatch();
      } else if (stopwatch.isOver(options.hangSeconds)) finish({ kind: 'hang' });
      if (resident > options.residentMegabytes * 2 ** 20) finish({ kind: 'memory' });
    }, LOOK_MILLIS);
    worker.on('message', (message: Message) => {
      if (message.type === 'done') finish({ kind: 'done' });
      else onMessage(message);
    });
    worker.on('error', (error: NodeJS.ErrnoException) => {
      finish(error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? { kind: 'memory' } : { kind: 'throw', error });
    });
  });
}

function startWorker({ bundle, heapMegabytes }: SupervisorOptions, order: FuzzOrder | ReplayOrder): Worker {
  return new Worker(new URL(`file://${bundle}`), {
    workerData: order,
    resourceLimits: { maxOldGenerationSizeMb: heapMegabytes },
    // Reports that a thread writes itself before it dies are not for the reader of the table.
    stderr: true,
  });
}

async function findOf(ending: Ending, state: SharedState, options: SupervisorOptions): Promise<Find> {
  const { target: index, bytes, isOurs } = state.input;
  const target = ALL_TARGETS[index]?.name ?? 'unknown';
  if (ending.kind === 'throw') {
    const { error } = ending;
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    const [signature = ''] = text.split('\n');
    return {
      target,
      kind: 'throw',
      signature: `outside of its run: ${signature}`,
      message: text,
      input: bytes,
      isOurs,
    };
  }
  const kind: FindKind = ending.kind === 'hang' ? 'hang' : 'memory';
  const input = await minimise(
    bytes,
    async (candidate) => (await replay(target, candidate, options)) === kind,
    options.minimisingSeconds,
  );
  const message = kind === 'hang' ? `runs for more than ${options.hangSeconds} s` : 'runs out of memory';
  return { target, kind, signature: message, message, input, isOurs };
}

/** What becomes of an input in a thread of its own. */
function replay(target: string, bytes: Uint8Array, options: SupervisorOptions): Promise<FindKind | null> {
  const worker = startWorker(options, { mode: 'replay', target, bytes });
  return new Promise((resolve) => {
    const finish = (kind: FindKind | null): void => {
      clearInterval(timer);
      void worker.terminate().then(() => resolve(kind));
    };
    let stopwatch = new Stopwatch();
    let limit = LOADING_SECONDS;
    const timer = setInterval(() => {
      if (stopwatch.isOver(limit)) finish('hang');
    }, LOOK_MILLIS);
    worker.on('message', ({ type }: Message) => {
      if (type !== 'ready') {
        finish(null);
        return;
      }
      // Loading took its time, and the input begins now.
      stopwatch = new Stopwatch();
      limit = options.hangSeconds;
    });
    worker.on('error', (error: NodeJS.ErrnoException) => {
      finish(error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? 'memory' : 'throw');
    });
  });
}
