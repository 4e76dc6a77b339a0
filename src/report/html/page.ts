/** The report as one HTML file: no script, nothing from elsewhere, and a policy that would not let it if it tried. */
import { fileNames, orderFindings } from '../outline.ts';
import { MAX_REPORT_BYTES, Room, shareRoom } from '../room.ts';
import type { Report, ReportFinding } from '../schema.ts';
import { formatPlural } from '../units.ts';
import { policyFor } from './markup.ts';
import type { FindingView, Pictures } from './model.ts';
import { toFindingRowView, toFindingView, toPageView } from './model.ts';
import { PAGE_CSS } from './style.ts';
import type { PageData } from './templates.ts';
import {
  captureRowMarkup,
  diagnosisMarkup,
  evidenceMarkup,
  lineMarkup,
  pageMarkup,
  proofMarkup,
  rowMarkup,
} from './templates.ts';

/** For all pictures together. */
const ROOM_FOR_PICTURES = 900_000;
/** For each of: lines on captures, warnings, rows on captures, notes on their health. */
const ROOM_FOR_CAPTURES = 60_000;
/** Captures named at the top of the page; the table of captures has the others. */
const MAX_CAPTURE_LINES = 4;

/** From here on what is out of sight is not laid out. */
const LONG_PAGE_FINDINGS = 30;

const NO_PICTURES: Pictures = { charts: new Map(), css: '' };

/** The whole page, at most `MAX_REPORT_BYTES` long. */
export function renderHtml(report: Report, pictures: Pictures = NO_PICTURES): string {
  const findings = orderFindings(report.findings);
  const empty = emptyPage(report, pictures.css);
  const bytes = MAX_REPORT_BYTES - Buffer.byteLength(pageMarkup(withNotes(empty, findings.length))) - 1;
  const names = fileNames(report.captures);
  const chartsOf = chartChoice(findings, pictures);
  const { details, rows, leftOut } = shareRoom(
    findings,
    bytes,
    (finding, number, numbers) => {
      const view = {
        ...toFindingView(finding, number, numbers, names),
        ...chartsOf(finding),
      };
      return [diagnosisMarkup(view), evidenceMarkup(view), proofMarkup(view)];
    },
    (finding) => rowMarkup(toFindingRowView(finding)),
  );
  const part = (which: number): string[] => details.map((parts) => parts[which] ?? '');
  const page = pageMarkup({
    ...empty,
    diagnoses: part(0),
    evidences: part(1),
    proofs: part(2).filter((markup) => markup !== ''),
    rows,
    rowsHeading: rowsHeading(rows.length),
    leftOut: leftOutNote(leftOut),
  });
  return `${page}\n`;
}

/** The page as it is without findings; what depends on the number of captures is bounded here. */
function emptyPage(report: Report, pictureCss: string): PageData {
  const view = toPageView(report);
  const css = PAGE_CSS + pictureCss;
  const lines = (texts: readonly string[]): string[] =>
    new Room(ROOM_FOR_CAPTURES).fill(texts, (text) => lineMarkup({ text }));
  const captureLines = lines(view.captures.slice(0, MAX_CAPTURE_LINES).map(({ line }) => line));
  const warningLines = lines(view.warnings);
  const captureRows = new Room(ROOM_FOR_CAPTURES).fill(view.captures, captureRowMarkup);
  const healthLines = lines(view.health);
  return {
    ...view,
    css,
    policy: policyFor(css),
    isLong: report.findings.length > LONG_PAGE_FINDINGS,
    captureLines,
    moreCaptures: moreOf(view.captures.length - captureLines.length, 'capture'),
    warningLines,
    moreWarnings: moreOf(view.warnings.length - warningLines.length, 'warning'),
    captureRows,
    healthLines,
    moreRows: moreOf(view.captures.length - captureRows.length, 'capture'),
    moreNotes: moreOf(view.health.length - healthLines.length, 'note'),
    diagnoses: [],
    evidences: [],
    proofs: [],
    rows: [],
    rowsHeading: '',
    leftOut: '',
  };
}

/** The same with everything that stands around findings, to know how much room they have. */
function withNotes(page: PageData, findings: number): PageData {
  const none = [''];
  return {
    ...page,
    diagnoses: none,
    evidences: none,
    proofs: none,
    rows: none,
    rowsHeading: rowsHeading(findings),
    leftOut: leftOutNote(findings),
  };
}

function rowsHeading(count: number): string {
  return formatPlural(count, 'more finding', 'more findings');
}

function leftOutNote(count: number): string {
  if (count === 0) return '';
  return `${formatPlural(count, 'finding is', 'findings are')} left out, because a report holds 2 MB at most; the JSON report has all of them.`;
}

function moreOf(count: number, what: string): string {
  return count > 0 ? `… and ${formatPlural(count, `more ${what}`, `more ${what}s`)}.` : '';
}

/** The pictures of each finding, as long as there is room for them. */
function chartChoice(
  findings: readonly ReportFinding[],
  { charts }: Pictures,
): (finding: ReportFinding) => Pick<FindingView, 'charts' | 'chartsLeftOut'> {
  const room = new Room(ROOM_FOR_PICTURES);
  const withRoom = new Set(
    findings.map(({ key }) => key).filter((key) => room.take((charts.get(key) ?? []).map(({ svg }) => svg))),
  );
  return ({ key }) => {
    const own = charts.get(key) ?? [];
    return withRoom.has(key)
      ? { charts: own, chartsLeftOut: false }
      : { charts: [], chartsLeftOut: own.length > 0 };
  };
}
