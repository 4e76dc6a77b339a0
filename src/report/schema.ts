/**
 * The report contract, `kbdiag-report/1`: the one source of its types, of its validation and of
 * schema/report.schema.json. Nothing on the way of an analysis loads this module; it is types there.
 *
 * Fields may be added within version 1, so readers should ignore the ones they do not know.
 */
import * as z from 'zod/mini';

const describe = <Schema extends z.ZodMiniType>(schema: Schema, text: string): Schema =>
  schema.check(z.describe(text));

const count = z.int().check(z.nonnegative());
const isoTime = z.nullable(z.string());
const scalar = z.nullable(z.union([z.string(), z.number(), z.boolean()]));
const countByName = z.record(z.string(), count);

const severity = z.enum(['critical', 'error', 'warning', 'info']);
const tier = z.enum(['definitive', 'strong', 'suggestive']);
const verdict = z.enum(['found', 'suspected', 'clear', 'inconclusive', 'not-applicable']);

const captureSchema = z.object({
  path: describe(z.string(), 'Exactly what the user gave; `-` for standard input.'),
  format: z.string(),
  compression: z.nullable(z.string()),
  bytes: describe(count, 'Size on disk, or bytes read from a pipe.'),
  packets: count,
  linkTypes: describe(
    z.array(z.string()),
    'LINKTYPE names in order of appearance; a number where there is no name.',
  ),
  firstTime: describe(
    isoTime,
    'ISO 8601 with the decimals of the capture, truncated; null where it has no time.',
  ),
  lastTime: isoTime,
  durationSeconds: describe(
    z.nullable(z.number()),
    'From the first packet to the last; negative if the clock was set back.',
  ),
  timeZone: describe(
    z.enum(['UTC', 'unknown']),
    '`unknown` where the format keeps no zone; such times have no `Z`.',
  ),
  damaged: describe(
    z.nullable(z.object({ code: z.string(), offset: count, message: z.string() })),
    'Where the capture stops being readable; everything before `offset` (in the decompressed stream) is covered.',
  ),
  oddities: describe(countByName, 'What was odd but readable.'),
  comments: count,
  sha256: z.optional(describe(z.string(), 'Of the file as it is on disk; only with --hash.')),
});

const failureSchema = z.object({
  path: z.string(),
  code: z.string(),
  message: z.string(),
  hint: z.string(),
  offset: z.nullable(count),
});

const healthSchema = z.object({
  drops: z.object({
    packets: count,
    fraction: z.number(),
    located: describe(count, 'Losses whose place in the capture is known.'),
    ackedUnseen: describe(count, 'Acknowledgements of data that was never recorded.'),
  }),
  clockEpochs: describe(count, 'Beginnings of new clock epochs; 0 on a steady clock.'),
  duplicates: count,
  multiPoint: z.object({ copies: count, offsetMillis: z.nullable(z.number()) }),
  withoutTime: count,
  oneSidedConnections: count,
  truncatedPackets: count,
  malformedPackets: count,
  evictions: countByName,
  notExamined: z.object({
    ipv6: count,
    tunnelled: count,
    linkType: count,
    truncated: count,
    withoutTime: count,
    oversized: count,
  }),
  gaps: describe(
    z.array(z.object({ domain: z.string(), from: isoTime, seconds: z.number() })),
    'The longest stretches without packets, per layer-2 domain.',
  ),
});

const verdictSchema = z.object({
  article: z.string(),
  title: z.string(),
  verdict,
  reason: z.string(),
  observed: z.object({
    subjects: count,
    judged: count,
    undecided: describe(countByName, 'Subjects that could not be judged, by reason.'),
  }),
  notExamined: describe(
    countByName,
    'Packets that were not examined and could have held a subject of this rule.',
  ),
  findingsLeftOut: describe(count, 'Findings beyond the 1,000 that are kept.'),
  findingsBelowMinTier: describe(count, 'Findings that --min-tier keeps out of this report.'),
});

