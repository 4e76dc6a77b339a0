/**
 * The report as Markdown that reads the same on GitHub, in GitLab and in Jira: headings, tables, lists and blocks of code as
 * GitHub Flavored Markdown has them, no HTML, no references, and no line that depends on how breaks are read.
 */
import { wiresharkCommand } from './display-filter.ts';
import { markdownCode, markdownText, markdownWords } from './escape.ts';
import {
  boundedCommand,
  captureLine,
  captureParts,
  factRows,
  fileNames,
  frameRows,
  KNOWN_NOTE,
  labelOf,
  NOTHING_FOUND,
  optionsLine,
  orderFindings,
  seenWhen,
  timingRows,
  verdictScope,
  verdictSentences,
  warningsOf,
} from './outline.ts';
import { MAX_REPORT_BYTES, Room, shareRoom } from './room.ts';
import type { Report, ReportFinding } from './schema.ts';
import { outcomeText } from './scope.ts';
import { formatCount, formatPlural } from './units.ts';
import { TIER_WORDS, VERDICT_WORDS } from './wording.ts';

/** A comment on GitHub takes 65,536 characters, one in Jira 32,767; a description in GitLab takes more. */
const LONGEST_COMMENTS = [
  { characters: 65_536, where: 'GitHub' },
  { characters: 32_767, where: 'Jira' },
];
/** For the captures, and for the warnings about them. */
const ROOM_FOR_CAPTURES = 100_000;
/** For headings of sections, notes on what is left out, and the heads of tables. */
const ROOM_FOR_FRAME = 4000;

const prose = (text: string): string => markdownText(text, Infinity);

export function renderMarkdown(report: Report): string {
  const findings = orderFindings(report.findings);
  const names = fileNames(report.captures);
  const opening = openingSections(report);
  const middle = verdictSection(report);
  const closing = captureSection(report);
  const again = commandBlock(report);
  const framed = [opening, middle, closing, again].join('');

  const { details, rows, leftOut } = shareRoom(
    findings,
    MAX_REPORT_BYTES - ROOM_FOR_FRAME - Buffer.byteLength(framed),
    (finding, number, numbers) => [
      diagnosis(finding, number, numbers),
      evidence(finding, number, names),
      proof(finding, number),
    ],
    findingRow,
  );
  const [diagnoses, evidences, proofs] = [0, 1, 2].map((part) => details.map((parts) => parts[part] ?? ''));
  const sections = [
    opening,
    '## What is wrong and what to do',
    ...(findings.length === 0 ? [NOTHING_FOUND] : (diagnoses ?? [])),
    ...remainder(rows, leftOut),
    middle,
    ...(findings.length === 0 ? [] : ['## Evidence', ...(evidences ?? [])]),
    closing,
    '## How to reproduce',
    again,
    ...(findings.length === 0
      ? []
      : ['These lines show the cited frames in Wireshark:', (proofs ?? []).join('\n\n')]),
  ];
  return `${withLengthNote(sections.filter((section) => section !== '')).join('\n\n')}\n`;
}

/** Says at the top where the report is too long to be pasted. */
function withLengthNote(sections: string[]): string[] {
  const characters = sections.reduce((sum, section) => sum + section.length + 2, 0);
  const places = LONGEST_COMMENTS.filter((limit) => characters > limit.characters).map(({ where }) => where);
  if (places.length === 0) return sections;
  const [title = '', ...others] = sections;
  const note = `_With ${formatCount(characters)} characters this report is too long for a comment on ${places.join(' or in ')}: attach it as a file._`;
  return [title, note, ...others];
}

