/** Captures on disk, what cites frames of them, and the evidence that is cut from them. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { InterfaceRegistry } from '../../src/capture/interfaces.ts';
import { openCapture } from '../../src/capture/open.ts';
import type { FrameCitation } from '../../src/engine/result.ts';
import { type EvidenceOptions, type EvidenceSummary, writeEvidence } from '../../src/evidence/evidence.ts';
import type { EvidenceFinding } from '../../src/evidence/selection.ts';
import { payload } from '../capture/build.ts';
import { drain } from '../capture/corpus.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { MemorySink, readBack, type Written } from './written.ts';

export const folder = temporaryFolder();

export function save(name: string, bytes: Uint8Array): string {
  writeFileSync(join(folder, name), bytes);
  return join(folder, name);
}

/** `count` packets, one a second from `start` on. */
export function packets(count: number, start = 1000) {
  return Array.from({ length: count }, (_, index) => ({
    seconds: start + index,
    fraction: index,
    data: payload(20 + index, index),
  }));
}

/** Cites frames as an analysis of the file does. */
export async function citationsOf(
  path: string,
  numbers: readonly number[],
  file = 0,
): Promise<FrameCitation[]> {
  const capture = await openCapture(path, { file, interfaces: new InterfaceRegistry() });
  const citations: FrameCitation[] = [];
  await drain(capture, ({ number, seconds, nanos, fileOffset, capturedLength }) => {
    if (!numbers.includes(number)) return;
    const time = { seconds, nanos, precision: 9 };
    const role = `part ${number}`;
    citations.push({
      number,
      file,
      time,
      role,
      summary: '',
      offsetBytes: fileOffset,
      capturedBytes: capturedLength,
    });
  });
  expect(citations).toHaveLength(numbers.length);
  return citations;
}

export function finding(
  frames: readonly FrameCitation[],
  changes: Partial<EvidenceFinding> = {},
): EvidenceFinding {
  return {
    article: 'Q151387',
    title: 'Address used past its lease',
    kind: 'fault',
    tier: 'definitive',
    subject: '10.0.0.5',
    ...changes,
    frames,
  };
}

export async function cut(
  options: Partial<EvidenceOptions> & Pick<EvidenceOptions, 'inputs' | 'findings'>,
): Promise<Written & { readonly bytes: Uint8Array; readonly summary: EvidenceSummary }> {
  const sink = new MemorySink();
  const summary = await writeEvidence(sink, { context: 0, ...options });
  return { ...(await readBack(sink.bytes)), bytes: sink.bytes, summary };
}

export const commentsOf = ({ frames }: Written): string[] =>
  frames.map(({ origin }) => origin.comments.join('\n'));
export const dataOf = ({ frames }: Written): string[] => frames.map(({ record }) => record.data);
export const originals = (list: ReadonlyArray<{ readonly data: Uint8Array }>): string[] =>
  list.map(({ data }) => Buffer.from(data).toString('hex'));
