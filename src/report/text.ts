/**
 * The report a person reads: what is wrong and what to do about it with the frames that prove it, then what would refute
 * it, then the verdict on every article, then what the capture is worth, and last the lines that show the proof.
 */
import { wiresharkCommand } from './display-filter.ts';
import { shellWord, terminalText } from './escape.ts';
import { MAX_TABLE_ROWS, renderTable, wrap } from './layout.ts';
import type {
  Report,
  ReportCapture,
  ReportEvidence,
  ReportFinding,
  ReportFrame,
  ReportVerdict,
} from './schema.ts';
import type { Device, Style } from './style.ts';
import { paint } from './style.ts';
import { formatBytes, formatCount, formatDuration, formatPlural } from './units.ts';
import {
  evidenceSentence,
  healthSentences,
  oddityWords,
  SEVERITIES,
  TIER_WORDS,
  VERDICT_WORDS,
} from './wording.ts';

const SEVERITY_STYLES: Readonly<Record<ReportFinding['severity'], Style>> = {
  critical: ['bold', 'white', 'bgRed'],
  error: ['bold', 'red'],
  warning: ['bold', 'yellow'],
  info: ['bold', 'cyan'],
};

const VERDICT_STYLES: Readonly<Record<ReportVerdict['verdict'], Style>> = {
  found: ['bold', 'red'],
  suspected: 'yellow',
  clear: 'green',
  inconclusive: 'yellow',
  'not-applicable': 'gray',
};

/** Findings written out in full; a table lists those that follow. */
const MAX_FULL_FINDINGS = 50;

export async function renderText(report: Report, device: Device): Promise<string> {
  const sections = [headline(report, device)];
  const faults = report.findings.filter((finding) => finding.kind === 'fault');
  const ordered = [
    ...faults.toSorted((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity)),
    ...report.findings.filter((finding) => finding.kind === 'notice'),
  ];
  for (const finding of ordered.slice(0, MAX_FULL_FINDINGS))
    sections.push(await findingSection(finding, report, device));
  if (ordered.length > MAX_FULL_FINDINGS)
    sections.push(await remainderSection(ordered.slice(MAX_FULL_FINDINGS), device));
  sections.push(await verdictSection(report, device));
  const notes = captureNotes(report);
  if (notes.length > 0) {
    sections.push(
      [title(device, 'The capture'), ...notes.map((note) => wrap(device, note, '  - '))].join('\n'),
    );
  }
  if (report.timings) sections.push(timingSection(report.timings, device));
  if (ordered.length > 0) sections.push(proofSection(ordered, device));
  if (report.evidence) sections.push(evidenceSection(report.evidence, device));
  return `${sections.join('\n\n')}\n`;
}

function title(device: Device, text: string): string {
  return paint(device, 'bold', text);
}

/** One line per capture: name, packets, time span, format. */
export function captureLine(capture: ReportCapture): string {
  const parts = [
    `${formatPlural(capture.packets, 'packet', 'packets')}${spanOf(capture)}`,
    `${capture.format}${capture.compression === null ? '' : `, ${terminalText(capture.compression)}`}, ${formatBytes(capture.bytes)}`,
    capture.linkTypes.map((name) => terminalText(name)).join(', '),
  ];
  return `${capture.path === '-' ? 'standard input' : terminalText(capture.path)}: ${parts.filter((part) => part !== '').join(' · ')}`;
}

function spanOf({ durationSeconds, firstTime }: ReportCapture): string {
  if (durationSeconds === null) return '';
  const from = firstTime === null ? '' : ` from ${firstTime}`;
  return durationSeconds < 0 ? `${from}, clock set back` : ` in ${formatDuration(durationSeconds)}${from}`;
}

