/** Frames of real captures, copied as evidence and read back by tshark: they are what tshark reads in the original. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CaptureError } from '../../src/capture/errors.ts';
import { InterfaceRegistry } from '../../src/capture/interfaces.ts';
import { openCapture } from '../../src/capture/open.ts';
import type { FrameCitation } from '../../src/engine/result.ts';
import { writeEvidence } from '../../src/evidence/evidence.ts';
import { drain, limitConcurrency, outputOf, readCatalog } from '../capture/corpus.ts';
import { MemorySink } from '../evidence/written.ts';
import { arePeersRequired, hasPeer } from '../peers.ts';
import { temporaryFolder } from '../temporary-folder.ts';

/** pcapng, where there is most to keep, and the precisions and variants of pcap. */
const rows = readCatalog().filter(
  ({ format, capinfosStatus }) => capinfosStatus === 0 && /^(?:pcapng|nsecpcap|modpcap)$/.test(format),
);
/** They fail where they are required and missing. */
const hasPeers = (rows.length > 0 && hasPeer('tshark')) || arePeersRequired;
const atMostTwo = limitConcurrency(2);
const folder = temporaryFolder();

/** Only the first frames of long captures: tshark's JSON is slow. */
const MAX_FRAMES = 300;

/** Every third of the first frames; with one frame around each, all of them. */
async function citationsOf(file: string): Promise<{ citations: FrameCitation[]; isTimed: boolean }> {
  const capture = await openCapture(file, { file: 0, interfaces: new InterfaceRegistry() });
  const citations: FrameCitation[] = [];
  let isTimed = true;
  await drain(capture, ({ number, hasTime, seconds, nanos, fileOffset, capturedLength }) => {
    if (number > MAX_FRAMES + 1) return;
    isTimed &&= hasTime;
    if (number % 3 !== 2 || number > MAX_FRAMES) return;
    citations.push({
      number,
      file: 0,
      time: hasTime ? { seconds, nanos, precision: 9 } : null,
      role: 'copy',
      summary: '',
      offsetBytes: fileOffset,
      capturedBytes: capturedLength,
    });
  });
  // Wireshark numbers blocks that are no packets, and does not carry fractions of a second and more.
  if (capture.oddities.size > 0 || capture.packets === 0) isTimed = false;
  return { citations, isTimed };
}

async function framesOf(file: string, filter: string): Promise<string[]> {
  const fields = ['time_epoch', 'len', 'cap_len', 'encap_type'].flatMap((name) => ['-e', `frame.${name}`]);
  const [shown, json] = await Promise.all([
    outputOf('tshark', ['-n', '-r', file, '-Y', filter, '-T', 'fields', ...fields]),
    outputOf('tshark', ['-n', '-r', file, '-Y', filter, '-T', 'jsonraw', '-j', 'frame']),
  ]);
  const bytes = [...json.matchAll(/"frame_raw": \[\s*"([0-9a-f]*)"/g)].map(([, hex = '']) => hex);
  return shown
    .split('\n')
    .slice(0, -1)
    .map((line, index) => `${line} ${bytes[index]}`);
}

describe.skipIf(!hasPeers)('evidence of real captures (needs the corpus and tshark)', () => {
  let compared = 0;

  it.concurrent.each(rows)('$path', ({ path, file }) =>
    atMostTwo(async () => {
      const { citations, isTimed } = await citationsOf(file).catch((error: unknown) => {
        if (error instanceof CaptureError) return { citations: [], isTimed: false };
        throw error;
      });
      const sink = new MemorySink();
      const parts = { article: 'Q1', title: 'copy', kind: 'fault', tier: 'strong', subject: path } as const;
      const findings = [{ ...parts, frames: citations }];
      const summary = await writeEvidence(sink, { inputs: [file], findings, context: 1 });
      expect(summary.missing).toEqual([]);
      const last = citations.at(-1)?.number;
      if (!isTimed || last === undefined) return;
      const evidence = join(folder, `${path.replaceAll('/', '_')}.pcapng`);
      writeFileSync(evidence, sink.bytes);
      const [written, original] = await Promise.all([
        framesOf(evidence, 'frame'),
        framesOf(file, `frame.number <= ${last + 1}`),
      ]);
      expect(written).toEqual(original);
      expect(written).toHaveLength(summary.frames);
      compared += written.length;
    }),
  );

  it('compared most of them', () => {
    expect(compared).toBeGreaterThan(2000);
  });
});
