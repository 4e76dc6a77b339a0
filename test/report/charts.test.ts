/** Pictures of findings: that they come out, what they draw, and that they are safe to put into a page. */
import { HtmlValidate } from 'html-validate';
import { beforeAll, describe, expect, it } from 'vitest';
import { CHART_CSS, type Chart, drawCharts } from '../../src/report/charts/index.ts';
import type { ReportFinding } from '../../src/report/schema.ts';
import {
  events,
  findingsByMessage,
  findingWith,
  numbers,
  reportOf,
  sampleFiles,
  states,
} from './chart-findings.ts';
import { checkChart } from './chart-check.ts';
import { allOf, countMarks, type MarkupElement, readMarkup, withClass } from './well-formed.ts';

async function draw(finding: ReportFinding): Promise<MarkupElement> {
  const [chart] = await drawCharts(finding);
  if (chart === undefined) throw new Error('no picture');
  return checkChart(chart);
}

const idsOf = (root: MarkupElement): string[] =>
  allOf(root).flatMap(({ attributes }) => attributes.get('id') ?? []);

describe.each(sampleFiles)('%s', (file) => {
  it('has a picture for each finding, each with ids of its own', async () => {
    const { findings, captures } = await reportOf(file);
    const ids: string[] = [];
    for (const finding of findings) {
      const charts = await drawCharts(finding, { firstTime: captures[0]?.firstTime ?? null });
      expect(charts.length).toBeGreaterThan(0);
      for (const chart of charts) ids.push(...idsOf(checkChart(chart)));
    }
    expect(new Set(ids).size).toBe(ids.length);
  });
});

describe('every kind of finding', () => {
  let byMessage: Map<string, ReportFinding>;
  beforeAll(async () => {
    const found = await findingsByMessage();
    // Of different captures, and so with equal keys.
    byMessage = new Map(
      [...found].map(([name, finding]) => [name, { ...finding, key: `${name} ${finding.key}` }]),
    );
  }, 120_000);

  it('has a picture that keeps to the rules', async () => {
    expect(byMessage.size).toBeGreaterThan(55);
    for (const finding of byMessage.values()) {
      const charts = await drawCharts(finding);
      expect(charts.length).toBeGreaterThan(0);
      for (const chart of charts) checkChart(chart);
    }
  });

  it('has a picture of its own kind', async () => {
    const titles = async (article: string) => {
      const own = [...byMessage].filter(([name]) => name.startsWith(article)).map(([, finding]) => finding);
      return new Set((await Promise.all(own.map((each) => drawCharts(each)))).map(([chart]) => chart?.title));
    };
    expect(await titles('Q151387')).toEqual(new Set(['The lease, and the use of the address past it']));
    expect(await titles('Q228811')).toEqual(new Set(['Initial sequence numbers against time']));
    expect(await titles('Q120599')).toEqual(new Set(['Who claimed the address when']));
    expect(await titles('Q193157')).toEqual(new Set(['Where frames come from, and what ARP says']));
    expect(await titles('Q193599')).toEqual(new Set(['Heartbeats of the hosts']));
    expect(await titles('Q228942')).toEqual(
      new Set(['Heartbeats of the hosts', 'Heartbeats, and requests to the virtual address']),
    );
    expect(await titles('Q159309')).toEqual(
      new Set(['Sessions against the addresses of the pool', 'The address of a caller who is gone']),
    );
  });

  it('is valid in a page with the style sheet, and every class in it has a style or a name', async () => {
    const charts = (await Promise.all([...byMessage.values()].map((each) => drawCharts(each)))).flat();
    const figures = charts.map(({ svg }) => `<figure>${svg}</figure>`).join('\n');
    const page = `<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>Pictures</title><style>${CHART_CSS}</style></head>\n<body>${figures}</body></html>\n`;
    const report = await new HtmlValidate({ extends: ['html-validate:standard'] }).validateString(page);
    // Charts are XML as well, where what has no content closes itself.
    const told = report.results
      .flatMap(({ messages }) => messages)
      .filter(({ ruleId }) => ruleId !== 'void-style' && ruleId !== 'no-self-closing')
      .map(({ ruleId, message }) => `${ruleId}: ${message}`);
    expect([...new Set(told)]).toEqual([]);
    const used = new Set(
      charts.flatMap(({ svg }) =>
        allOf(readMarkup(svg)).flatMap(({ attributes }) => attributes.get('class')?.split(' ') ?? []),
      ),
    );
    const unknown = [...used].filter(
      (name) => !name.startsWith('kbc-is-') && !NAMES_ONLY.has(name) && !CHART_CSS.includes(`.${name}`),
    );
    expect(unknown).toEqual([]);
  });
});

