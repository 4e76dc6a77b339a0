/**
 * What a line of a journal must be to count. It was written by a scan, but a disk that is full, a crash or an editor may have had it
 * since: a line that is JSON and no entry is as damaged as one that is none.
 */
import * as z from 'zod/mini';
import { rowSchema } from './index-schema.ts';
import type { EndMark, JournalEntry, RunMark } from './journal.ts';

const text = z.nullable(z.string());
const severity = z.enum(['critical', 'error', 'warning', 'info']);

/** The longest part of an entry, and of one shape: a loop takes a tenth of the time of a schema. */
const sightings = z.custom<ReadonlyArray<readonly [value: string, firstSeen: string | null]>>(
  (value) => Array.isArray(value) && value.every(isSighting),
);

function isSighting(value: unknown): boolean {
  if (!Array.isArray(value) || value.length !== 2) return false;
  const [name, firstSeen] = value as unknown[];
  return typeof name === 'string' && (firstSeen === null || typeof firstSeen === 'string');
}

const entrySchema = z.object({
  files: z.array(
    z.object({ path: z.string(), bytes: z.number(), mtimeMillis: z.number(), fingerprint: z.string() }),
  ),
  row: rowSchema,
  faults: z.array(
    z.object({
      article: z.string(),
      title: z.string(),
      severity,
      firstSeen: text,
      lastSeen: text,
      hosts: z.array(z.string()),
      findings: z.number(),
    }),
  ),
  worst: z.nullable(severity),
  inventory: z.object({ mac: sightings, address: sightings, name: sightings, lease: sightings }),
  elapsedMillis: z.number(),
});

/** As --shard takes them. Those that are missing are listed, so that a count may not be any number. */
const shardNumber = z.int().check(z.gte(1), z.lte(999_999));

const runSchema = z.object({
  run: z.object({
    command: z.enum(['scan', 'merge']),
    shards: z.array(z.object({ index: shardNumber, count: shardNumber })),
  }),
});

const endSchema = z.object({ end: z.object({ complete: z.boolean() }) });

const lineSchema = z.union([entrySchema, runSchema, endSchema]);

/** The entry or mark, or null where the value is none. */
export function toLine(value: unknown): JournalEntry | RunMark | EndMark | null {
  const result = lineSchema.safeParse(value);
  return result.success ? result.data : null;
}
