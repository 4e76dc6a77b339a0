/**
 * The index of a scan, `kbdiag-index/1`: the one source of its types and of schema/index.schema.json.
 *
 * Fields may be added within version 1, so readers should ignore the ones they do not know. Nothing in it depends on when or how
 * fast a scan ran: the same captures give the same bytes, however often the scan was interrupted.
 */
import * as z from 'zod/mini';

const describe = <Schema extends z.ZodMiniType>(schema: Schema, text: string): Schema =>
  schema.check(z.describe(text));

const count = z.int().check(z.nonnegative());
const time = z.nullable(z.string());

const verdict = z.enum(['found', 'suspected', 'clear', 'inconclusive', 'not-applicable']);

const healthSchema = z.object({
  dropFraction: z.number(),
  clockEpochs: count,
  duplicates: count,
  truncatedPackets: count,
  malformedPackets: count,
});

/** A row of the index; entries of a journal have one, too. */
export const rowSchema = z.object({
  path: describe(z.string(), 'What `kbdiag analyze` would be given; of a ring, its first file.'),
  files: describe(z.array(z.string()), 'All files of the row: more than one only with --join.'),
  apart: describe(
    z.optional(z.string()),
    'Why a file that is named as a piece of a ring has a row of its own with --join; left out elsewhere.',
  ),
  status: describe(
    z.enum(['ok', 'damaged', 'unreadable', 'failed']),
    '`damaged`: the report covers what was readable. `unreadable`: no capture, or none that can be read. `failed`: the analysis itself ended early.',
  ),
  reason: describe(z.nullable(z.string()), 'Why it is not `ok`.'),
  code: describe(
    z.nullable(z.string()),
    'The reason as a word: the code of a damage or failure in a report, `unlisted` of a folder or target that cannot be entered, `error` or `worker` of what failed. `not-a-capture` and `empty` are no fault of a scan.',
  ),
  report: describe(
    z.nullable(z.string()),
    'The report in the first format that was asked for, below the output folder; null where there is none.',
  ),
  reports: describe(z.record(z.string(), z.string()), 'By format.'),
  verdicts: describe(z.record(z.string(), verdict), 'By article.'),
  findings: z.object({ critical: count, error: count, warning: count, info: count }),
  notices: count,
  packets: count,
  bytes: count,
  durationSeconds: describe(z.nullable(z.number()), 'From the first packet to the last.'),
  firstTime: time,
  lastTime: time,
  health: z.nullable(healthSchema),
});

const placeSchema = z.object({
  path: z.string(),
  time: describe(time, 'When it was first seen there; null where that is not known.'),
});

const sharedSchema = z.object({
  kind: describe(z.enum(['mac', 'address', 'name', 'lease']), 'What was seen in several captures.'),
  value: z.string(),
  captures: describe(z.array(placeSchema), 'At most 100, by path.'),
  count: describe(count, 'Captures in all.'),
});

const recurringSchema = z.object({
  article: z.string(),
  title: z.string(),
  severity: z.enum(['critical', 'error', 'warning', 'info']),
  firstSeen: time,
  lastSeen: time,
  hosts: describe(z.array(z.string()), 'At most 100.'),
  captures: describe(z.array(z.string()), 'Paths, at most 100.'),
  findings: count,
  count: describe(count, 'Captures in all.'),
});

export const indexSchema = z.object({
  schema: z.literal('kbdiag-index/1'),
  tool: z.object({ name: z.string(), version: z.string() }),
  options: describe(
    z.record(z.string(), z.union([z.string(), z.number(), z.array(z.string())])),
    'Those of the analysis that differ from their defaults.',
  ),
  complete: describe(
    z.boolean(),
    'False while captures are missing: the scan was interrupted, or shares of it are missing.',
  ),
  summary: z.object({
    captures: count,
    ok: count,
    damaged: count,
    unreadable: count,
    failed: count,
    packets: count,
    bytes: count,
    findings: z.object({ critical: count, error: count, warning: count, info: count }),
  }),
  captures: describe(z.array(rowSchema), 'Sorted by path.'),
  faults: describe(
    z.array(recurringSchema),
    'Each article that was found, over all captures; sorted by article and severity.',
  ),
  shared: describe(
    z.array(sharedSchema),
    'What only several captures show, the most frequent first; at most 1,000.',
  ),
});

export type ScanIndex = z.infer<typeof indexSchema>;
export type IndexRow = z.infer<typeof rowSchema>;
export type SharedThing = z.infer<typeof sharedSchema>;
export type RecurringFault = z.infer<typeof recurringSchema>;

/** What schema/index.schema.json holds. */
export function indexJsonSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(indexSchema, { io: 'input' }) as Record<string, unknown>;
  const { $schema, ...rest } = schema;
  return { $schema, title: 'kbdiag index', description: 'The index of a scan, version 1.', ...rest };
}
