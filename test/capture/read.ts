import type { Capture } from '../../src/capture/capture.ts';
import { InterfaceRegistry } from '../../src/capture/interfaces.ts';
import { openCapture } from '../../src/capture/open.ts';
import type { CaptureRecord } from '../../src/capture/record.ts';
import { drain } from './corpus.ts';

export interface ReadRecord {
  readonly number: number;
  readonly file: number;
  readonly interface: number;
  /** `seconds.nanoseconds`, or null without a time. */
  readonly time: string | null;
  readonly captured: number;
  readonly original: number;
  readonly fileOffset: number;
  readonly drops: number;
  readonly data: string;
}

export function copyOf(record: CaptureRecord): ReadRecord {
  const { view, offset, capturedLength } = record;
  return {
    number: record.number,
    file: record.file,
    interface: record.interface,
    time: record.hasTime ? `${record.seconds}.${String(record.nanos).padStart(9, '0')}` : null,
    captured: capturedLength,
    original: record.originalLength,
    fileOffset: record.fileOffset,
    drops: record.dropsBefore,
    data: Buffer.from(view.buffer as ArrayBuffer, view.byteOffset + offset, capturedLength).toString('hex'),
  };
}

export interface ReadCapture {
  readonly capture: Capture;
  readonly registry: InterfaceRegistry;
  readonly records: ReadRecord[];
}

/** Reads a whole capture from memory. */
export async function readBytes(bytes: Uint8Array, pieceBytes?: number): Promise<ReadCapture> {
  const registry = new InterfaceRegistry();
  const input = { bytes, path: 'memory', ...(pieceBytes === undefined ? {} : { pieceBytes }) };
  const capture = await openCapture(input, { file: 0, interfaces: registry });
  const records: ReadRecord[] = [];
  await drain(capture, (record) => records.push(copyOf(record)));
  capture.close();
  return { capture, registry, records };
}
