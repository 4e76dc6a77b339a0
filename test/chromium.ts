/** Tests in the system's Chromium: pages with the network cut, as a reader may have it, and in the eyes of axe. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import type { AxeResults, Result, RunOptions } from 'axe-core';
import { chromium } from 'playwright-core';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { arePeersRequired, hasPeer } from './peers.ts';

/** One that runs: where it is a script, it may lack what it calls. */
const executable = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) =>
  hasPeer(path),
);
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

export const PHONE = { width: 390, height: 844 };
export const DESK = { width: 1280, height: 800 };

/** What a page's own script sees; it runs there, not here. */
declare const window: { readonly axe: { run(options: RunOptions): Promise<AxeResults> } };
declare const document: {
  readonly documentElement: { readonly scrollWidth: number; readonly clientWidth: number };
};

export type NewContext = (options: BrowserContextOptions) => Promise<BrowserContext>;

/** Defines tests that share a browser. Without one they are skipped, which is a failure where nothing may be. */
export function describeInChromium(name: string, define: (newContext: NewContext) => void): void {
  it('has a browser where it must', () => {
    expect(arePeersRequired && executable === undefined).toBe(false);
  });

  describe.skipIf(executable === undefined)(`${name} (needs chromium)`, () => {
    let browser: Browser | undefined;

    beforeAll(async () => {
      browser = await chromium.launch({
        executablePath: executable ?? '',
        // A sandbox needs rights that a container seldom gives.
        args: ['--no-sandbox'],
      });
    });

    afterAll(async () => {
      await browser?.close();
    });

    define((options) => {
      if (browser === undefined) throw new Error('the browser has not started');
      return browser.newContext({ offline: true, ...options });
    });
  });
}

export interface Opened {
  readonly page: Page;
  readonly context: BrowserContext;
  /** What was asked for beside the page itself. */
  readonly requests: readonly string[];
  /** What the browser said on its console, and errors of scripts. */
  readonly complaints: readonly string[];
}

export async function openFile(context: BrowserContext, file: string): Promise<Opened> {
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

/** Widths in pixels: of all there is, and of what is seen without scrolling sideways. */
export function widthsOf(page: Page): Promise<{ readonly all: number; readonly seen: number }> {
  return page.evaluate(() => {
    const { scrollWidth: all, clientWidth: seen } = document.documentElement;
    return { all, seen };
  });
}

/** axe is a script: the page's policy must not hold it off. */
export async function loadAxe(page: Page): Promise<void> {
  await page.evaluate(axe);
}

export async function violationsOf(page: Page): Promise<readonly Result[]> {
  const { violations } = await page.evaluate(() => window.axe.run({ resultTypes: ['violations'] }));
  return violations;
}

/** What axe finds serious or worse, in words. */
export async function graveViolationsOf(page: Page): Promise<readonly string[]> {
  const violations = await violationsOf(page);
  const grave = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
  return grave.map(({ id, nodes }) => `${id}: ${nodes[0]?.html} ${nodes[0]?.failureSummary}`);
}
