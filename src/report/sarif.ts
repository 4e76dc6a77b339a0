/**
 * The report as SARIF 2.1.0 (OASIS, errata 01): one run, whose rules are the articles, whose results are findings and verdicts,
 * and whose notifications say what the captures are worth. The same report gives the same bytes.
 */
import type { Rule } from '../engine/rule.ts';
import { jsonText, sarifText } from './escape.ts';
import { Artifacts } from './sarif-artifacts.ts';
import type { Place } from './sarif-artifacts.ts';
import { LEVELS, toResults } from './sarif-results.ts';
import type { Level } from './sarif-results.ts';
import type { Report } from './schema.ts';
import { formatPlural } from './units.ts';
import { healthSentences, oddityWords } from './wording.ts';

const SCHEMA = 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json';

export interface SarifOptions {
  /** The rules that the report was made with, for the help on each article. */
  readonly rules?: readonly Rule[];
  /** What the program ends with, if it writes this report and ends. */
  readonly exitCode?: number;
}

export function renderSarif(report: Report, options: SarifOptions = {}): string {
  return `${jsonText(toSarif(report, options))}\n`;
}

export function toSarif(
  report: Report,
  { rules = [], exitCode }: SarifOptions = {},
): Record<string, unknown> {
  const metas = new Map(rules.map((rule) => [rule.meta.article.id, rule]));
  const articles = report.verdicts.map(({ article }) => article);
  const artifacts = new Artifacts(report);
  const ruleIndex = (article: string) => articles.indexOf(article);
  return {
    $schema: SCHEMA,
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: report.tool.name,
            version: report.tool.version,
            semanticVersion: report.tool.version,
            rules: report.verdicts.map(({ article, title }) =>
              describeRule(article, title, metas.get(article)),
            ),
            notifications: Object.entries(NOTIFICATIONS).map(([id, { text, level }]) => ({
              id,
              name: pascalCase(id),
              shortDescription: { text },
              defaultConfiguration: { level },
            })),
          },
        },
        invocations: [
          {
            executionSuccessful: isComplete(report),
            ...(exitCode === undefined ? {} : { exitCode }),
            toolExecutionNotifications: notificationsOf(report, artifacts, ruleIndex),
            properties: {
              interrupted: report.interrupted,
              options: report.options,
              summary: report.summary,
              verdicts: report.verdicts,
              health: report.health,
              ...(report.timings === undefined ? {} : { timings: report.timings }),
            },
          },
        ],
        artifacts: artifacts.list,
        results: toResults(report, artifacts, ruleIndex),
        columnKind: 'utf16CodeUnits',
      },
    ],
  };
}

/** False where results can be missing: the same condition under which a notification is of level `error` (3.58.6). */
function isComplete({ interrupted, failures, captures }: Report): boolean {
  return !interrupted && failures.length === 0 && captures.every(({ damaged }) => damaged === null);
}

function describeRule(id: string, title: string, rule: Rule | undefined): Record<string, unknown> {
  const described = { id, name: pascalCase(title), shortDescription: { text: sarifText(`${title}.`) } };
  if (rule === undefined) return described;
  const { article, severity, area, lookAlikes, refutations } = rule.meta;
  const sections: ReadonlyArray<readonly [heading: string, texts: readonly string[]]> = [
    ['What goes wrong', [article.symptom]],
    ['Cause', [article.cause]],
    ['What the vendor did', [article.resolution]],
    ['Looks like it and is not', lookAlikes],
    ['Would prove a finding wrong', refutations],
  ];
  const help = sections
    .filter(([, texts]) => texts.length > 0)
    .map(([heading, texts]) =>
      [`${heading}:`, ...texts.map(sarifText)].join(texts.length > 1 ? '\n- ' : ' '),
    );
  return {
    ...described,
    fullDescription: { text: sarifText(`${article.id}: ${article.title}. ${article.symptom}`) },
    help: { text: help.join('\n\n') },
    defaultConfiguration: { level: LEVELS[severity.definitive] },
    properties: { tags: [area], products: article.products, relatedArticles: article.related },
  };
}