function openingSections(report: Report): string {
  const room = new Room(ROOM_FOR_CAPTURES);
  const options = optionsLine(report);
  const warnings = warningsOf(report);
  const captures = room.fill(report.captures, (capture) => `- ${prose(captureLine(capture))}`);
  const shown = room.fill(warnings, (warning) => `- **Attention:** ${prose(warning)}`);
  return [
    `# kbdiag: ${prose(outcomeText(report).replace(/\.$/, ''))}`,
    [
      ...captures,
      ...counted(report.captures.length - captures.length, 'more capture', 'more captures'),
      ...shown,
      ...counted(warnings.length - shown.length, 'more warning', 'more warnings'),
      ...(options === null ? [] : [`- ${prose(options)}`]),
    ].join('\n'),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

function counted(count: number, one: string, many: string): string[] {
  return count > 0 ? [`- … and ${formatPlural(count, one, many)}.`] : [];
}

/** `CRITICAL`, `ERROR (known)`. */
function headLabel(finding: ReportFinding): string {
  return labelOf(finding).replace(/^\w+/, (word) => word.toUpperCase());
}

function placeOf(finding: ReportFinding): string {
  const when = seenWhen(finding);
  return `${markdownText(finding.subject)} (${markdownText(finding.domain)})${when === '' ? '' : `, ${prose(when)}`}`;
}

function diagnosis(finding: ReportFinding, number: number, numbers: ReadonlyMap<string, number>): string {
  const countedIn = finding.countsIn === null ? undefined : numbers.get(finding.countsIn);
  const related = finding.related
    .filter((key) => key !== finding.countsIn)
    .flatMap((key) => numbers.get(key) ?? [])
    .toSorted((a, b) => a - b);
  return [
    `### ${number}. ${headLabel(finding)} ${prose(finding.article)}: ${prose(finding.title)}`,
    placeOf(finding),
    [
      `- **What:** ${prose(finding.summary)}`,
      `- **Why:** ${prose(finding.why)}`,
      `- **Do:** ${prose(finding.whatToDo)}`,
      `- **Certainty:** ${prose(`${TIER_WORDS[finding.tier]} (${finding.confidence}).`)}`,
      ...(finding.known ? [`- **Known:** ${prose(KNOWN_NOTE)}`] : []),
      ...(countedIn === undefined ? [] : [`- **Counted:** in finding ${countedIn}, as the same fault.`]),
      ...(related.length === 0 ? [] : [`- **Related:** ${findingList(related)}.`]),
      `- **Key:** ${markdownWords(finding.key)}`,
    ].join('\n'),
  ].join('\n\n');
}

function findingList(numbers: readonly number[]): string {
  const shown = numbers.slice(0, 10).join(', ');
  const more = numbers.length > 10 ? ` and ${formatCount(numbers.length - 10)} more` : '';
  return `${numbers.length === 1 ? 'finding' : 'findings'} ${shown}${more}`;
}

const COMPACT_HEADS = ['Severity', 'Article', 'Subject', 'Seen', 'Tier'];

function findingRow(finding: ReportFinding): string {
  return `${row([
    labelOf(finding),
    prose(finding.article),
    `${markdownText(finding.subject)} (${markdownText(finding.domain)})`,
    prose(seenWhen(finding)),
    finding.tier,
  ])}\n`;
}

function remainder(rows: readonly string[], leftOut: number): string[] {
  const parts: string[] = [];
  if (rows.length > 0) {
    parts.push(
      `### ${formatPlural(rows.length, 'more finding', 'more findings')}`,
      'The JSON report has them in full.',
      tableHead(COMPACT_HEADS) + rows.join('').trimEnd(),
    );
  }
  if (leftOut > 0) {
    parts.push(
      `${formatPlural(leftOut, 'finding is', 'findings are')} left out, because a report holds 2 MB at most; the JSON report has all of them.`,
    );
  }
  return parts;
}

function verdictSection(report: Report): string {
  if (report.verdicts.length === 0) return '## Verdicts\n\nNo rule was enabled.';
  const rows = report.verdicts.map((verdict) => [
    prose(verdict.article),
    VERDICT_WORDS[verdict.verdict],
    `${prose(verdict.title)}: ${prose(verdictSentences(verdict))}`,
  ]);
  const heading = prose(`Verdicts${verdictScope(report)}`);
  return `## ${heading}\n\n${table(['Article', 'Verdict', 'Reason'], rows)}`;
}

function evidence(finding: ReportFinding, number: number, names: ReadonlyMap<string, string>): string {
  const parts = [`### Evidence of ${number}: ${prose(finding.article)}, ${markdownText(finding.subject)}`];
  const { timeHead, rows } = frameRows(finding.frames, names);
  parts.push(
    rows.length === 0
      ? 'No frame is cited.'
      : table(
          ['Frame', timeHead.replace(/^time/, 'Time'), 'Role', 'Packet'],
          rows.map(({ file, number: frame, time, role, packet }) => [
            file === '' ? String(frame) : markdownText(`${file}#${frame}`, Infinity),
            ...[time, role, packet].map(prose),
          ]),
          names.size > 0 ? [] : ['right'],
        ),
  );
  const facts = factRows(finding.facts);
  if (facts.length > 0) {
    parts.push('Facts:', facts.map(([name, value]) => `- ${prose(name)}: ${markdownText(value)}`).join('\n'));
  }
  if (finding.caveats.length > 0) parts.push('Keep in mind:', bullets(finding.caveats));
  if (finding.kind === 'fault' && finding.refutations.length > 0)
    parts.push('It would be wrong if:', bullets(finding.refutations));
  return parts.join('\n\n');
}

function bullets(texts: readonly string[]): string {
  return texts.map((text) => `- ${prose(text)}`).join('\n');
}

function captureSection(report: Report): string {
  const { health, notExamined } = captureParts(report);
  const room = new Room(ROOM_FOR_CAPTURES);
  const notes = room.fill(health, (note) => `- ${prose(note)}`);
  const parts = [
    '## The capture',
    [...notes, ...counted(health.length - notes.length, 'more note', 'more notes')].join('\n'),
    '### What was not examined',
    bullets(notExamined),
    ...(report.timings === undefined ? [] : ['### Timings', timingTable(report)]),
  ];
  return parts.join('\n\n');
}

function timingTable(report: Report): string {
  const rows = timingRows(report).map(([stage, millis]) => [prose(stage), `${millis} ms`]);
  return table(['Stage', 'Time'], rows, ['left', 'right']);
}

function commandBlock(report: Report): string {
  const { command, leftOut } = boundedCommand(report);
  const note =
    leftOut === 0 ? '' : `\n\nThe line lacks ${formatPlural(leftOut, 'more capture', 'more captures')}.`;
  return markdownCode([command], 'sh') + note;
}

function proof(finding: ReportFinding, number: number): string {
  const lines = finding.displayFilters.map(({ file, displayFilter }) =>
    wiresharkCommand(file, displayFilter),
  );
  return lines.length === 0
    ? ''
    : `Finding ${number}, ${prose(finding.article)}:\n\n${markdownCode(lines, 'sh')}`;
}

type Align = 'left' | 'right';

function tableHead(heads: readonly string[], aligns: readonly Align[] = []): string {
  const rule = heads.map((_, column) => (aligns[column] === 'right' ? '---:' : '---'));
  return `${row(heads.map(prose))}\n${row(rule)}\n`;
}

/** Cells are Markdown already. */
function table(
  heads: readonly string[],
  rows: ReadonlyArray<readonly string[]>,
  aligns: readonly Align[] = [],
): string {
  return tableHead(heads, aligns) + rows.map(row).join('\n');
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}
