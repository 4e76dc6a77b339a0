/** What was written, in memory, and read back with our own reader. */
import { InterfaceRegistry } from '../../src/capture/interfaces.ts';
import { openCapture } from '../../src/capture/open.ts';
import type { InterfaceDescription, RecordOrigin } from '../../src/capture/origin.ts';
import type { ByteSink } from '../../src/evidence/pcapng-writer.ts';
import { drain } from '../capture/corpus.ts';
import { copyOf, type ReadRecord } from '../capture/read.ts';
import { arePeersRequired, hasPeer } from '../peers.ts';

/** Whether tests against tshark run: they fail where it is required and missing. */
export const hasPeers = hasPeer('tshark') || arePeersRequired;

/** Keeps all bytes, and the sizes in which they came. */
export class MemorySink implements ByteSink {
  readonly sizes: number[] = [];
  readonly #parts: Uint8Array[] = [];

  write(bytes: Uint8Array): void {
    this.sizes.push(bytes.length);
    this.#parts.push(bytes.slice());
  }

  get bytes(): Uint8Array {
    return new Uint8Array(Buffer.concat(this.#parts));
  }
}

export interface Written {
  readonly frames: ReadonlyArray<{ readonly record: ReadRecord; readonly origin: RecordOrigin }>;
  /** Those that frames name, in the order of their first frame. */
  readonly interfaces: readonly InterfaceDescription[];
  readonly oversized: number;
}

/** Reads a capture to its end; throws where it is damaged or odd. */
export async function readBack(input: string | Uint8Array): Promise<Written> {
  const capture = await openCapture(typeof input === 'string' ? input : { bytes: input, path: 'written' }, {
    file: 0,
    interfaces: new InterfaceRegistry(),
    keepsOrigin: true,
  });
  const frames: Array<{ record: ReadRecord; origin: RecordOrigin }> = [];
  const interfaces = new Set<InterfaceDescription>();
  await drain(capture, (record) => {
    const origin = capture.originOf(record);
    interfaces.add(origin.interface);
    frames.push({ record: copyOf(record), origin });
  });
  if (capture.damage !== null) throw new Error(capture.damage.message);
  if (capture.oddities.size > 0) throw new Error([...capture.oddities.keys()].join(', '));
  return { frames, interfaces: [...interfaces], oversized: capture.oversized };
}
