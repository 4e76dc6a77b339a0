/** Indexes made up for tests: as large, or as odd, as no folder of captures would be at hand. */
import type { TimedIndex } from '../../src/scan/build-index.ts';
import type { IndexRow, ScanIndex } from '../../src/scan/index-schema.ts';

const ARTICLES = ['Q120599', 'Q151387', 'Q159309', 'Q193157', 'Q193599', 'Q228811', 'Q228942'];

/** A capture of which only the path is of interest. */
export function row(path: string, changes: Partial<IndexRow> = {}): IndexRow {
  return {
    path,
    files: [path],
    status: 'ok',
    reason: null,
    code: null,
    report: `reports/${path}.json`,
    reports: { json: `reports/${path}.json`, html: `reports/${path}.html` },
    verdicts: Object.fromEntries(
      ARTICLES.map((article, index) => [
        article,
        index < 2 ? 'clear' : index < 4 ? 'inconclusive' : 'not-applicable',
      ]),
    ),
    findings: { critical: 0, error: 0, warning: 0, info: 0 },
    notices: 0,
    packets: 12_345,
    bytes: 9_876_543,
    durationSeconds: 61.5,
    firstTime: '2001-02-03T04:05:06.789012Z',
    lastTime: '2001-02-03T04:06:08.289012Z',
    health: { dropFraction: 0, clockEpochs: 0, duplicates: 0, truncatedPackets: 0, malformedPackets: 0 },
    ...changes,
  };
}

export function unread(path: string, code: string, reason: string): IndexRow {
  const isFailed = code === 'worker';
  return row(path, {
    status: isFailed ? 'failed' : 'unreadable',
    code,
    reason,
    report: null,
    reports: {},
    verdicts: {},
    packets: 0,
    durationSeconds: null,
    firstTime: null,
    lastTime: null,
    health: null,
  });
}

/** With sums that fit the rows. */
export function timedIndex(captures: readonly IndexRow[], changes: Partial<ScanIndex> = {}): TimedIndex {
  const sum = (of: (row: IndexRow) => number) => captures.reduce((total, own) => total + of(own), 0);
  const having = (status: IndexRow['status']) => sum((own) => Number(own.status === status));
  return {
    index: {
      schema: 'kbdiag-index/1',
      tool: { name: 'kbdiag', version: '0.1.0' },
      options: {},
      complete: true,
      summary: {
        captures: captures.length,
        ok: having('ok'),
        damaged: having('damaged'),
        unreadable: having('unreadable'),
        failed: having('failed'),
        packets: sum(({ packets }) => packets),
        bytes: sum(({ bytes }) => bytes),
        findings: {
          critical: sum(({ findings }) => findings.critical),
          error: sum(({ findings }) => findings.error),
          warning: sum(({ findings }) => findings.warning),
          info: sum(({ findings }) => findings.info),
        },
      },
      captures: [...captures],
      faults: [],
      shared: [],
      ...changes,
    },
    elapsedMillis: new Map(captures.map(({ path }, index) => [path, index + 0.5])),
  };
}

/** An archive of `count` captures, every fiftieth with a fault and every hundredth damaged; as much shared as an index keeps. */
export function largeIndex(count: number): TimedIndex {
  const captures = Array.from({ length: count }, (_, index) => {
    const path = `archive/site-${index % 97}/2001-02-${String((index % 28) + 1).padStart(2, '0')}/eth0_${String(index).padStart(5, '0')}.pcapng`;
    if (index % 50 === 7)
      return row(path, {
        findings: { critical: Number(index % 500 === 7), error: 1, warning: index % 3, info: 0 },
        verdicts: Object.fromEntries(
          ARTICLES.map((article) => [article, article === 'Q151387' ? 'found' : 'clear']),
        ),
      });
    if (index % 100 === 3)
      return row(path, {
        status: 'damaged',
        code: 'cut-short',
        reason: 'the record is cut short (at byte 123456)',
      });
    return row(path);
  }).toSorted((a, b) => (a.path < b.path ? -1 : 1));
  const named = captures.slice(0, 100).map(({ path }) => path);
  return timedIndex(captures, {
    faults: (['critical', 'error', 'warning', 'info'] as const).flatMap((severity) =>
      ARTICLES.map((article) => ({
        article,
        title: 'DHCP address used past its lease',
        severity,
        firstSeen: '2001-02-03T04:05:06.789012Z',
        lastSeen: '2002-02-03T04:05:06.789012Z',
        hosts: Array.from({ length: 100 }, (_, index) => `10.0.0.${index}`),
        captures: named,
        findings: 12_345,
        count: 6789,
      })),
    ),
    shared: Array.from({ length: 1000 }, (_, index) => ({
      kind: (['mac', 'address', 'name', 'lease'] as const)[index % 4] ?? 'mac',
      value: `value-${index}`,
      captures: named.map((path) => ({ path, time: '2001-02-03T04:05:06.789012Z' })),
      count: 2000 - index,
    })),
  });
}
