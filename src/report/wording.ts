/** The words for what the engine counts by name. Rules bring their own messages; these are the shared ones. */
import type { CaptureHealth, Severity, Tier, Verdict } from '../engine/result.ts';
import type { ReportEvidence } from './schema.ts';
import { formatCount, formatDuration, formatPercent, formatPlural } from './units.ts';

/** Why a subject could not be judged (rules 0.1 and the rules' own), to be read after a count. */
const UNDECIDED: Readonly<Record<string, string>> = {
  answerNotVisible: 'whose answer the capture does not show',
  announcementNotVisible: 'whose announcement the capture does not show',
  blindTap: 'because the capture point does not see renewals',
  callsUpAtStart: 'because calls were up when the capture began',
  captureGap: 'because the capture pauses where the proof would be',
  clockStep: 'because the recording clock steps inside the time in question',
  cut: 'because the deciding bytes lie behind the snap length',
  drops: 'because the capture lost packets',
  endOfCapture: 'because the capture ends too early',
  evicted: 'because its state was dropped to bound memory',
  expiryNotReached: 'whose lease does not expire inside the capture',
  malformed: 'because the deciding packets are malformed',
  multiPoint: 'because several taps recorded the same packets',
  noTime: 'because the packets carry no time',
  notOnLink: 'not seen on this link itself',
  notVisible: 'because the capture does not show what would decide',
  oneDirection: 'because only one direction was captured',
  renewalsNotVisible: 'used past expiry while renewals cannot be seen from here',
  tooFew: 'because too few packets were seen',
  tooShort: 'because it was observed too briefly',
  withoutTime: 'because the packets carry no time',
};

/** What was not examined, to be read after a count. */
const NOT_EXAMINED: Readonly<Record<string, string>> = {
  ipv6: 'IPv6',
  tunnelled: 'inside a tunnel',
  foreignTunnels: 'inside a tunnel that carries no PPP',
  evictedConnections: 'of connections that newer ones displaced',
  evictedSyns: 'SYNs that newer ones displaced',
  floodedSyns: 'SYNs of a flood or a rush',
  clusterSyns: 'SYNs to a cluster that newer ones displaced',
  linkType: 'of a link type that is not decoded',
  truncated: 'cut by the snap length',
  withoutTime: 'without a time',
  oversized: 'longer than 256 KiB',
};

/** What is counted with them, and was no packet: what tables had no room for. */
const EVICTED = ['evicted', 'evictedCalls'] as const;

/** What was odd in a capture file but readable (src/capture). */
const ODDITIES: Readonly<Record<string, string>> = {
  'time-fraction': 'a fraction of a second of a second or more, carried over',
  'captured-above-original': 'more bytes captured than the packet had',
  'original-length': 'a packet length of 2 GiB or more',
  'reserved-link-type-bits': 'reserved bits set in the link-type word',
  'unknown-interface': 'a packet of an interface that is not described, left out',
  'unknown-statistics-interface': 'statistics of an interface that is not described',
  'block-length-mismatch': 'a block with two different lengths',
  'block-length-unaligned': 'a block length that is no multiple of 4',
  'options-unread': 'options that do not fit their block',
  'minor-version': 'an unknown minor version of pcapng',
  'time-range': 'a time beyond what can be represented, taken as absent',
  'local-time':
    'times are local ones of the capturing machine, whose zone the format does not keep (name it with --tz)',
  'local-time-in-zone':
    'times are local ones of the capturing machine, whose zone the format does not keep; read in the zone of --tz',
  'start-time': 'a start of capturing that is no date, so that times count from 1970',
  'metadata-record': 'a record that Network Monitor made beside the packets, left out',
};

/** An oddity in words; one that has none is shown by its name. */
export function oddityWords(oddity: string): string {
  return (Object.hasOwn(ODDITIES, oddity) ? ODDITIES[oddity] : undefined) ?? oddity;
}