function headline(report: Report, device: Device): string {
  const lines = report.captures.slice(0, MAX_TABLE_ROWS).map((capture) => wrap(device, captureLine(capture)));
  if (report.captures.length > MAX_TABLE_ROWS) {
    lines.push(`… and ${formatCount(report.captures.length - MAX_TABLE_ROWS)} more captures.`);
  }
  for (const failure of report.failures) {
    lines.push(
      paint(
        device,
        'yellow',
        wrap(device, `${terminalText(failure.path)}: not read: ${terminalText(failure.message)}`),
      ),
    );
  }
  for (const { path, damaged, packets } of report.captures) {
    if (damaged === null) continue;
    const text = `${terminalText(path)} is damaged at byte ${formatCount(damaged.offset)}: ${terminalText(damaged.message)}. This report covers the ${formatPlural(packets, 'packet', 'packets')} before it.`;
    lines.push(paint(device, 'yellow', wrap(device, text)));
  }
  if (report.interrupted)
    lines.push(paint(device, 'yellow', 'Interrupted: this report covers what was read so far.'));
  const changed = Object.entries(report.options).map(([name, value]) => `${name}=${value}`);
  if (changed.length > 0) lines.push(wrap(device, `Options: ${terminalText(changed.join(', '))}`));
  lines.push('', outcome(report, device));
  return lines.join('\n');
}

function outcome(report: Report, device: Device): string {
  const { summary, verdicts } = report;
  const bySeverity = SEVERITIES.filter((severity) => summary[severity] > 0);
  const total = bySeverity.reduce((sum, severity) => sum + summary[severity], 0);
  const notices = summary.notices === 0 ? '' : ` ${formatPlural(summary.notices, 'notice', 'notices')}.`;
  if (total > 0) {
    const isProven = verdicts.some(({ verdict }) => verdict === 'found');
    const list = bySeverity.map((severity) => `${formatCount(summary[severity])} ${severity}`).join(', ');
    const text = `${formatPlural(total, 'fault', 'faults')} ${isProven ? 'found' : 'suspected'}: ${list}.${notices}`;
    return paint(device, SEVERITY_STYLES[bySeverity[0] ?? 'info'], text);
  }
  const hidden = verdicts.reduce((sum, verdict) => sum + verdict.findingsBelowMinTier, 0);
  if (hidden > 0)
    return title(
      device,
      `No finding of the tier asked for; ${formatCount(hidden)} of a lesser tier not shown.${notices}`,
    );
  const open = verdicts.filter(({ verdict }) => verdict === 'inconclusive').length;
  const unjudged =
    open === 0
      ? ''
      : ` ${formatCount(open)} of ${formatPlural(verdicts.length, 'article', 'articles')} could not be judged.`;
  return paint(device, open === 0 ? ['bold', 'green'] : 'bold', `No known fault found.${unjudged}${notices}`);
}

async function findingSection(finding: ReportFinding, report: Report, device: Device): Promise<string> {
  const isNotice = finding.kind === 'notice';
  const label = isNotice ? 'NOTICE' : finding.severity.toUpperCase();
  const heading = `${paint(device, isNotice ? ['bold', 'cyan'] : SEVERITY_STYLES[finding.severity], label)} ${title(device, `${finding.article}: ${terminalText(finding.title)}`)}`;
  const lines = [
    heading,
    wrap(
      device,
      `${terminalText(finding.subject)} (${terminalText(finding.domain)})${seenFrom(finding)}`,
      '  ',
    ),
    '',
    labelled(device, 'What', finding.summary),
    labelled(device, 'Why', finding.why),
    labelled(device, 'Do', finding.whatToDo),
    labelled(device, 'Certainty', `${TIER_WORDS[finding.tier]} (${finding.confidence}).`),
  ];
  if (finding.countsIn !== null)
    lines.push(labelled(device, 'Counted', `in ${finding.countsIn}, as the same fault.`));
  if (finding.frames.length > 0)
    lines.push('', await frameTable(finding.frames, report.captures.length > 1, device));
  if (finding.caveats.length > 0) lines.push('', ...bullets(device, 'Keep in mind', finding.caveats));
  if (!isNotice && finding.refutations.length > 0)
    lines.push('', ...bullets(device, 'It would be wrong if', finding.refutations));
  return lines.filter((line, index) => line !== '' || lines[index - 1] !== '').join('\n');
}

/** `, 1998-01-01 00:02:11.5 to 00:03:25.0 UTC`; the second date only where it differs. */
function seenFrom({ firstSeen, lastSeen }: ReportFinding): string {
  if (firstSeen === null) return '';
  const [firstDate = '', first = ''] = plainTime(firstSeen).split(' ');
  const [lastDate = '', last = ''] = plainTime(lastSeen ?? firstSeen).split(' ');
  const zone = firstSeen.endsWith('Z') ? ' UTC' : '';
  if (firstSeen === lastSeen || lastSeen === null) return `, ${firstDate} ${first}${zone}`;
  return `, ${firstDate} ${first} to ${firstDate === lastDate ? '' : `${lastDate} `}${last}${zone}`;
}