/** Classes that name a part, and leave its looks to others. */
const NAMES_ONLY = new Set([
  'kbc-bar',
  'kbc-bar-label',
  'kbc-key',
  'kbc-label',
  'kbc-legend',
  'kbc-rule-label',
  'kbc-square',
  'kbc-diamond',
  'kbc-up',
  'kbc-down',
  'kbc-step',
  'kbc-step-label',
]);

const HOST = '00:60:8c:2a:10:77';

describe('a lease', () => {
  const lease = [
    states('lease bound', HOST, [[1, 61]]),
    states('lease renewing', HOST, [[61, 106]]),
    states('lease rebinding', HOST, [[106, 121]]),
    states('lease grace', HOST, [[121, 131]]),
    states('lease expired', HOST, [[131, 210]]),
    events('renewal answered', HOST, [1]),
    events('renewal unanswered', HOST, [61, 73, 106]),
    events('discover unanswered', HOST, [125, 149]),
    events('use by IPv4', HOST, [140, 153, 166, 179]),
    events('use by ARP', HOST, [140, 166]),
    events('leased to another', '00:00:c0:5d:21:09', [150]),
    events('use by another', '00:00:c0:5d:21:09', [160, 180, 200]),
  ];

  it('has its terms, what was asked, and every use', async () => {
    const root = await draw(findingWith(lease));
    for (const [name, marks] of [
      ['lease-bound', 1],
      ['lease-renewing', 1],
      ['lease-rebinding', 1],
      ['lease-grace', 1],
      ['lease-expired', 1],
      ['renewal-answered', 1],
      ['renewal-unanswered', 3],
      ['discover-unanswered', 2],
      ['use-by-ipv4', 4],
      ['use-by-arp', 2],
      ['leased-to-another', 1],
      ['use-by-another', 3],
    ] as const)
      expect([name, countMarks(root, `kbc-is-${name}`)]).toEqual([name, marks]);
    expect(countMarks(root, 'kbc-rule')).toBe(4);
    expect(withClass(root, 'kbc-rule-label').map((group) => group.children[0]?.text)).toEqual(
      expect.arrayContaining(['granted', 'T1', 'T2', 'expiry']),
    );
    expect(withClass(root, 'kbc-region').length).toBe(1);
  });

  it('that nobody saw granted has no terms', async () => {
    const root = await draw(findingWith(lease.filter(({ unit }) => unit === 'event')));
    expect(withClass(root, 'kbc-bar')).toEqual([]);
    expect(countMarks(root, 'kbc-is-use-by-ipv4')).toBe(4);
  });
});

describe('claims of an address', () => {
  const [first, second] = ['00:60:97:11:22:33', '00:a0:c9:44:55:66'];

  it('have a row for each station, and a line that goes where the address goes', async () => {
    const root = await draw(
      findingWith([
        events('ARP request', first, [10, 30, 50]),
        events('IPv4 traffic', first, [11, 12, 31, 32, 51]),
        events('announcement', second, [20, 40]),
      ]),
    );
    expect(withClass(root, 'kbc-label').map((group) => group.children[0]?.text)).toEqual([first, second]);
    expect(countMarks(root, 'kbc-is-arp-request')).toBe(3);
    expect(countMarks(root, 'kbc-is-ipv4-traffic')).toBe(5);
    expect(countMarks(root, 'kbc-is-announcement')).toBe(2);
    expect(withClass(root, 'kbc-link').length).toBe(1);
  });

  it('in a clash of milliseconds have a second picture of that alone', async () => {
    const charts = await drawCharts(
      findingWith([
        events('ARP request', first, [2]),
        events('ARP reply', first, [79.5885]),
        events('announcement', second, [79.5881, 150]),
      ]),
    );
    expect(charts.length).toBe(2);
    const closeUp = checkChart(charts[1] as Chart);
    expect(countMarks(closeUp, 'kbc-is-arp-reply')).toBe(1);
    expect(countMarks(closeUp, 'kbc-is-announcement')).toBe(1);
    expect(countMarks(closeUp, 'kbc-is-arp-request')).toBe(0);
    expect(charts[1]?.svg).toContain('microseconds after 79.588100 s');
  });
});

describe('a cluster', () => {
  it('has each heartbeat, each silence, and the requests of its clients', async () => {
    const beats = Array.from({ length: 60 }, (_, at) => at);
    const root = await draw(
      findingWith([
        events('heartbeat', 'host 1 (10.0.0.81)', beats),
        events('heartbeat', 'host 2 (10.0.0.82)', beats.slice(0, 20)),
        states('silent', 'host 2 (10.0.0.82)', [[19, 59]]),
        events('sign of life', 'host 2 (10.0.0.82)', [30, 40]),
        events('request answered', 'virtual address 10.0.0.80', [3, 9, 15]),
        events('request unanswered', 'virtual address 10.0.0.80', [25, 35, 45, 55]),
      ]),
    );
    expect(countMarks(root, 'kbc-is-heartbeat')).toBe(80);
    expect(countMarks(root, 'kbc-is-silent')).toBe(1);
    expect(withClass(root, 'kbc-bar-label')[0]?.children[0]?.text).toBe('no heartbeat for 40 s');
    expect(countMarks(root, 'kbc-is-request-answered')).toBe(3);
    expect(countMarks(root, 'kbc-is-request-unanswered')).toBe(4);
    expect(countMarks(root, 'kbc-is-sign-of-life')).toBe(2);
  });
});

