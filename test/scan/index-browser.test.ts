/** The index of a real scan in a real browser: scripts off and the network cut, and in the eyes of axe. */
import { copyFileSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { AxeResults, RunOptions } from 'axe-core';
import { chromium } from 'playwright-core';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { indexPages } from '../../src/scan/index-html/index.ts';
import { run, temporaryFolder } from '../cli/kbdiag.ts';
import { makeTree, ODD_NAMES, readIndex, SAMPLES } from './folder.ts';
import { largeIndex, row, timedIndex } from './made-index.ts';

const executable = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) =>
  existsSync(path),
);
const isRequired = process.env['KBDIAG_REQUIRE_PEERS'] !== undefined;

it('has a browser where it must', () => {
  expect(isRequired && executable === undefined).toBe(false);
});

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What `axe` in the page is. */
declare const window: { readonly axe: { run(options: RunOptions): Promise<AxeResults> } };
declare const document: {
  readonly documentElement: { readonly scrollWidth: number; readonly clientWidth: number };
};

/** Names that break links which are not encoded right. */
const LINK_NAMES = [
  'a b%20c.pcap',
  '#1?x=1&y.pcap',
  '50%41.pcap',
  'back\\slash.pcap',
  'c:x.pcap',
  '名 ü🙂.pcap',
  '%.pcap',
];

const PHONE = { width: 390, height: 844 };
const DESK = { width: 1280, height: 800 };

interface Opened {
  readonly page: Page;
  readonly context: BrowserContext;
  /** What was asked for beside the page itself. */
  readonly requests: readonly string[];
  readonly complaints: readonly string[];
}

