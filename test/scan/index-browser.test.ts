/** The index of a real scan in a real browser: scripts off and the network cut, and in the eyes of axe. */
import { copyFileSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { BrowserContextOptions } from 'playwright-core';
import { beforeAll, expect, it } from 'vitest';
import { indexPages } from '../../src/scan/index-html/index.ts';
import {
  describeInChromium,
  DESK,
  graveViolationsOf,
  loadAxe,
  openFile,
  type Opened,
  PHONE,
  widthsOf,
} from '../chromium.ts';
import { run } from '../cli/kbdiag.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { makeTree, ODD_NAMES, readIndex, SAMPLES } from './folder.ts';
import { largeIndex, row, timedIndex } from './made-index.ts';

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

describeInChromium('the index in Chromium', (newContext) => {
  const folder = temporaryFolder();
  const out = join(folder, 'out');

  beforeAll(async () => {
    makeTree(folder);
    mkdirSync(join(folder, 'tree/links'));
    for (const name of LINK_NAMES)
      copyFileSync(join(SAMPLES, 'q120599-d1-boot-conflict.pcap'), join(folder, 'tree/links', name));
    const outcome = await run(['scan', 'tree', '-r', '-o', 'out', '-f', 'json,html'], folder);
    if (outcome.code !== 4) throw new Error(outcome.stderr);
  }, 120_000);

  async function open(file: string, options: BrowserContextOptions): Promise<Opened> {
    return openFile(await newContext(options), file);
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
    const { all, seen } = await widthsOf(page);
    expect(all).toBe(seen);
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
        await loadAxe(page);
        expect.soft(await graveViolationsOf(page), file).toEqual([]);
        await context.close();
      }
    },
    300_000,
  );
});