describe('a pool', () => {
  it('has each session, the address that is missed, and each refusal through all rows', async () => {
    const root = await draw(
      findingWith([
        states('address held', '10.0.0.11', [[1, 30]]),
        states('not given again', '10.0.0.11', [[30, 130]]),
        states('address held', '10.0.0.12', [
          [5, 80],
          [85, null],
        ]),
        events('caller refused', '10.0.0.2', [45, 60, 115]),
      ]),
    );
    expect(countMarks(root, 'kbc-is-address-held')).toBe(3);
    expect(countMarks(root, 'kbc-is-not-given-again')).toBe(1);
    expect(countMarks(root, 'kbc-is-caller-refused')).toBe(3);
    expect(countMarks(root, 'kbc-rule')).toBe(3);
  });
});

describe('sequence numbers', () => {
  const yOf = (root: MarkupElement, name: string): number[] =>
    withClass(root, name)
      .filter(({ attributes }) => attributes.get('class')?.includes('kbc-mark'))
      .flatMap((group) => group.children)
      .map(({ attributes }) => Number(/,([\d.]+)\)/.exec(attributes.get('transform') ?? '')?.[1]));

  it('go up across the wrap at 2^32, and steps backward are marked with their size', async () => {
    const root = await draw(
      findingWith([
        numbers('isn of SYNs', [
          [0, 2 ** 32 - 128_000],
          [1, 2 ** 32 - 64_000],
          [2, 0],
          [3, 64_000],
          [4, 32_000],
          [5, 128_000],
        ]),
        numbers('isn backward', [[4, 32_000]]),
      ]),
    );
    const heights = yOf(root, 'kbc-is-isn-of-syns');
    expect(heights.length).toBe(6);
    // Down the page is up in number: only the one step goes back.
    expect(heights.map((y, at) => at > 0 && y > (heights[at - 1] ?? 0))).toEqual([
      false,
      false,
      false,
      false,
      true,
      false,
    ]);
    expect(countMarks(root, 'kbc-is-isn-backward')).toBe(1);
    expect(withClass(root, 'kbc-step-label').map((group) => group.children[0]?.text)).toEqual(['−32k']);
  });

  it('of an attempt stand below what the peer expects', async () => {
    const root = await draw(
      findingWith([
        numbers('isn of SYNs', [
          [0, 1000],
          [10, 50_000],
        ]),
        numbers('number expected by the peer', [
          [12, 60_001],
          [30, 60_001],
        ]),
        numbers('SYN not accepted', [
          [20, 40_000],
          [23, 40_000],
          [29, 40_000],
        ]),
      ]),
    );
    expect(countMarks(root, 'kbc-is-syn-not-accepted')).toBe(3);
    expect(withClass(root, 'kbc-step-label').map((group) => group.children[0]?.text)).toEqual(['−20k']);
  });
});

it('series that no picture knows have a plain timeline', async () => {
  const root = await draw(
    findingWith([events('door opened', 'front', [1, 2, 9]), states('light on', 'hall', [[3, 5]])]),
  );
  expect(countMarks(root, 'kbc-is-door-opened')).toBe(3);
  expect(countMarks(root, 'kbc-is-light-on')).toBe(1);
});

it('a finding without series has no picture', async () => {
  expect(await drawCharts(findingWith([]))).toEqual([]);
  expect(await drawCharts(findingWith([events('heartbeat', 'host 1', [])]))).toEqual([]);
  expect(await drawCharts(findingWith([{ name: 'n', unit: 'parrots', points: [[1, 2]] }]))).toEqual([]);
});

it('the same finding has the same picture', async () => {
  const finding = findingWith([events('heartbeat', 'host 1', [1, 2, 3])]);
  expect(await drawCharts(finding)).toEqual(await drawCharts(finding));
});

describe('the axis', () => {
  it('names the time of the first packet where it is known', async () => {
    const finding = findingWith([events('heartbeat', 'host 1', [1, 20])]);
    const svgOf = async (firstTime: string | null) => (await drawCharts(finding, { firstTime }))[0]?.svg;
    expect(await svgOf('2001-02-03T04:05:06.411927123Z')).toContain(
      'seconds since 2001-02-03 04:05:06.411 UTC',
    );
    expect(await svgOf('1996-01-01T00:00:00')).toContain('seconds since 1996-01-01 00:00:00<');
    expect(await svgOf(null)).toContain('seconds since the first packet');
    expect(await svgOf('<b>yesterday</b>')).toContain('seconds since the first packet');
  });
});
