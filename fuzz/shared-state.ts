/** What the thread that fuzzes and the one that watches it share: how far it is, and the input that it runs. */
import { MAX_INPUT_BYTES } from './input/havoc.ts';

const WORDS = 8;
const EXECUTIONS = 0;
const IS_RUNNING = 1;
const TARGET = 2;
const LENGTH = 3;
const IS_OURS = 4;
/** Seeds may be longer than what changes make of them. */
const INPUT_BYTES = 4 * MAX_INPUT_BYTES;

export class SharedState {
  readonly buffer: SharedArrayBuffer;
  readonly #words: Int32Array;
  readonly #input: Uint8Array;

  constructor(buffer = new SharedArrayBuffer(WORDS * 4 + INPUT_BYTES)) {
    this.buffer = buffer;
    this.#words = new Int32Array(buffer, 0, WORDS);
    this.#input = new Uint8Array(buffer, WORDS * 4);
  }

  begin(target: number, input: Uint8Array, isOurs: boolean): void {
    const words = this.#words;
    const length = Math.min(input.length, this.#input.length);
    this.#input.set(length === input.length ? input : input.subarray(0, length));
    words[TARGET] = target;
    words[LENGTH] = length;
    words[IS_OURS] = isOurs ? 1 : 0;
    words[EXECUTIONS] = ((words[EXECUTIONS] as number) + 1) | 0;
    Atomics.store(words, IS_RUNNING, 1);
  }

  end(): void {
    Atomics.store(this.#words, IS_RUNNING, 0);
  }

  /** Changes with every input; null between two of them. */
  get running(): number | null {
    return Atomics.load(this.#words, IS_RUNNING) === 1 ? (this.#words[EXECUTIONS] as number) : null;
  }

  /** The input that runs, or ran last. */
  get input(): { readonly target: number; readonly bytes: Uint8Array; readonly isOurs: boolean } {
    const words = this.#words;
    return {
      target: words[TARGET] as number,
      bytes: Uint8Array.from(this.#input.subarray(0, words[LENGTH])),
      isOurs: words[IS_OURS] === 1,
    };
  }
}