const frameSchema = z.object({
  number: describe(z.int().check(z.positive()), '1-based in its file, as in Wireshark.'),
  file: z.string(),
  time: isoTime,
  role: z.string(),
  summary: z.string(),
  offsetBytes: describe(count, 'Of the first byte of the packet, in the decompressed stream.'),
  capturedBytes: count,
});

const findingSchema = z.object({
  article: z.string(),
  title: z.string(),
  kind: describe(z.enum(['fault', 'notice']), 'A notice moves neither verdict nor exit code.'),
  tier,
  confidence: describe(z.number(), 'Fixed per tier: 0.97, 0.85, 0.55.'),
  severity,
  key: describe(z.string(), 'Identity across reports: article, layer-2 domain, subject.'),
  domain: z.string(),
  subject: z.string(),
  hosts: z.array(z.string()),
  macs: z.array(z.string()),
  frames: describe(z.array(frameSchema), 'In capture order, at most 24.'),
  firstSeen: isoTime,
  lastSeen: isoTime,
  count: describe(count, 'Events the finding stands on, cited or not.'),
  summary: z.string(),
  why: z.string(),
  whatToDo: z.string(),
  facts: z.record(z.string(), scalar),
  series: z.array(
    z.object({
      name: describe(z.string(), 'What happened; pictures are chosen by it.'),
      unit: describe(
        z.string(),
        '`event`: 1 at each moment. `on/off`: 1 where a state begins, 0 where it ends; without an end it lasts. `sequence number`: 0 to 2^32 - 1.',
      ),
      of: z.optional(describe(z.string(), 'Whom it happened to: an address, a MAC address, a host.')),
      points: describe(
        z.array(z.array(z.number())),
        'Pairs of seconds since the first packet and value, at most 512.',
      ),
    }),
  ),
  caveats: z.array(z.string()),
  refutations: describe(z.array(z.string()), 'What would prove the finding wrong.'),
  related: describe(z.array(z.string()), 'Keys of findings on the same host in the same domain.'),
  countsIn: describe(
    z.nullable(z.string()),
    'Key of the finding this one is counted in, so that one fault counts once.',
  ),
  displayFilter: describe(z.string(), 'Selects the cited frames of the first cited file in Wireshark.'),
  displayFilters: describe(
    z.array(z.object({ file: z.string(), displayFilter: z.string() })),
    'The same for every cited file.',
  ),
});

export const reportSchema = z.object({
  schema: z.literal('kbdiag-report/1'),
  tool: z.object({ name: z.string(), version: z.string() }),
  interrupted: describe(z.boolean(), 'True if the analysis was stopped before the end of the input.'),
  options: describe(
    z.record(z.string(), z.union([z.string(), z.number()])),
    'Those that differ from their defaults.',
  ),
  summary: describe(
    z.object({ critical: count, error: count, warning: count, info: count, notices: count }),
    'Faults by severity, those counted in another finding left aside.',
  ),
  captures: z.array(captureSchema),
  failures: describe(z.array(failureSchema), 'Inputs that could not be read at all.'),
  health: healthSchema,
  verdicts: describe(z.array(verdictSchema), 'One per enabled rule, sorted by article.'),
  findings: z.array(findingSchema),
  timings: z.optional(
    describe(z.record(z.string(), z.number()), 'Milliseconds per stage; only with --timings.'),
  ),
});

/** One analysis, in words. */
export type Report = z.infer<typeof reportSchema>;
export type ReportCapture = z.infer<typeof captureSchema>;
export type ReportFailure = z.infer<typeof failureSchema>;
export type ReportHealth = z.infer<typeof healthSchema>;
export type ReportVerdict = z.infer<typeof verdictSchema>;
export type ReportFinding = z.infer<typeof findingSchema>;
export type ReportFrame = z.infer<typeof frameSchema>;

/** What schema/report.schema.json holds. Unknown fields are allowed, as later minor versions add some. */
export function reportJsonSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(reportSchema, { io: 'input' }) as Record<string, unknown>;
  const { $schema, ...rest } = schema;
  return { $schema, title: 'kbdiag report', description: 'The JSON report of kbdiag, version 1.', ...rest };
}
