/**
 * The report a person reads: what is wrong and what to do about it with the frames that prove it, then what would refute
 * it, then the verdict on every article, then what the capture is worth, and last the lines that show the proof.
 */
import { wiresharkCommand } from './display-filter.ts';
import { shellWord, terminalText } from './escape.ts';
import { MAX_TABLE_ROWS, renderTable, wrap } from './layout.ts';
import type { Tone } from './outline.ts';
import {
  captureLine,
  captureNotes,
  fileNames,
  frameRows,
  KNOWN_NOTE,
  labelOf,
  optionsLine,
  orderFindings,
  seenWhen,
  toneOf,
  verdictScope,
  verdictSentences,
  warningsOf,
} from './outline.ts';
import { analyzeCommand } from './reproduce.ts';
import type { Report, ReportEvidence, ReportFinding, ReportFrame, ReportVerdict } from './schema.ts';
import type { Device, Style } from './style.ts';
import { paint } from './style.ts';
import { formatCount, formatPlural } from './units.ts';
import { evidenceSentence, TIER_WORDS, VERDICT_WORDS } from './wording.ts';
import { outcomeText } from './scope.ts';

const SEVERITY_STYLES: Readonly<Record<ReportFinding['severity'], Style>> = {
  critical: ['bold', 'white', 'bgRed'],
  error: ['bold', 'red'],
  warning: ['bold', 'yellow'],
  info: ['bold', 'cyan'],
};

const OUTCOME_STYLES: Readonly<Record<Tone, Style>> = {
  ...SEVERITY_STYLES,
  clear: ['bold', 'green'],
  open: 'bold',
};

const VERDICT_STYLES: Readonly<Record<ReportVerdict['verdict'], Style>> = {
  found: ['bold', 'red'],
  suspected: 'yellow',
  clear: 'green',
  inconclusive: 'yellow',
  'not-applicable': 'gray',
};

/** Where a name that somebody else chose goes on in the next line, it is set in by so much more. */
const HANGING = 4;

/** Findings written out in full; a table lists those that follow. */
const MAX_FULL_FINDINGS = 50;

export async function renderText(report: Report, device: Device): Promise<string> {
  const sections = [headline(report, device)];
  const ordered = orderFindings(report.findings);
  for (const finding of ordered.slice(0, MAX_FULL_FINDINGS))
    sections.push(await findingSection(finding, report, device));
  if (ordered.length > MAX_FULL_FINDINGS)
    sections.push(await remainderSection(ordered.slice(MAX_FULL_FINDINGS), device));
  sections.push(await verdictSection(report, device));
  const notes = captureNotes(report).map((note) => terminalText(note, Infinity));
  if (notes.length > 0) {
    sections.push(
      [title(device, 'The capture'), ...notes.map((note) => wrap(device, note, '  - '))].join('\n'),
    );
  }
  if (report.timings) sections.push(timingSection(report.timings, device));
  sections.push(reproduceSection(report, ordered, device));
  if (report.evidence) sections.push(evidenceSection(report.evidence, device));
  return `${sections.join('\n\n')}\n`;
}

function title(device: Device, text: string): string {
  return paint(device, 'bold', text);
}

function headline(report: Report, device: Device): string {
  const { captures } = report;
  const shown = captures.slice(0, MAX_TABLE_ROWS);
  const lines = shown.map((capture) =>
    wrap(device, terminalText(captureLine(capture), Infinity), '', capture.path.includes(' ') ? HANGING : 0),
  );
  if (captures.length > shown.length)
    lines.push(`… and ${formatCount(captures.length - shown.length)} more captures.`);
  for (const warning of warningsOf(report))
    lines.push(paint(device, 'yellow', wrap(device, terminalText(warning, Infinity), '', HANGING)));
  const options = optionsLine(report);
  if (options !== null) lines.push(wrap(device, terminalText(options), '', HANGING));
  lines.push('', paint(device, OUTCOME_STYLES[toneOf(report)], terminalText(outcomeText(report), Infinity)));
  return lines.join('\n');
}

async function findingSection(finding: ReportFinding, report: Report, device: Device): Promise<string> {
  const isNotice = finding.kind === 'notice';
  const when = seenWhen(finding);
  const label = isNotice ? 'NOTICE' : finding.severity.toUpperCase();
  const heading = `${paint(device, isNotice ? ['bold', 'cyan'] : SEVERITY_STYLES[finding.severity], label)} ${title(device, `${finding.article}: ${terminalText(finding.title)}`)}${finding.known ? paint(device, 'dim', ' (known)') : ''}`;
  const lines = [
    heading,
    wrap(
      device,
      `${terminalText(finding.subject)} (${terminalText(finding.domain)})${when === '' ? '' : `, ${when}`}`,
      '  ',
      HANGING,
    ),
    '',
    labelled(device, 'What', finding.summary),
    labelled(device, 'Why', finding.why),
    labelled(device, 'Do', finding.whatToDo),
    labelled(device, 'Certainty', `${TIER_WORDS[finding.tier]} (${finding.confidence}).`),
  ];
  if (finding.known) lines.push(labelled(device, 'Known', KNOWN_NOTE));
  if (report.findings.some(({ key }) => key === finding.countsIn))
    lines.push(labelled(device, 'Counted', `in ${finding.countsIn}, as the same fault.`));
  // To be copied into --ignore, so it is not wrapped.
  lines.push(`  ${paint(device, 'dim', 'Key'.padEnd(LABEL_WIDTH))}${terminalText(finding.key, Infinity)}`);
  if (finding.frames.length > 0)
    lines.push('', await frameTable(finding.frames, fileNames(report.captures), device));
  if (finding.caveats.length > 0) lines.push('', ...bullets(device, 'Keep in mind', finding.caveats));
  if (!isNotice && finding.refutations.length > 0)
    lines.push('', ...bullets(device, 'It would be wrong if', finding.refutations));
  return lines.filter((line, index) => line !== '' || lines[index - 1] !== '').join('\n');
}

