/** Pictures of what nobody means well: hostile names, points without sense, and as much of everything as a finding may carry. */
import { describe, expect, it } from 'vitest';
import { drawCharts } from '../../src/report/charts/index.ts';
import type { ReportFinding } from '../../src/report/schema.ts';
import { checkChart, MAX_CHART_CHARACTERS } from './chart-check.ts';
import { events, findingWith, numbers, states } from './chart-findings.ts';

const HOST = '00:60:8c:2a:10:77';

const HOSTILE = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  ']]></svg><script>alert(1)</script>',
  '&lt;&#60;&amp;lt;',
  "' onload='alert(1)",
  '\u001b[31mred\u001b]8;;http://evil\u0007',
  '\u202eevil\u202c\u2066',
  'a\nb\r\nc\u2028d\u2029',
  '\ud800 lone \udfff',
  '\u0000\u0001\ufffe\uffff',
  'x'.repeat(65_536),
  '\u{1f600}'.repeat(400),
  'url(javascript:alert(1))',
  '',
];

describe('names from packets', () => {
  it.each(HOSTILE.map((hostile) => ({ hostile, shown: JSON.stringify(hostile.slice(0, 40)) })))(
    'are inert: $shown',
    async ({ hostile }) => {
      const findings = [
        findingWith([events('heartbeat', hostile, [1, 2]), events('request answered', hostile, [3])]),
        findingWith([events('announcement', hostile, [1]), events('ARP reply', `${hostile}2`, [2])]),
        findingWith([states('address held', hostile, [[1, 2]]), events('caller refused', hostile, [1.5])]),
        findingWith([events('leased to another', hostile, [4]), events('use by IPv4', hostile, [5])]),
        findingWith([events(hostile || 'e', hostile, [1, 2]), states(`${hostile}s`, hostile, [[1, 2]])]),
        findingWith([
          {
            ...numbers(hostile || 'n', [
              [1, 2],
              [2, 9],
            ]),
            of: hostile,
          },
        ]),
      ].map((finding) => ({
        ...finding,
        subject: hostile,
        title: `t${hostile}`,
        key: hostile,
        domain: hostile,
      }));
      for (const finding of findings) {
        const charts = await drawCharts(finding, { firstTime: hostile });
        expect(charts.length).toBeGreaterThan(0);
        for (const chart of charts) {
          checkChart(chart);
          // Nothing that a terminal, a page or a reader would obey.
          expect(chart.svg).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u);
          expect(chart.svg.length).toBeLessThan(20_000);
        }
      }
    },
  );

  it('that are points without sense are left out', async () => {
    const senseless = [
      [Number.NaN, 1],
      [Number.POSITIVE_INFINITY, 1],
      [],
      [5],
      [3, 1],
      [1e300, 1],
      [-1e300, 1],
    ];
    for (const unit of ['event', 'on/off', 'sequence number'])
      for (const name of ['heartbeat', 'address held', 'announcement', 'use by IPv4', 'isn of SYNs', 'other'])
        for (const chart of await drawCharts(findingWith([{ name, unit, of: 'x', points: senseless }])))
          checkChart(chart);
  });
});

describe('the most that a finding may carry', () => {
  const times = Array.from({ length: 512 }, (_, at) => at * 1.37);
  const isn = times.map((time, at): readonly [number, number] => [
    time,
    (at * 64_000 - (at % 7 === 0 ? 200_000 : 0)) >>> 0,
  ]);
  const spans = times
    .filter((_, at) => at % 2 === 0)
    .map((time): readonly [number, number] => [time, time + 1]);
  const hosts = Array.from({ length: 8 }, (_, at) => `host ${at + 1} (10.0.0.${at + 81})`);
  const addresses = Array.from({ length: 16 }, (_, at) => `10.0.0.${at + 11}`);
  const macs = Array.from({ length: 8 }, (_, at) => `00:60:97:11:22:${at + 10}`);
  const full: Readonly<Record<string, ReportFinding>> = {
    lease: findingWith([
      states('lease bound', HOST, spans),
      ...[
        'renewal answered',
        'renewal unanswered',
        'discover unanswered',
        'use by IPv4',
        'use by ARP',
        'use by another',
      ].map((name) => events(name, HOST, times)),
    ]),
    claims: findingWith(
      macs.flatMap((mac) =>
        ['announcement', 'ARP request', 'ARP reply', 'IPv4 traffic'].map((name) => events(name, mac, times)),
      ),
    ),
    cluster: findingWith([
      ...hosts.flatMap((host) => [
        events('heartbeat', host, times),
        states('silent', host, spans),
        states('converging', host, spans),
      ]),
      ...['a', 'b', 'c'].flatMap((of) => [
        events('request answered', of, times),
        events('request unanswered', of, times),
      ]),
    ]),
    pool: findingWith([
      ...addresses.map((address) => states('address held', address, spans)),
      events('caller refused', '10.0.0.2', times),
    ]),
    numbers: findingWith([
      numbers('isn of SYNs', isn),
      numbers('isn of SYN/ACKs', isn),
      numbers(
        'isn backward',
        isn.filter((_, at) => at % 7 === 0),
      ),
      numbers('SYN not accepted', isn),
    ]),
    timeline: findingWith(Array.from({ length: 32 }, (_, at) => events(`event ${at}`, 'x', times))),
  };

  it.each(Object.keys(full))('makes no large picture: %s', async (name) => {
    const charts = await drawCharts(full[name] as ReportFinding);
    const sizes = charts.map((chart) => {
      checkChart(chart);
      return chart.svg.length;
    });
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(MAX_CHART_CHARACTERS);
  });
});