/** `DHCP address used past its lease` -> `DhcpAddressUsedPastItsLease`. */
function pascalCase(title: string): string {
  return (title.match(/[A-Za-z0-9]+/g) ?? [])
    .map((word) => word.slice(0, 1).toUpperCase() + word.slice(1).toLowerCase())
    .join('');
}

/** What can be said of a run beside its results. */
const NOTIFICATIONS = {
  'input-not-read': { level: 'error', text: 'An input could not be read as a capture.' },
  'capture-damaged': { level: 'error', text: 'A capture is damaged; what comes before is covered.' },
  interrupted: { level: 'error', text: 'The analysis was stopped before the end of the input.' },
  'findings-left-out': { level: 'warning', text: 'An article has more findings than are kept.' },
  'findings-below-tier': { level: 'note', text: 'Findings of a lesser tier than asked for are left out.' },
  'capture-oddity': { level: 'note', text: 'Something in a capture file was odd but readable.' },
  'capture-health': { level: 'note', text: 'Something weakens what the capture can prove.' },
} as const satisfies Record<string, { level: Level; text: string }>;

type NotificationId = keyof typeof NOTIFICATIONS;

const NOTIFICATION_IDS = Object.keys(NOTIFICATIONS);

function notificationsOf(
  report: Report,
  artifacts: Artifacts,
  ruleIndex: (article: string) => number,
): Array<Record<string, unknown>> {
  const notify = (
    id: NotificationId,
    text: string,
    details: { place?: Place; article?: string; properties?: Record<string, unknown> } = {},
  ): Record<string, unknown> => ({
    descriptor: { id, index: NOTIFICATION_IDS.indexOf(id) },
    level: NOTIFICATIONS[id].level,
    message: { text: sarifText(text) },
    ...(details.place === undefined ? {} : { locations: [artifacts.locate(details.place)] }),
    ...(details.article === undefined
      ? {}
      : { associatedRule: { id: details.article, index: ruleIndex(details.article) } }),
    ...(details.properties === undefined ? {} : { properties: details.properties }),
  });
  const at = (path: string, offset: number | null): Place =>
    offset === null ? { path } : { path, bytes: { byteOffset: offset, byteLength: 0 } };
  const { captures, verdicts } = report;
  return [
    ...report.failures.map(({ path, message, hint, code, offset }) =>
      notify('input-not-read', `${message}. ${hint}`, { place: at(path, offset), properties: { code } }),
    ),
    ...captures.flatMap(({ path, damaged, packets }) => {
      if (damaged === null) return [];
      const covered = `The report covers the ${formatPlural(packets, 'packet', 'packets')} before it.`;
      const properties = { code: damaged.code };
      return [
        notify('capture-damaged', `${damaged.message}. ${covered}`, {
          place: at(path, damaged.offset),
          properties,
        }),
      ];
    }),
    ...(report.interrupted ? [notify('interrupted', 'The report covers what was read so far.')] : []),
    ...verdicts.flatMap(({ article, findingsLeftOut: count }) =>
      count === 0
        ? []
        : [
            notify('findings-left-out', `${formatPlural(count, 'more finding', 'more findings')} not kept.`, {
              article,
            }),
          ],
    ),
    ...verdicts.flatMap(({ article, findingsBelowMinTier: count }) =>
      count === 0
        ? []
        : [
            notify('findings-below-tier', `${formatPlural(count, 'finding', 'findings')} not shown.`, {
              article,
            }),
          ],
    ),
    ...captures.flatMap(({ path, oddities }) =>
      Object.entries(oddities).map(([oddity, count]) =>
        notify('capture-oddity', `${oddityWords(oddity)} (${formatPlural(count, 'time', 'times')})`, {
          place: { path },
          properties: { oddity, count },
        }),
      ),
    ),
    ...healthSentences(report.health).map((sentence) => notify('capture-health', sentence)),
  ];
}
