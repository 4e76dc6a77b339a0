/** The engine over every real capture: it never throws, says what is damaged, and finds what is there and nothing else. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { rules } from '../../rules/index.ts';
import { CaptureError } from '../../src/capture/errors.ts';
import { analyze } from '../../src/engine/analyze.ts';
import type { Tier } from '../../src/engine/result.ts';
import { toReport } from '../../src/report/model.ts';
import { type Report, reportSchema } from '../../src/report/schema.ts';
import { CAPTURE_FORMATS, type CorpusRow, readCatalog } from '../capture/corpus.ts';
import { expectEqualInRuns } from '../engine/equal-in-runs.ts';
import { arePeersRequired } from '../peers.ts';

interface RealFault {
  /** How the path ends. */
  readonly file: string;
  readonly article: string;
  readonly host: string;
  readonly tier: Tier;
  /** Frames that must be among those cited. */
  readonly frames: readonly number[];
}

/** Faults that are really there, confirmed in tshark; every other one, of any tier, is a false alarm. */
const REAL_FAULTS: readonly RealFault[] = [
  {
    // 172.16.12.2 is announced by aa:bb:cc:00:14:00 (f57, f58) and from f1876 on by aa:bb:cc:00:0a:00. Each side answers
    // the other within milliseconds; f2613 and f2626 come after a pause, which makes them defences.
    file: 'EIGRP/approach-v3/10-0.0-1415621710.pcap',
    article: 'Q120599',
    host: '172.16.12.2',
    tier: 'definitive',
    frames: [66, 1876, 1877, 2613, 2626, 2678],
  },
];

/**
 * The first 24 seconds of that conflict, where both sides announce without a pause: by the letter of rules 0.5 an address that
 * moves by announced switches only, which is a notice.
 */
const MOVING = [
  'dupip.mod.pcap',
  'dupip.pcap',
  'dupip.pcap.gz',
  'dupip.rh61.pcap',
  'dupip.snoop',
  'dupip.stepback1d.pcap',
  'dupip.suse63.pcap',
].map((name) => `_derived/${name}`);

/** Other formats that are read although they need not be, or were never told by capinfos: damage by how the path ends. */
const READ_AS_WELL: ReadonlyMap<string, 'whole' | 'damaged'> = new Map([
  ['_derived/dupip.rh61.pcap', 'whole'],
  ['_derived/dupip.suse63.pcap', 'whole'],
  ['_derived/msnlb.rh61.pcap', 'whole'],
  ['_derived/withings.suse63.pcap', 'whole'],
  ['clusterfuzz-testcase-minimized-FuzzTarget-5766899836387328', 'whole'],
  // Its only odd length is one that Wireshark 4.0 rounds once and not twice.
  ['python-pcapng/test_data/test007.ntar', 'whole'],
  ['crash-exception-cast-constructed-record', 'damaged'],
  ['regression_samples/igmplayer', 'damaged'],
  ['_derived/nb6.hugecaplen.pcap', 'damaged'],
  ['_derived/nb6.ng-noidb.pcapng', 'damaged'],
  ['fuzz_target_1/b401dcbab9ef8e83dce3fba106d4b536a2cd0f30', 'damaged'],
]);

const rows = readCatalog();

function expectedOutcome(row: CorpusRow): 'whole' | 'damaged' | 'refused' {
  if (CAPTURE_FORMATS.has(row.format)) return row.capinfosStatus === 0 ? 'whole' : 'damaged';
  return [...READ_AS_WELL].find(([end]) => row.path.endsWith(end))?.[1] ?? 'refused';
}

/** The report on one capture, or the error that says why there is none. */
async function reportOn(row: CorpusRow): Promise<Report | CaptureError> {
  try {
    return toReport(await analyze([row.file], { rules }), rules);
  } catch (error) {
    if (error instanceof CaptureError) return error;
    throw error;
  }
}

/** A file that cannot be opened has no packets. */
function notOne(error: unknown): number {
  if (error instanceof CaptureError) return 0;
  throw error;
}

