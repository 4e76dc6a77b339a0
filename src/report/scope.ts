/**
 * How far a report reaches, in words: the period, the hosts, what was ignored, what was known. Every format that people read says
 * the same. The sentences hold options as they were given, so the output escapes them.
 */
import type { Report } from './schema.ts';
import { formatCount, formatPlural } from './units.ts';
import { hostWords, SEVERITIES } from './wording.ts';

/** Values of a list that are named in a line; the command that reproduces the report has them all. */
const MAX_NAMED_VALUES = 3;

/** `minTier=strong, host=10.0.0.5`; empty where everything is as by default. */
export function optionWords(report: Pick<Report, 'options'>): string {
  return Object.entries(report.options)
    .map(([name, value]) => {
      if (!Array.isArray(value)) return `${name}=${value}`;
      const isShort = value.length <= MAX_NAMED_VALUES;
      return `${name}=${isShort ? value.join(' and ') : formatPlural(value.length, 'value', 'values')}`;
    })
    .join(', ');
}

/** The hosts that the report is limited to; empty where it is not. */
export function hostsOf(report: Report): string {
  const hosts = report.options['host'];
  return Array.isArray(hosts) ? hostWords(hosts) : '';
}

/** Findings left out on request. */
export function ignoredIn(report: Report): number {
  return report.verdicts.reduce((sum, { findingsIgnored = 0 }) => sum + findingsIgnored, 0);
}

/** What of the captures the report is about, where that is not all. */
export function partSentences(report: Report): string[] {
  const sentences: string[] = [];
  if (report.period !== undefined) {
    const packets = report.captures.reduce((sum, capture) => sum + capture.packets, 0);
    const examined = report.captures.reduce((sum, capture) => sum + (capture.examined?.packets ?? 0), 0);
    const { from, to } = report.period;
    const span = `${from === null ? '' : ` from ${from}`}${to === null ? '' : ` to ${to}`}`;
    sentences.push(
      examined === 0
        ? `No packet lies in the period asked for${span === '' ? '' : `,${span}`}: this report says nothing about the rest.`
        : `Only a part was examined: ${formatCount(examined)} of ${formatPlural(packets, 'packet', 'packets')},${span}. To the rules the capture begins and ends there.`,
    );
  }
  const hosts = hostsOf(report);
  if (hosts !== '') {
    sentences.push(
      `Only findings and verdicts that concern ${hosts} are told; the packets of all were examined.`,
    );
  }
  return sentences;
}

/** What the report comes to, in a line. */
export function outcomeText(report: Report): string {
  const { summary, verdicts } = report;
  const bySeverity = SEVERITIES.filter((severity) => summary[severity] > 0);
  const total = bySeverity.reduce((sum, severity) => sum + summary[severity], 0);
  const ignored = ignoredIn(report);
  const also = [
    summary.notices === 0 ? '' : ` ${formatPlural(summary.notices, 'notice', 'notices')}.`,
    ignored === 0 ? '' : ` ${formatPlural(ignored, 'finding', 'findings')} ignored as asked.`,
  ].join('');
  if (total > 0) {
    const isProven = verdicts.some(({ verdict }) => verdict === 'found');
    const list = bySeverity.map((severity) => `${formatCount(summary[severity])} ${severity}`).join(', ');
    return `${formatPlural(total, 'fault', 'faults')} ${isProven ? 'found' : 'suspected'}: ${list}${newsOf(total, summary.known)}.${also}`;
  }
  const hidden = verdicts.reduce((sum, verdict) => sum + verdict.findingsBelowMinTier, 0);
  if (hidden > 0)
    return `No finding of the tier asked for; ${formatCount(hidden)} of a lesser tier not shown.${also}`;
  const open = verdicts.filter(({ verdict }) => verdict === 'inconclusive').length;
  const unjudged =
    open === 0
      ? ''
      : ` ${formatCount(open)} of ${formatPlural(verdicts.length, 'article', 'articles')} could not be judged.`;
  return `No ${ignored === 0 ? '' : 'other '}known fault found${scopeOf(report)}.${unjudged}${also}`;
}

/** `; none of them new`, `; 1 of them new`; nothing where there was no baseline. */
function newsOf(total: number, known: number | undefined): string {
  if (known === undefined) return '';
  const news = total - known;
  if (total === 1) return news === 0 ? ', known from the baseline' : ', new since the baseline';
  return `; ${news === 0 ? 'none' : news === total ? 'all' : formatCount(news)} of them new since the baseline`;
}

function scopeOf(report: Report): string {
  const hosts = hostsOf(report);
  return `${hosts === '' ? '' : ` that concerns ${hosts}`}${report.period === undefined ? '' : ' in the part examined'}`;
}