describe.skipIf(executable === undefined)('the index in Chromium (needs chromium)', () => {
  const folder = temporaryFolder();
  const out = join(folder, 'out');
  let browser: Browser;

  beforeAll(async () => {
    makeTree(folder);
    mkdirSync(join(folder, 'tree/links'));
    for (const name of LINK_NAMES)
      copyFileSync(join(SAMPLES, 'q120599-d1-boot-conflict.pcap'), join(folder, 'tree/links', name));
    const outcome = await run(['scan', 'tree', '-r', '-o', 'out', '-f', 'json,html'], folder);
    if (outcome.code !== 4) throw new Error(outcome.stderr);
    browser = await chromium.launch({
      executablePath: executable ?? '',
      // A sandbox needs rights that a container seldom gives.
      args: ['--no-sandbox'],
    });
  }, 120_000);

  afterAll(async () => {
    await browser?.close();
  });

  async function open(file: string, options: BrowserContextOptions): Promise<Opened> {
    const context = await browser.newContext({ offline: true, ...options });
    const page = await context.newPage();
    const requests: string[] = [];
    const complaints: string[] = [];
    const own = pathToFileURL(file).href;
    page.on('request', (request) => {
      if (request.url() !== own) requests.push(request.url());
    });
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(String(error)));
    await page.goto(own, { waitUntil: 'load' });
    return { page, context, requests, complaints };
  }

  const indexPage = join(out, 'index.html');

  it('opens without a request and without a word against its policy', async () => {
    const { page, context, requests, complaints } = await open(indexPage, {
      javaScriptEnabled: false,
      viewport: DESK,
    });
    expect({ requests, complaints }).toEqual({ requests: [], complaints: [] });
    expect(await page.locator('.rows tbody tr').count()).toBe(readIndex(folder, 'out').captures.length);
    expect(await page.locator('h1').innerText()).toMatch(/^Faults in \d+ of \d+ captures/);
    await context.close();
  });

  it('has links that lead to files and rows, whatever the names', async () => {
    const { page, context } = await open(indexPage, { viewport: DESK });
    const links = await page
      .locator('main a, footer a')
      .evaluateAll((elements) => elements.map((element) => (element as unknown as { href: string }).href));
    const own = pathToFileURL(indexPage).href;
    const inside = links.filter((href) => href.startsWith(`${own}#`));
    const outside = links.filter((href) => !href.startsWith(`${own}#`));
    expect(inside.length).toBeGreaterThan(100);
    for (const href of new Set(inside))
      expect(await page.locator(`[id="${href.split('#')[1]}"]`).count()).toBe(1);
    expect(
      outside.filter((href) => !statSync(fileURLToPath(href), { throwIfNoEntry: false })?.isFile()),
    ).toEqual([]);
    const reports = readIndex(folder, 'out').captures.flatMap((capture) => Object.values(capture.reports));
    const led = new Set(outside.map((href) => fileURLToPath(href)));
    expect(reports.filter((path) => !led.has(join(out, path)))).toEqual([]);
    await context.close();
  });

  it.each([...LINK_NAMES.map((name) => `links/${name}`), ...ODD_NAMES])(
    'leads to the report on %j',
    async (name) => {
      const { page, context } = await open(indexPage, { javaScriptEnabled: false, viewport: DESK });
      const { captures } = readIndex(folder, 'out');
      const report = captures.find(({ path }) => path === `tree/${name}`)?.reports['html'] ?? '';
      const links = page.locator('.rows th a');
      const hrefs = await links.evaluateAll((elements) =>
        elements.map((element) => (element as unknown as { href: string }).href),
      );
      const index = hrefs.findIndex((href) => fileURLToPath(href) === join(out, report));
      expect(index).toBeGreaterThanOrEqual(0);
      await links.nth(index).click();
      await expect.poll(() => page.locator('.kicker').innerText()).toMatch(/^Network diagnosis/);
      await context.close();
    },
  );

  it('needs no sideways scrolling at 390 pixels', async () => {
    const { page, context } = await open(indexPage, { viewport: PHONE });
    const { scrollWidth, clientWidth } = await page.evaluate(() => {
      const { scrollWidth: all, clientWidth: seen } = document.documentElement;
      return { scrollWidth: all, clientWidth: seen };
    });
    expect(scrollWidth).toBe(clientWidth);
    await context.close();
  });

  it('can be read with the keyboard alone', async () => {
    const { page, context } = await open(indexPage, { javaScriptEnabled: false, viewport: PHONE });
    await page.keyboard.press('Tab');
    await expect.poll(() => page.locator('.skip:focus').count()).toBe(1);
    await page.keyboard.press('Enter');
    await expect.poll(() => page.locator('main:focus').count()).toBe(1);
    await page.locator('details:not([open]) > summary').first().focus();
    const closed = await page.locator('details:not([open])').count();
    await page.keyboard.press('Enter');
    await expect.poll(() => page.locator('details:not([open])').count()).toBe(closed - 1);
    await context.close();
  });

  it('prints what is folded', async () => {
    const { page, context } = await open(indexPage, { javaScriptEnabled: false, viewport: DESK });
    const hidden = page.locator('details:not([open]) li a').first();
    expect(await hidden.isVisible()).toBe(false);
    await page.emulateMedia({ media: 'print' });
    expect(await hidden.isVisible()).toBe(true);
    await context.close();
  });

  it('opens the first and the last page of 50,000 captures', async () => {
    const large = join(folder, 'large');
    mkdirSync(large);
    for (const [name, html] of indexPages(largeIndex(50_000))) writeFileSync(join(large, name), html);
    const { page, context, requests, complaints } = await open(join(large, 'index.html'), {
      javaScriptEnabled: false,
      viewport: DESK,
    });
    expect(await page.locator('.rows tbody tr').count()).toBe(2500);
    expect({ requests, complaints }).toEqual({ requests: [], complaints: [] });
    await page.locator('.pages a').last().click();
    await expect.poll(() => page.locator('h1').innerText()).toBe('Captures 47,501 to 50,000 of 50,000');
    await page.getByRole('link', { name: 'Previous page' }).click();
    await expect.poll(() => page.locator('nav li', { hasText: 'Page 19 of 20' }).count()).toBe(1);
    await context.close();
  }, 120_000);

  it.each([
    ['light', DESK],
    ['dark', PHONE],
  ] as const)(
    'has nothing that axe finds serious, %s',
    async (colorScheme, viewport) => {
      const further = join(folder, `further-${colorScheme}.html`);
      const captures = Array.from({ length: 2510 }, (_, index) =>
        row(`in/${String(index).padStart(4, '0')}`),
      );
      writeFileSync(further, new Map(indexPages(timedIndex(captures))).get('index-2.html') ?? '');
      for (const file of [indexPage, further]) {
        // axe is a script; everything else of the policy is as shipped.
        const { page, context } = await open(file, { bypassCSP: true, colorScheme, viewport });
        await page
          .locator('details')
          .evaluateAll((elements) => elements.forEach((element) => element.setAttribute('open', '')));
        await page.evaluate(axe);
        const { violations } = await page.evaluate(() => window.axe.run({ resultTypes: ['violations'] }));
        const grave = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
        const list = grave.map(({ id, nodes }) => `${id}: ${nodes[0]?.html} ${nodes[0]?.failureSummary}`);
        expect.soft(list, file).toEqual([]);
        await context.close();
      }
    },
    300_000,
  );
});
