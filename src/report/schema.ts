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
  examined: z.optional(
    describe(
      z.object({ packets: count, firstTime: isoTime, lastTime: isoTime }),
      'What of it lies in the period asked for; only with --from or --to. All else here is of the whole capture.',
    ),
  ),
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
  findingsIgnored: z.optional(
    describe(count, 'Findings that --ignore keeps out of this report; only with it.'),
  ),
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
  known: z.optional(describe(z.boolean(), 'True if the baseline has the same key; only with --baseline.')),
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
        'Pairs of seconds since the whole second of the first packet examined and value, at most 512.',
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

const evidenceSchema = z.object({
  path: describe(z.string(), 'The capture to open, exactly as the user gave it.'),
  context: describe(count, 'Frames written before and after each cited one, at most.'),
  frames: describe(count, 'Frames in it.'),
  citedFrames: describe(count, 'Those of them that findings cite.'),
  missingFrames: describe(
    count,
    'Cited frames that are not in it, because their capture was changed after it was read.',
  ),
});

export const reportSchema = z.object({
  schema: z.literal('kbdiag-report/1'),
  tool: z.object({ name: z.string(), version: z.string() }),
  interrupted: describe(z.boolean(), 'True if the analysis was stopped before the end of the input.'),
  options: describe(
    z.record(z.string(), z.union([z.string(), z.number(), z.array(z.string())])),
    'Those that differ from their defaults; a list where one can be given several times.',
  ),
  summary: describe(
    z.object({
      critical: count,
      error: count,
      warning: count,
      info: count,
      notices: count,
      known: z.optional(describe(count, 'Of the faults, those that the baseline has; only with --baseline.')),
    }),
    'Faults by severity, those counted in another finding left aside.',
  ),
  baseline: z.optional(
    describe(
      z.object({
        known: count,
        new: count,
        absent: describe(count, 'Findings of the baseline that are not in this report.'),
      }),
      'Findings, notices too, beside those of an earlier report; only with --baseline.',
    ),
  ),
  period: z.optional(
    describe(
      z.object({ from: isoTime, to: isoTime }),
      'The only time that was examined, both ends included, null for no end; only with --from or --to.',
    ),
  ),
  captures: z.array(captureSchema),
  failures: describe(z.array(failureSchema), 'Inputs that could not be read at all.'),
  health: healthSchema,
  verdicts: describe(z.array(verdictSchema), 'One per enabled rule, sorted by article.'),
  findings: z.array(findingSchema),
  evidence: z.optional(
    describe(evidenceSchema, 'The capture of the cited frames with their comments; only with --evidence.'),
  ),
  timings: z.optional(
    describe(z.record(z.string(), z.number()), 'Milliseconds per stage; only with --timings.'),
  ),
});

/** The lists of a report, each entry of which is a line of its own in NDJSON. */
const LISTS = { captures: true, failures: true, health: true, verdicts: true, findings: true } as const;

/** One line of the NDJSON report: a part of a report, and which one it is. */
export const reportLineSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('report'), ...z.omit(reportSchema, LISTS).shape }),
  z.object({ type: z.literal('capture'), ...captureSchema.shape }),
  z.object({ type: z.literal('failure'), ...failureSchema.shape }),
  z.object({ type: z.literal('health'), ...healthSchema.shape }),
  z.object({ type: z.literal('verdict'), ...verdictSchema.shape }),
  z.object({ type: z.literal('finding'), ...findingSchema.shape }),
]);

/** One analysis, in words. */
export type Report = z.infer<typeof reportSchema>;
export type ReportCapture = z.infer<typeof captureSchema>;
export type ReportFailure = z.infer<typeof failureSchema>;
export type ReportHealth = z.infer<typeof healthSchema>;
export type ReportVerdict = z.infer<typeof verdictSchema>;
export type ReportFinding = z.infer<typeof findingSchema>;
export type ReportEvidence = z.infer<typeof evidenceSchema>;
export type ReportFrame = z.infer<typeof frameSchema>;
export type ReportLine = z.infer<typeof reportLineSchema>;

/** What schema/report.schema.json holds. Unknown fields are allowed, as later minor versions add some. */
export function reportJsonSchema(): Record<string, unknown> {
  return jsonSchemaOf(reportSchema, 'kbdiag report', 'The JSON report of kbdiag, version 1.');
}

/** What schema/report-line.schema.json holds. */
export function reportLineJsonSchema(): Record<string, unknown> {
  return jsonSchemaOf(
    reportLineSchema,
    'kbdiag report line',
    'A line of the NDJSON report of kbdiag, version 1.',
  );
}

function jsonSchemaOf(schema: z.ZodMiniType, title: string, description: string): Record<string, unknown> {
  const { $schema, ...rest } = z.toJSONSchema(schema, { io: 'input' }) as Record<string, unknown>;
  return { $schema, title, description, ...rest };
}
