/** A capture's row in the index, from its report or from what kept it from having one. */
import type { Inventory, InventoryEntry, Severity } from '../engine/result.ts';
import type { Report, ReportFinding } from '../report/schema.ts';
import { localTime } from '../report/local-times.ts';
import { isoTime } from '../report/units.ts';
import { SEVERITIES } from '../report/wording.ts';
import { compare } from './discover.ts';
import type { IndexRow } from './index-schema.ts';
import type { CaptureFault, StoredInventory } from './journal.ts';
import { earlier, later, secondsFrom } from './times.ts';

/** Of the hosts and captures that an index names. */
export const MAX_NAMED = 100;

export const EMPTY_INVENTORY: StoredInventory = { mac: [], address: [], name: [], lease: [] };

/** `hasZone`: whether the zone of its times is known. */
export function storedInventory({ mac, address, name, lease }: Inventory, hasZone: boolean): StoredInventory {
  const shown = (entries: readonly InventoryEntry[]) =>
    entries.map(([value, firstSeen]) => {
      const time = isoTime(firstSeen);
      return [value, hasZone ? time : localTime(time)] as const;
    });
  return { mac: shown(mac), address: shown(address), name: shown(name), lease: shown(lease) };
}

/** What a file is that holds no capture: it costs its row, and no exit code. */
const NO_CAPTURE: ReadonlySet<string> = new Set(['not-a-capture', 'empty']);

/** True if the row is about a capture that was not read as a whole. */
export function isTrouble({ status, code }: IndexRow): boolean {
  return status !== 'ok' && !(status === 'unreadable' && NO_CAPTURE.has(code ?? ''));
}

/** `reports`: their paths by format, in the order of the formats asked for. */
export function rowOf(report: Report, paths: readonly string[], reports: Record<string, string>): IndexRow {
  const { captures, summary, health } = report;
  const { critical, error, warning, info, notices } = summary;
  const firstTime = captures.reduce<string | null>((time, { firstTime: own }) => earlier(time, own), null);
  const lastTime = captures.reduce<string | null>((time, { lastTime: own }) => later(time, own), null);
  const trouble = troubleOf(report);
  return {
    path: paths[0] ?? '',
    files: [...paths],
    status: trouble === null ? 'ok' : 'damaged',
    reason: trouble?.reason ?? null,
    code: trouble?.code ?? null,
    report: Object.values(reports)[0] ?? null,
    reports,
    verdicts: Object.fromEntries(report.verdicts.map(({ article, verdict }) => [article, verdict])),
    findings: { critical, error, warning, info },
    notices,
    packets: captures.reduce((sum, { packets }) => sum + packets, 0),
    bytes: captures.reduce((sum, { bytes }) => sum + bytes, 0),
    durationSeconds: durationOf(report, firstTime, lastTime),
    firstTime,
    lastTime,
    health: {
      dropFraction: health.drops.fraction,
      clockEpochs: health.clockEpochs,
      duplicates: health.duplicates,
      truncatedPackets: health.truncatedPackets,
      malformedPackets: health.malformedPackets,
    },
  };
}

function durationOf({ captures }: Report, firstTime: string | null, lastTime: string | null): number | null {
  if (captures.length === 1) return captures[0]?.durationSeconds ?? null;
  return firstTime === null || lastTime === null ? null : secondsFrom(firstTime, lastTime);
}

/** The first thing that kept the report from covering all of its files. */
function troubleOf({ captures, failures }: Report): { reason: string; code: string } | null {
  const [failure] = failures;
  if (failure !== undefined) return { reason: `${failure.path}: ${failure.message}`, code: failure.code };
  for (const { path, damaged } of captures) {
    if (damaged === null) continue;
    const place = captures.length === 1 ? '' : `${path}: `;
    return { reason: `${place}${damaged.message} (at byte ${damaged.offset})`, code: damaged.code };
  }
  return null;
}

/** The row of what has no report. */
export function rowWithout(
  status: 'unreadable' | 'failed',
  paths: readonly string[],
  { code, reason, bytes }: { code: string; reason: string; bytes: number },
): IndexRow {
  return {
    path: paths[0] ?? '',
    files: [...paths],
    status,
    reason,
    code,
    report: null,
    reports: {},
    verdicts: {},
    findings: { critical: 0, error: 0, warning: 0, info: 0 },
    notices: 0,
    packets: 0,
    bytes,
    durationSeconds: null,
    firstTime: null,
    lastTime: null,
    health: null,
  };
}

/** The gravest fault that is new. */
export function worstOf(report: Report): Severity | null {
  const severities = new Set(
    report.findings
      .filter(({ kind, known }) => kind === 'fault' && known !== true)
      .map((finding) => finding.severity),
  );
  return SEVERITIES.find((severity) => severities.has(severity)) ?? null;
}

/** The faults by article and severity, sorted. */
export function faultsOf(report: Report): CaptureFault[] {
  const groups = grouped(report.findings);
  return [...groups.values()]
    .map((findings) => {
      const { article, title, severity } = findings[0] as ReportFinding;
      const hosts = new Set(findings.flatMap((finding) => finding.hosts));
      return {
        article,
        title,
        severity,
        firstSeen: findings.reduce<string | null>((time, { firstSeen }) => earlier(time, firstSeen), null),
        lastSeen: findings.reduce<string | null>((time, { lastSeen }) => later(time, lastSeen), null),
        hosts: [...hosts].toSorted(compare).slice(0, MAX_NAMED),
        findings: findings.length,
      };
    })
    .toSorted((a, b) => compareFaults(a, b));
}

function grouped(findings: readonly ReportFinding[]): Map<string, ReportFinding[]> {
  const groups = new Map<string, ReportFinding[]>();
  for (const finding of findings) {
    if (finding.kind !== 'fault') continue;
    const key = `${finding.article} ${finding.severity}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [finding]);
    else group.push(finding);
  }
  return groups;
}

/** By article, the gravest first. */
export function compareFaults(
  a: { article: string; severity: Severity },
  b: { article: string; severity: Severity },
): number {
  return compare(a.article, b.article) || SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity);
}
