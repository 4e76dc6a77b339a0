/** One rule at work: its context, its findings by identity, and the verdict they come to. */
import type { About, HostFilter } from './host-filter.ts';
import { type CaptureLimits, settleTier } from './proof-limits.ts';
import {
  CONFIDENCE,
  type CaptureTime,
  type Finding,
  type FrameCitation,
  type MessageData,
  type RuleVerdict,
  type Tier,
  type Verdict,
} from './result.ts';
import type { FindingReport, NotExamined, Rule, RuleContext, RuleHandlers } from './rule.ts';
import { type OptionValues, resolveOptions } from './options.ts';
import { ADDRESS_OPTIONS, CAPTURE_OPTIONS } from './shared-options.ts';
import { PointRoom, sinceFirstPacket } from './series.ts';
import type { Trackers } from './trackers.ts';

/** Frames cited in one finding, and findings kept of one rule (DESIGN 4). */
const MAX_FRAMES = 24;
const LAST_FRAMES = 4;
const MAX_FINDINGS = 1000;
/** Points of all findings of a rule: enough for the first pictures in full; later findings keep the gist. */
const MAX_RULE_POINTS = 32_768;

export class RuleRun implements RuleContext {
  readonly rule: Rule;
  readonly options: OptionValues<Rule['meta']['options']>;
  readonly capture: OptionValues<typeof CAPTURE_OPTIONS>;
  readonly address: OptionValues<typeof ADDRESS_OPTIONS>;
  readonly trackers: Trackers;
  readonly handlers: RuleHandlers;
  readonly findings: Finding[] = [];
  readonly #hosts: HostFilter | null;
  #limits: CaptureLimits | null = null;
  /** The whole seconds from which trackers count, and where in its second the first packet stands. */
  #base = Number.NaN;
  #firstSeconds = 0;
  readonly #room = new PointRoom(MAX_RULE_POINTS);
  #judged = 0;
  #leftOut = 0;
  readonly #undecided = new Map<string, number>();
  #data: MessageData = {};
  readonly #tiers = new Set<Tier>();
  readonly #wanted = new Map<string, readonly string[]>();

  constructor(
    rule: Rule,
    overrides: Readonly<Record<string, number>>,
    trackers: Trackers,
    hosts: HostFilter | null = null,
  ) {
    this.rule = rule;
    this.#hosts = hosts;
    this.trackers = trackers;
    this.options = resolveOptions(rule.meta.article.id, rule.meta.options, overrides);
    this.capture = resolveOptions('capture', CAPTURE_OPTIONS, overrides);
    this.address = resolveOptions('address', ADDRESS_OPTIONS, overrides);
    this.handlers = rule.create(this);
  }