/** Date and time of day, without the marks of ISO 8601. */
function plainTime(time: string): string {
  return time.replace('T', ' ').replace(/Z$/, '');
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
  namesFile: boolean,
  device: Device,
): Promise<string> {
  const dates = new Set(
    frames.flatMap(({ time }) => (time === null ? [] : [time.slice(0, time.indexOf('T'))])),
  );
  const [onlyDate] = dates;
  const timeHead = dates.size === 1 && onlyDate !== undefined ? onlyDate : 'time';
  const rows = frames.map((frame) => [
    namesFile ? `${terminalText(frame.file)}#${frame.number}` : String(frame.number),
    shownTime(frame.time, dates.size === 1),
    terminalText(frame.role),
    terminalText(frame.summary),
  ]);
  return renderTable(
    device,
    [
      { head: 'frame', align: namesFile ? 'left' : 'right' },
      { head: timeHead },
      { head: 'role' },
      { head: 'packet' },
    ],
    rows,
    undefined,
    '  ',
  );
}

/** The time of day where one date stands at the head of the column. */
function shownTime(time: string | null, isOneDate: boolean): string {
  if (time === null) return '-';
  const plain = plainTime(time);
  return isOneDate ? plain.slice(plain.indexOf(' ') + 1) : plain;
}

async function remainderSection(findings: readonly ReportFinding[], device: Device): Promise<string> {
  const table = await renderTable(
    device,
    [{ head: 'article' }, { head: 'severity' }, { head: 'tier' }, { head: 'subject' }],
    findings.map((finding) => [
      finding.article,
      finding.kind === 'notice' ? 'notice' : finding.severity,
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
      terminalText([`${verdict.title}:`, verdict.reason, ...leftOut(verdict)].join(' '), Infinity),
    ]),
    (text, row, column) => {
      const verdict = report.verdicts[row];
      return column === 1 && verdict ? paint(device, VERDICT_STYLES[verdict.verdict], text) : text;
    },
    '  ',
  );
  return `${title(device, 'Verdicts')}\n${table}`;
}

function leftOut({ findingsLeftOut, findingsBelowMinTier }: ReportVerdict): string[] {
  const notes: string[] = [];
  if (findingsLeftOut > 0)
    notes.push(`${formatPlural(findingsLeftOut, 'more finding', 'more findings')} not kept.`);
  if (findingsBelowMinTier > 0) {
    notes.push(
      `${formatPlural(findingsBelowMinTier, 'finding', 'findings')} below the tier asked for not shown.`,
    );
  }
  return notes;
}

function captureNotes(report: Report): string[] {
  const notes = healthSentences(report.health).map((note) => terminalText(note, Infinity));
  for (const capture of report.captures) {
    for (const [oddity, count] of Object.entries(capture.oddities)) {
      notes.push(
        `${terminalText(capture.path)}: ${terminalText(oddityWords(oddity))} (${formatCount(count)}).`,
      );
    }
    if (capture.sha256 !== undefined) notes.push(`${terminalText(capture.path)}: SHA-256 ${capture.sha256}`);
  }
  return notes;
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
function proofSection(findings: readonly ReportFinding[], device: Device): string {
  const lines = [title(device, 'The proof in Wireshark')];
  for (const finding of findings.slice(0, MAX_FULL_FINDINGS)) {
    if (findings.length > 1)
      lines.push(paint(device, 'dim', `  # ${finding.article}, ${terminalText(finding.subject)}`));
    for (const { file, displayFilter } of finding.displayFilters)
      lines.push(`  ${wiresharkCommand(file, displayFilter)}`);
  }
  if (findings.length > MAX_FULL_FINDINGS) {
    lines.splice(
      1,
      0,
      `  The first ${MAX_FULL_FINDINGS} of ${formatCount(findings.length)} findings; displayFilter in the JSON report has the others.`,
    );
  }
  return lines.join('\n');
}
