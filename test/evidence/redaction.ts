/** Redactions in memory, and what two reports must have in common. */
import { toReport } from '../../src/report/model.ts';
import type { Report } from '../../src/report/schema.ts';
import { rules } from '../../rules/index.ts';
import { analyze } from '../../src/engine/analyze.ts';
import { redactCapture, type RedactionResult } from '../../src/evidence/redaction/capture.ts';
import { Mapping, type MappingOptions } from '../../src/evidence/redaction/mapping.ts';

/** A key of the tests' own, so that what they see is the same every time. */
export const KEY = Uint8Array.from({ length: 32 }, (_, at) => (at * 151 + 7) & 0xff);
export const TOOL = { name: 'kbdiag', version: '0.0.0' };

export function mappingOf(options: MappingOptions = {}, key: Uint8Array = KEY): Mapping {
  return new Mapping(key, options);
}

/** The redacted file, and what was said of it. */
export async function redactBytes(
  bytes: Uint8Array,
  mapping: Mapping,
): Promise<RedactionResult & { readonly bytes: Buffer }> {
  const pieces: Buffer[] = [];
  const sink = { write: (piece: Uint8Array): void => void pieces.push(Buffer.from(piece)) };
  const result = await redactCapture({ bytes, path: 'memory' }, sink, { mapping, tool: TOOL });
  return { ...result, bytes: Buffer.concat(pieces) };
}

export async function reportOn(bytes: Uint8Array, path: string): Promise<Report> {
  return toReport(await analyze([{ bytes, path }], { rules }), rules);
}

function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** A list in a sentence, in an order of its own: rules list addresses by their size. */
function sortLists(text: string): string {
  return text.replaceAll(/[\d.:a-f]+(?:(?:, | and |, and )[\d.:a-f]+)+/g, (list) =>
    list
      .split(/, and |, | and /)
      .toSorted()
      .join(', '),
  );
}

const MAX_SHARE = 0.02;
/** Standard deviations of a count of rare events. */
const MAX_DEVIATIONS = 4;

const byShare = (count: number): number => MAX_SHARE * count;
const byChance = (count: number): number => MAX_DEVIATIONS * Math.sqrt(count);
/** Up to a tenth lose their place to another packet, each by chance: three standard deviations of that. */
const ofCopies = (count: number): number => Math.max(byShare(count), Math.sqrt(count));

/**
 * Counted in tables of fixed size by a hash of the addresses, so that other addresses share other places, and by how much a count may
 * differ: those of subjects do in crowds alone, those of displaced entries as chance has it.
 */
const ESTIMATES: ReadonlyMap<string, (count: number) => number> = new Map([
  ['copies', ofCopies],
  ['floodedSyns', byShare],
  ['clusterSyns', byShare],
  ['subjects', byShare],
  ['oneDirection', byShare],
  ['attempts', byChance],
  ['evictedSyns', byChance],
]);

interface Estimate {
  readonly name: string;
  readonly count: number;
  /** By how much the count of another report may differ. */
  readonly tolerance: number;
}

/** Every estimate in a report, in the order in which they stand. */
export function estimatesIn(value: unknown): Estimate[] {
  if (value === null || typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([name, item]): Estimate[] => {
    if (typeof item !== 'number') return estimatesIn(item);
    const tolerance = ESTIMATES.get(name);
    return tolerance === undefined ? [] : [{ name, count: item, tolerance: tolerance(item) }];
  });
}

/** A sentence without the numbers that are estimates: those of crowds, and of SYNs that had no place. */
function withoutEstimates(reason: string): string {
  return reason.replaceAll(
    /\d{1,3}(?:,\d{3})+|\d+(?= SYNs? (?:that newer|of a flood|to a cluster))/g,
    'many',
  );
}

function normalise(value: unknown, field: string): unknown {
  if (typeof value === 'string')
    return field === 'reason' ? withoutEstimates(sortLists(value)) : sortLists(value);
  if (Array.isArray(value)) {
    const items: unknown[] = value.map((item) => normalise(item, field));
    // One series an address, as rules list addresses.
    if (field === 'series')
      return items.toSorted((a, b) => compareText(JSON.stringify(a), JSON.stringify(b)));
    return field === 'hosts' || field === 'macs' || field === 'related'
      ? items.map(String).toSorted(compareText)
      : items;
  }
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      // Where a packet stands in its file is the file's.
      .filter(([name]) => name !== 'offsetBytes' && !ESTIMATES.has(name))
      .map(([name, item]) => [name, normalise(item, name)]),
  );
}

/** What a report says of the network: everything but the file, and the order of addresses. */
export function essenceOf(report: Report): unknown {
  const { captures, health, verdicts, findings, summary } = report;
  const files = captures.map(({ packets, linkTypes, firstTime, lastTime, durationSeconds }) => ({
    ...{ packets, linkTypes, firstTime, lastTime, durationSeconds },
  }));
  const sorted = findings.toSorted((a, b) => compareText(a.key, b.key));
  return normalise({ files, health, verdicts, findings: sorted, summary }, '');
}