const LABEL_WIDTH = 'Certainty'.length + 2;

function labelled(device: Device, label: string, text: string): string {
  const wrapped = wrap(device, terminalText(text, Infinity), `  ${label.padEnd(LABEL_WIDTH)}`);
  return wrapped.replace(label, paint(device, 'dim', label));
}

function bullets(device: Device, heading: string, texts: readonly string[]): string[] {
  return [
    `  ${paint(device, 'dim', heading)}`,
    ...texts.map((text) => wrap(device, terminalText(text, Infinity), '  - ')),
  ];
}

async function frameTable(
  frames: readonly ReportFrame[],
  names: ReadonlyMap<string, string>,
  device: Device,
): Promise<string> {
  const { timeHead, rows } = frameRows(frames, names);
  return renderTable(
    device,
    [
      { head: 'frame', align: names.size > 0 ? 'left' : 'right' },
      { head: timeHead },
      { head: 'role' },
      { head: 'packet' },
    ],
    rows.map(({ file, number, time, role, packet }) => [
      file === '' ? String(number) : `${terminalText(file)}#${number}`,
      time,
      terminalText(role),
      terminalText(packet),
    ]),
    undefined,
    '  ',
  );
}

async function remainderSection(findings: readonly ReportFinding[], device: Device): Promise<string> {
  const table = await renderTable(
    device,
    [{ head: 'article' }, { head: 'severity' }, { head: 'tier' }, { head: 'subject' }],
    findings.map((finding) => [
      finding.article,
      labelOf(finding),
      finding.tier,
      terminalText(`${finding.subject} (${finding.domain})`),
    ]),
  );
  return `${title(device, `${formatPlural(findings.length, 'more finding', 'more findings')} (JSON has them in full)`)}\n${table}`;
}

async function verdictSection(report: Report, device: Device): Promise<string> {
  if (report.verdicts.length === 0) return 'No rule was enabled.';
  const table = await renderTable(
    device,
    [{ head: 'article' }, { head: 'verdict' }, { head: 'reason' }],
    report.verdicts.map((verdict) => [
      verdict.article,
      VERDICT_WORDS[verdict.verdict],
      terminalText(`${verdict.title}: ${verdictSentences(verdict)}`, Infinity),
    ]),
    (text, row, column) => {
      const verdict = report.verdicts[row];
      return column === 1 && verdict ? paint(device, VERDICT_STYLES[verdict.verdict], text) : text;
    },
    '  ',
  );
  return `${title(device, terminalText(`Verdicts${verdictScope(report)}`))}\n${table}`;
}

function timingSection(timings: Readonly<Record<string, number>>, device: Device): string {
  const width = Math.max(...Object.keys(timings).map((stage) => stage.length));
  const lines = Object.entries(timings).map(
    ([stage, millis]) => `  ${stage.padEnd(width)}  ${millis.toFixed(1).padStart(10)} ms`,
  );
  return [title(device, 'Timings'), ...lines].join('\n');
}

/** The file to open, and what is in it. */
function evidenceSection(evidence: ReportEvidence, device: Device): string {
  return [
    title(device, 'The evidence'),
    `  wireshark ${shellWord(evidence.path)}`,
    wrap(device, evidenceSentence(evidence), '  '),
  ].join('\n');
}

/** Lines to paste; they are never wrapped. */
function reproduceSection(report: Report, findings: readonly ReportFinding[], device: Device): string {
  const lines = [title(device, 'How to reproduce'), `  ${analyzeCommand(report)}`];
  if (findings.length > MAX_FULL_FINDINGS) {
    lines.push(
      `  The first ${MAX_FULL_FINDINGS} of ${formatCount(findings.length)} findings; displayFilter in the JSON report has the others.`,
    );
  }
  for (const finding of findings.slice(0, MAX_FULL_FINDINGS)) {
    if (findings.length > 1)
      lines.push(paint(device, 'dim', `  # ${finding.article}, ${terminalText(finding.subject)}`));
    for (const { file, displayFilter } of finding.displayFilters)
      lines.push(`  ${wiresharkCommand(file, displayFilter)}`);
  }
  return lines.join('\n');
}
