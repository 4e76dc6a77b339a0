/** The chart library is big: nobody who does not want a picture may pay for it. */
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type * as Charts from '../../src/report/charts/index.ts';
import { run } from '../cli/kbdiag.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { events, findingWith } from './chart-findings.ts';
import { drawCharts } from '../../src/report/charts/index.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const dist = (name: string): string => join(root, 'dist', name);
/** What only the chart library and the document library have in them. */
const MARKS = ['--plot-background', 'parseFromString'];

describe('the bundle of the pictures', () => {
  const folder = temporaryFolder();

  it('is its own: the command line and the library hold none of it', () => {
    for (const mark of MARKS) {
      expect(readFileSync(dist('charts.cjs'), 'utf8')).toContain(mark);
      for (const name of ['cli.cjs', 'index.js'])
        expect(readFileSync(dist(name), 'utf8')).not.toContain(mark);
    }
    expect(statSync(dist('charts.cjs')).size).toBeLessThan(800_000);
  });

  it('draws as the sources do', async () => {
    const bundled = createRequire(import.meta.url)(dist('charts.cjs')) as typeof Charts;
    const finding = findingWith([events('heartbeat', 'host 1', [1, 2, 3])]);
    expect(await bundled.drawCharts(finding)).toEqual(await drawCharts(finding));
    expect(bundled.CHART_CSS).toContain('.kbc');
  });

  it('is read by no run that wants no picture', async () => {
    const hook = join(folder, 'hook.cjs');
    // Every file that Node is asked to load, and every one that is read.
    writeFileSync(
      hook,
      `const fs = require('node:fs'); const Module = require('node:module'); const seen = [];
const open = fs.openSync; fs.openSync = (path, ...rest) => { seen.push(String(path)); return open(path, ...rest); };
const read = fs.readFileSync; fs.readFileSync = (path, ...rest) => { seen.push(String(path)); return read(path, ...rest); };
const load = Module._load; Module._load = (name, ...rest) => { seen.push(name); return load(name, ...rest); };
process.on('exit', () => process.stderr.write('SEEN ' + seen.join(' ')));`,
    );
    const sample = join(root, 'samples', 'q120599-d1-boot-conflict.pcap');
    for (const args of [['--version'], ['analyze', sample], ['analyze', '-f', 'json', sample]]) {
      const { stderr, code } = await run(args, folder, { NODE_OPTIONS: `--require=${hook}` });
      expect(code).toBe(0);
      expect(stderr).toContain('cli.cjs');
      expect(stderr).not.toContain('charts.cjs');
    }
  });
});