  judged(about?: About): void {
    if (this.#hosts === null || this.#hosts.concerns(about)) this.#judged += 1;
  }

  undecided(reason: string, about?: About): void {
    if (this.#hosts === null || this.#hosts.concerns(about))
      this.#undecided.set(reason, (this.#undecided.get(reason) ?? 0) + 1);
  }

  tell(data: MessageData): void {
    this.#data = { ...this.#data, ...data };
  }

  report(finding: FindingReport): Tier | null {
    if (this.#limits === null)
      throw new Error('findings are reported in end(), when the limits of the capture are known');
    const domain = this.trackers.domains.list[finding.domain];
    if (domain === undefined) throw new Error(`no domain ${finding.domain}`);
    const settled = settleTier(finding.candidates, domain, this.#limits);
    if (settled === null || settled.tier === null) return null;
    const { candidate, tier } = settled;
    if (this.#hosts !== null && !this.#hosts.isNamedIn(finding)) return tier;
    const { meta } = this.rule;
    if (finding.kind === 'fault') this.#tiers.add(tier);
    const key = [
      meta.article.id,
      domain.name,
      finding.subject,
      ...(finding.subkey ? [finding.subkey] : []),
    ].join('|');
    const frames = orderFrames(finding.frames);
    const qualified = candidate.qualifier === undefined ? undefined : meta.qualifiers?.[candidate.qualifier];
    const made: Finding = {
      article: meta.article.id,
      kind: finding.kind,
      tier,
      confidence: CONFIDENCE[tier],
      // A qualifier names the severity of the tier it was given for; a lowered tier has its own.
      severity: qualified !== undefined && tier === candidate.tier ? qualified.severity : meta.severity[tier],
      key,
      domain: domain.name,
      subject: finding.subject,
      hosts: finding.hosts,
      macs: finding.macs,
      frames,
      firstSeen: frames[0]?.time ?? null,
      lastSeen: frames.at(-1)?.time ?? null,
      count: finding.count,
      summary: candidate.summary,
      why: finding.why,
      whatToDo: finding.whatToDo,
      caveats: finding.caveats,
      refutations: finding.refutations ?? meta.refutations,
      data: finding.data,
      facts: sortByName(finding.facts),
      series: this.#room.fit(finding.series.map((line) => sinceFirstPacket(line, this.#firstSeconds))),
      related: [],
      countsIn: null,
    };
    this.#keep(made, finding.countsIn ?? []);
    return tier;
  }

  secondsOf(time: CaptureTime): number {
    // Trackers that pack their citations keep 32 bits of the seconds.
    return ((time.seconds - this.#base) | 0) + time.nanos * 1e-9;
  }

  /**
   * Ends the rule: candidates become findings under the limits of the whole capture. Trackers count time from the whole second
   * `base`, and the first packet came `firstSeconds` later.
   */
  end(limits: CaptureLimits, base: number, firstSeconds: number): void {
    this.#limits = limits;
    this.#base = base;
    this.#firstSeconds = firstSeconds;
    this.handlers.end?.();
  }

  /** The finding of this rule that another one counts in, by article. */
  countsInOf(finding: Finding): readonly string[] {
    return this.#wanted.get(finding.key) ?? [];
  }

  verdict(notExamined: Readonly<Record<NotExamined, number>>): RuleVerdict {
    const { meta } = this.rule;
    const hidden: Partial<Record<NotExamined, number>> = {};
    for (const kind of meta.couldHide) if (notExamined[kind] > 0) hidden[kind] = notExamined[kind];
    const undecided = Object.fromEntries([...this.#undecided].toSorted(([a], [b]) => (a < b ? -1 : 1)));
    const undecidedCount = [...this.#undecided.values()].reduce((sum, count) => sum + count, 0);
    const subjects = this.#judged + undecidedCount;
    return {
      article: meta.article.id,
      verdict: this.#judge(subjects, Object.keys(hidden).length > 0),
      observed: { subjects, judged: this.#judged, undecided },
      data: this.#data,
      notExamined: hidden,
      findingsLeftOut: this.#leftOut,
    };
  }

  #judge(subjects: number, isHidden: boolean): Verdict {
    if (this.#tiers.has('definitive') || this.#tiers.has('strong')) return 'found';
    if (this.#tiers.has('suggestive')) return 'suspected';
    if (this.#judged > 0) return 'clear';
    return subjects > 0 || isHidden ? 'inconclusive' : 'not-applicable';
  }

  /** One finding per key: the higher tier stays, evidence and count merge. */
  #keep(made: Finding, countsIn: readonly string[]): void {
    const at = this.findings.findIndex((known) => known.key === made.key);
    if (at >= 0) {
      const known = this.findings[at] as Finding;
      const [better, other] = CONFIDENCE[made.tier] > CONFIDENCE[known.tier] ? [made, known] : [known, made];
      const frames = orderFrames([...better.frames, ...other.frames]);
      this.findings[at] = {
        ...better,
        frames,
        firstSeen: frames[0]?.time ?? null,
        lastSeen: frames.at(-1)?.time ?? null,
        count: better.count + other.count,
      };
      return;
    }
    if (this.findings.length >= MAX_FINDINGS) {
      this.#leftOut += 1;
      return;
    }
    this.#wanted.set(made.key, countsIn);
    this.findings.push(made);
  }
}

/** Capture order, each frame once, the first ones and the last few of too many. */
function orderFrames(frames: readonly FrameCitation[]): FrameCitation[] {
  const sorted = frames.toSorted(
    (a, b) => compareTimes(a.time, b.time) || a.file - b.file || a.number - b.number,
  );
  const single = sorted.filter(
    (frame, at) =>
      sorted.findIndex((first) => first.file === frame.file && first.number === frame.number) === at,
  );
  if (single.length <= MAX_FRAMES) return single;
  return [...single.slice(0, MAX_FRAMES - LAST_FRAMES), ...single.slice(-LAST_FRAMES)];
}

function compareTimes(a: CaptureTime | null, b: CaptureTime | null): number {
  if (a === null || b === null) return 0;
  return a.seconds - b.seconds || a.nanos - b.nanos;
}

function sortByName(data: MessageData): MessageData {
  return Object.fromEntries(Object.entries(data).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