function checkFindings(row: CorpusRow, report: Report): void {
  const faults = report.findings.filter((finding) => finding.kind === 'fault');
  const real = REAL_FAULTS.filter((fault) => row.path.endsWith(fault.file));
  expect(faults.map(({ article, tier, hosts }) => ({ article, tier, hosts }))).toEqual(
    real.map(({ article, tier, host }) => ({ article, tier, hosts: [host] })),
  );
  for (const [at, fault] of real.entries()) {
    const cited = faults[at]?.frames.map((frame) => frame.number) ?? [];
    expect(cited).toEqual(expect.arrayContaining([...fault.frames]));
  }
  const notices = report.findings.filter((finding) => finding.kind === 'notice');
  expect(notices.map((notice) => `${notice.article} ${notice.hosts.join()}`)).toEqual(
    MOVING.includes(row.path) ? ['Q120599 172.16.12.2'] : [],
  );
}

function checkVerdicts(report: Report): void {
  expect(report.verdicts.map((verdict) => verdict.article)).toEqual(
    rules.map((rule) => rule.meta.article.id),
  );
  for (const { article, verdict, reason, observed } of report.verdicts) {
    const undecided = Object.values(observed.undecided).reduce((sum, count) => sum + count, 0);
    expect(observed.judged + undecided).toBe(observed.subjects);
    expect(reason).toMatch(/^[A-Z0-9].*\.$/);
    const hasFault = report.findings.some(
      (finding) => finding.article === article && finding.kind === 'fault',
    );
    expect(hasFault).toBe(verdict === 'found' || verdict === 'suspected');
    if (verdict === 'clear') expect(observed.judged).toBeGreaterThan(0);
    if (verdict === 'not-applicable') expect(observed.subjects).toBe(0);
  }
}

describe('the corpus', () => {
  it.runIf(arePeersRequired)('is there', () => {
    expect(rows.length).toBeGreaterThan(0);
  });
});

describe.skipIf(rows.length === 0)('corpus: what a report says', () => {
  it.each(rows.map((row) => [row.path.slice(-90), row] as const))('%s', async (_name, row) => {
    const outcome = expectedOutcome(row);
    const report = await reportOn(row);
    if (report instanceof CaptureError) {
      expect(outcome).toBe('refused');
      expect(report.hint).not.toBe('');
      return;
    }
    const [capture] = report.captures;
    expect(capture?.damaged === null ? 'whole' : 'damaged').toBe(outcome);
    expect(capture?.packets).toBeGreaterThanOrEqual(row.packets);
    expect(reportSchema.parse(report)).toEqual(report);
    checkFindings(row, report);
    checkVerdicts(report);
  });

  it('is the same in runs of ordinary packets', async () => {
    let taken = 0;
    for (const row of rows) {
      if (row.format === 'pcap' || row.format === 'nsecpcap')
        taken += await expectEqualInRuns(readFileSync(row.file)).catch(notOne);
    }
    expect(taken).toBeGreaterThan(10_000);
  });

  it('has every capture that the tables name', () => {
    const named = [...REAL_FAULTS.map((fault) => fault.file), ...MOVING, ...READ_AS_WELL.keys()];
    expect(named.filter((end) => !rows.some((row) => row.path.endsWith(end)))).toEqual([]);
  });

  it('reads the spoofed address as one that was handed over', async () => {
    const row = rows.find(({ path }) => path.endsWith('week5_shadow_device_arp_spoof.pcap'));
    expect(row).toBeDefined();
    const report = row && (await reportOn(row));
    if (report === undefined || report instanceof CaptureError) throw new Error('the capture is readable');
    // f7 and f13 claim 10.0.1.11; the first claimant never comes back, so this is no conflict by rules 0.5.
    const verdict = report.verdicts.find(({ article }) => article === 'Q120599');
    expect(verdict?.verdict).toBe('clear');
    expect(verdict?.reason).toContain('1 by more than one station');
  });
});
