/** Pictures in a real browser: their texts stand apart at every width, their colours carry, and they ask for nothing. */
import type { Page } from 'playwright-core';
import { beforeAll, expect, it } from 'vitest';
import { CHART_CSS, drawCharts } from '../../src/report/charts/index.ts';
import type { ReportFinding } from '../../src/report/schema.ts';
import { describeInChromium, loadAxe, violationsOf } from '../chromium.ts';
import { events, findingsByMessage, findingWith, states } from './chart-findings.ts';

interface Box {
  readonly text: string;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** What the page's own script sees; it runs there, not here. */
declare const document: {
  querySelectorAll(selector: string): Iterable<{
    readonly textContent: string;
    getBoundingClientRect(): Box;
    querySelectorAll(
      selector: string,
    ): Iterable<{ readonly textContent: string; getBoundingClientRect(): Box }>;
  }>;
};

/** Titles that are as long as they come, and names of the widest letters. */
const CROWDED: readonly ReportFinding[] = [
  findingWith([
    ...Array.from({ length: 8 }, (_, at) =>
      events('heartbeat', `host ${at + 1} (203.113.213.${at + 213})`, [1, 2, 3]),
    ),
    states('silent', 'host 1 (203.113.213.213)', [
      [1, 1.1],
      [1.2, 1.3],
      [1.4, 2],
    ]),
    states('contradicting', 'host 1 (203.113.213.213)', [[1.05, 1.9]]),
    events('request answered', 'virtual address 203.113.213.240', [1]),
    events('request unanswered', 'virtual address 203.113.213.240', [2]),
  ]),
  findingWith([
    {
      name: 'WMWMWMWMWMWMWMWMWMWMWMWMWMWMWMWMWMWMWMWMWMWMWMWMWMWMWM',
      unit: 'sequence number',
      points: [
        [1, 2],
        [3, 4],
      ],
    },
  ]),
  findingWith([events('WMWMWMWMWMWMWMWMWMWMWMWMWMWM', 'MWMWMWMWMWMWMWMWMWMWMWMWMWMW', [1, 86_400 * 40])]),
  findingWith([
    states('lease bound', 'x', [[0, 1]]),
    states('lease renewing', 'x', [[1, 1.5]]),
    states('lease rebinding', 'x', [[1.5, 1.6]]),
    states('lease grace', 'x', [[1.6, 1.7]]),
    states('lease expired', 'x', [[1.7, 100_000]]),
  ]),
];

describeInChromium('in Chromium', (newContext) => {
  let page: string;
  let count = 0;
  let svgs: string[] = [];

  beforeAll(async () => {
    const findings = [...(await findingsByMessage()).values(), ...CROWDED].map((finding, at) => ({
      ...finding,
      key: `${at} ${finding.key}`,
    }));
    const charts = (
      await Promise.all(
        findings.map((each) => drawCharts(each, { firstTime: '2001-02-03T04:05:06.411927Z' })),
      )
    ).flat();
    count = charts.length;
    svgs = charts.map(({ svg }) => svg);
    const figures = svgs.map((svg) => `<figure>${svg}</figure>`);
    page = `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'"><title>Pictures</title>
<style>:root{color-scheme:light dark}body{margin:16px}figure{margin:0 0 24px}@media(prefers-color-scheme:dark){body{background:#161616}}@media print{body{background:#fff}}${CHART_CSS}</style></head>
<body><main><h1>Pictures</h1>${figures.join('\n')}</main></body></html>`;
  }, 180_000);

  async function open(
    width: number,
    colorScheme: 'light' | 'dark' = 'light',
  ): Promise<{ page: Page; told: string[] }> {
    const context = await newContext({ viewport: { width, height: 800 }, colorScheme });
    const opened = await context.newPage();
    const told: string[] = [];
    opened.on('request', (request) => told.push(request.url()));
    opened.on('console', (message) => told.push(message.text()));
    await opened.setContent(page);
    return { page: opened, told };
  }

  it.each([672, 390, 1280])(
    'has no text over another, and none outside its picture, %i px wide',
    async (width) => {
      const { page: opened, told } = await open(width);
      const pictures = await opened.evaluate(() =>
        [...document.querySelectorAll('svg.kbc')].map((svg) => {
          const box = ({ textContent: text, ...rest }: { textContent: string }, rect: Box) => ({
            ...rest,
            text,
            left: rect.left,
            right: rect.right,
            top: rect.top,
            bottom: rect.bottom,
          });
          return {
            frame: box({ textContent: '' }, svg.getBoundingClientRect()),
            texts: [...svg.querySelectorAll('text')].map((each) =>
              box({ textContent: each.textContent }, each.getBoundingClientRect()),
            ),
          };
        }),
      );
      expect(pictures.length).toBe(count);
      const problems: string[] = [];
      for (const { frame, texts } of pictures) {
        for (const [at, one] of texts.entries()) {
          if (one.left < frame.left - 1 || one.right > frame.right + 1 || one.bottom > frame.bottom + 1)
            problems.push(`outside: ${one.text}`);
          for (const other of texts.slice(at + 1)) {
            const isApart =
              one.right <= other.left + 0.5 ||
              other.right <= one.left + 0.5 ||
              // Boxes of lines are higher than their letters.
              one.bottom - (one.bottom - one.top) * 0.2 <= other.top + 0.5 ||
              other.bottom - (other.bottom - other.top) * 0.2 <= one.top + 0.5;
            if (!isApart) problems.push(`over each other: ${one.text} / ${other.text}`);
          }
        }
        // Letters of nine pixels are read on a phone.
        if (texts.some(({ top, bottom }) => bottom - top < 9)) problems.push('too small');
      }
      expect(problems).toEqual([]);
      expect(told).toEqual([]);
    },
  );

  it.each(['light', 'dark'] as const)('is no trouble to axe, %s', async (scheme) => {
    const { page: opened } = await open(1000, scheme);
    // Scripts of the page are off by its policy; the checker comes from outside.
    await loadAxe(opened);
    const violations = await violationsOf(opened);
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html.slice(0, 120)}`)).toEqual([]);
  });

  it('is XML to a strict parser', async () => {
    const { page: opened } = await open(1000);
    const wrong = await opened.evaluate((texts) => {
      const { DOMParser } = globalThis as unknown as {
        DOMParser: new () => { parseFromString(text: string, type: string): typeof document };
      };
      return texts.filter((text) => {
        const parsed = new DOMParser().parseFromString(text, 'image/svg+xml');
        return [...parsed.querySelectorAll('parsererror')].length > 0;
      });
    }, svgs);
    expect(svgs.length).toBe(count);
    expect(wrong).toEqual([]);
  });
});