/** `someNewReason` -> `some new reason`: a name nobody worded yet is still readable. */
export function spellOut(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

function listCounts(
  counts: Readonly<Record<string, number>>,
  words: Readonly<Record<string, string>>,
): string {
  return Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(
      ([name, count]) => `${formatCount(count)} ${Object.hasOwn(words, name) ? words[name] : spellOut(name)}`,
    )
    .join('; ');
}

/** `Not judged: 2 whose lease does not expire inside the capture.`, or nothing. */
export function undecidedSentence(undecided: Readonly<Record<string, number>>): string {
  const list = listCounts(undecided, UNDECIDED);
  return list === '' ? '' : `Not judged: ${list}.`;
}

/** `Packets not examined that could have held one: 12 IPv6.`, or nothing. */
export function notExaminedSentence(notExamined: Readonly<Record<string, number>>): string {
  const packets = Object.entries(notExamined).filter(
    ([name]) => !EVICTED.some((evicted) => evicted === name),
  );
  const list = listCounts(Object.fromEntries(packets), NOT_EXAMINED);
  return list === '' ? '' : `Packets not examined that could have held one: ${list}.`;
}

/** `The tables were full: what was dropped, 12 times, could have shown the fault.`, or nothing. */
export function tablesFullSentence(notExamined: Readonly<Record<string, number>>): string {
  const count = EVICTED.reduce((sum, name) => sum + (notExamined[name] ?? 0), 0);
  if (count === 0) return '';
  const times = formatPlural(count, 'time', 'times');
  return `The tables were full: what was dropped, ${times}, could have shown the fault.`;
}

/** `Packets not examined: 12 IPv6.`, or nothing. */
export function unexaminedSentence(notExamined: CaptureHealth['notExamined']): string {
  const list = listCounts({ ...notExamined }, NOT_EXAMINED);
  return list === '' ? '' : `Packets not examined: ${list}.`;
}

export const VERDICT_WORDS: Readonly<Record<Verdict, string>> = {
  found: 'found',
  suspected: 'suspected',
  clear: 'clear',
  inconclusive: 'inconclusive',
  'not-applicable': 'not applicable',
};

/** `10.0.0.5`, `10.0.0.5 or 10.0.0.6`: the hosts a report is limited to, as they were given. */
export function hostWords(hosts: readonly string[]): string {
  return hosts.join(' or ');
}

/** The reason of a verdict that is about some hosts alone; the rules' own sentences count everybody. */
export function hostVerdictSentence(
  verdict: Verdict,
  hosts: readonly string[],
  { judged, findings }: { readonly judged: number; readonly findings: number },
): string {
  const names = hostWords(hosts);
  switch (verdict) {
    case 'found':
      return `${formatPlural(findings, 'finding names', 'findings name')} ${names}.`;
    case 'suspected':
      return `${formatPlural(findings, 'finding names', 'findings name')} ${names}, none of them sure.`;
    case 'clear':
      return `${formatPlural(judged, 'subject', 'subjects')} with ${names} judged, none with this fault.`;
    case 'inconclusive':
      return `Nothing that concerns ${names} could be judged.`;
    case 'not-applicable':
      return `Nothing that this rule judges concerns ${names}.`;
  }
}

export const TIER_WORDS: Readonly<Record<Tier, string>> = {
  definitive: 'definitive: the frames leave no other reading',
  strong: 'strong: other readings are unlikely',
  suggestive: 'suggestive: worth a look, no proof',
};

/** From the gravest to the mildest. */
export const SEVERITIES: readonly Severity[] = ['critical', 'error', 'warning', 'info'];
/** From the surest to the weakest. */
export const TIERS: readonly Tier[] = ['definitive', 'strong', 'suggestive'];

/** Gaps shorter than this are part of a living capture (`capture.aliveGapMaxSeconds`). */
const NOTABLE_GAP_SECONDS = 30;
const GAPS_SHOWN = 3;

/** A line for everything in a capture that weakens what it can prove; empty for a sound one. */
export function healthSentences(
  health: Omit<CaptureHealth, 'gaps'> & { gaps: ReadonlyArray<HealthGap> },
): string[] {
  const lines: string[] = [];
  const { drops, multiPoint, notExamined } = health;
  if (drops.packets > 0) {
    const where = drops.located > 0 ? `, ${formatCount(drops.located)} of them at a known place` : '';
    lines.push(
      `The capture lost ${formatPlural(drops.packets, 'packet', 'packets')} (${formatPercent(drops.fraction)})${where}.`,
    );
  }
  if (drops.ackedUnseen > 0) {
    lines.push(
      `${formatPlural(drops.ackedUnseen, 'acknowledgement', 'acknowledgements')} of data that was never recorded: packets are missing.`,
    );
  }
  if (health.clockEpochs > 0) {
    lines.push(
      `The recording clock steps ${health.clockEpochs === 1 ? 'once' : `${formatCount(health.clockEpochs)} times`}; no time span crosses a step.`,
    );
  }
  if (multiPoint.copies > 0) {
    const offset = multiPoint.offsetMillis === null ? '' : `, ${multiPoint.offsetMillis} ms apart`;
    lines.push(
      `${formatPlural(multiPoint.copies, 'packet was', 'packets were')} recorded by a second tap as well${offset}; the copies do not count.`,
    );
  }
  if (health.duplicates > 0) {
    lines.push(
      `${formatPlural(health.duplicates, 'duplicate record counts', 'duplicate records count')} once.`,
    );
  }
  if (health.oneSidedConnections > 0) {
    lines.push(
      `${formatPlural(health.oneSidedConnections, 'connection shows', 'connections show')} only one direction.`,
    );
  }
  if (health.truncatedPackets > 0) {
    lines.push(
      `${formatPlural(health.truncatedPackets, 'packet is', 'packets are')} cut by the snap length.`,
    );
  }
  if (health.malformedPackets > 0) {
    lines.push(`${formatPlural(health.malformedPackets, 'packet is', 'packets are')} malformed.`);
  }
  if (health.withoutTime > 0)
    lines.push(`${formatPlural(health.withoutTime, 'packet carries', 'packets carry')} no time.`);
  const evictions = listCounts(health.evictions, {});
  if (evictions !== '') lines.push(`State dropped to bound memory: ${evictions}.`);
  // Cut packets and packets without a time have their own lines above.
  const unexamined = unexaminedSentence({ ...notExamined, truncated: 0, withoutTime: 0 });
  if (unexamined !== '') lines.push(unexamined);
  const gaps = health.gaps.filter((gap) => gap.seconds > NOTABLE_GAP_SECONDS);
  for (const gap of gaps.slice(0, GAPS_SHOWN)) {
    lines.push(
      `No packet for ${formatDuration(gap.seconds)} on ${gap.domain}${gap.from === null ? '' : ` from ${gap.from}`}.`,
    );
  }
  if (gaps.length > GAPS_SHOWN)
    lines.push(`${formatPlural(gaps.length - GAPS_SHOWN, 'more gap', 'more gaps')} of that kind.`);
  return lines;
}

/** What is in an evidence capture. */
export function evidenceSentence({ frames, citedFrames, missingFrames }: ReportEvidence): string {
  if (frames === 0) return 'There is no frame in it, as no finding cites one.';
  const around = frames - citedFrames;
  const cited = `${formatPlural(citedFrames, 'cited frame', 'cited frames')}${around === 0 ? '' : ` and ${formatCount(around)} around ${citedFrames === 1 ? 'it' : 'them'}`}`;
  const missing =
    missingFrames === 0
      ? ''
      : ` ${formatPlural(missingFrames, 'cited frame is', 'cited frames are')} missing, as the capture was changed after it was read.`;
  return `${cited}; the comment of each says what it proves and its original number.${missing}`;
}

/** A gap with its beginning in words already. */
export interface HealthGap {
  readonly domain: string;
  readonly from: string | null;
  readonly seconds: number;
}
