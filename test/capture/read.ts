import type { Capture } from '../../src/capture/capture.ts';
import { CaptureError } from '../../src/capture/errors.ts';
import { InterfaceRegistry } from '../../src/capture/interfaces.ts';
import { type CaptureInput, openCapture } from '../../src/capture/open.ts';
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

export async function readCapture(input: CaptureInput, stdin?: NodeJS.ReadableStream): Promise<ReadCapture> {
  const registry = new InterfaceRegistry();
  const options = { file: 0, interfaces: registry, ...(stdin === undefined ? {} : { stdin }) };
  const capture = await openCapture(input, options);
  const records: ReadRecord[] = [];
  await drain(capture, (record) => records.push(copyOf(record)));
  capture.close();
  // Once more does no harm.
  capture.close();
  return { capture, registry, records };
}

export function readBytes(bytes: Uint8Array, pieceBytes?: number): Promise<ReadCapture> {
  return readCapture({ bytes, path: 'memory', ...(pieceBytes === undefined ? {} : { pieceBytes }) });
}

/** What `reading` is refused with. Fails where it is not, or with something else. */
export async function refusalOf(reading: Promise<unknown>): Promise<CaptureError> {
  const error: unknown = await reading.catch((thrown: unknown) => thrown);
  if (!(error instanceof CaptureError)) throw new Error(`no CaptureError but ${String(error)}`);
  return error;
}
