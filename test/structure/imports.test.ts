import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { SourceFile, Violation } from './source-rules.ts';
import { blank, checkContent, checkCycles, checkDirection, CLOCK_FILE, importsOf } from './source-rules.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');

function readTree(folders: readonly string[]): SourceFile[] {
  const files: SourceFile[] = [];
  for (const folder of folders) {
    for (const entry of readdirSync(path.join(ROOT, folder), { recursive: true, withFileTypes: true })) {
      if (!entry.isFile() || !/\.(ts|js|mjs)$/.test(entry.name)) continue;
      const full = path.join(entry.parentPath, entry.name);
      const relative = path.relative(ROOT, full).split(path.sep).join('/');
      if (/^(?:bench\/captures|fuzz\/build)\//.test(relative)) continue;
      files.push({ path: relative, text: readFileSync(full, 'utf8') });
    }
  }
  return files.sort((a, b) => (a.path < b.path ? -1 : 1));
}

const describeViolation = ({ path: file, line, message }: Violation): string => `${file}:${line}: ${message}`;
const describeAll = (violations: readonly Violation[]): string[] => violations.map(describeViolation);

const layered = readTree(['src', 'rules', 'bin']);
const everything = [...layered, ...readTree(['samples', 'test', 'bench', 'fuzz', 'scripts'])];

describe('the source tree', () => {
  it('is found', () => {
    expect(layered.length).toBeGreaterThan(8);
    expect(layered.map((file) => file.path)).toEqual(
      expect.arrayContaining(['bin/kbdiag.js', 'src/capture/record.ts', 'src/engine/rule.ts']),
    );
    expect(layered.flatMap((file) => importsOf(file.text)).length).toBeGreaterThan(8);
  });

  it('imports in one direction', () => {
    expect(describeAll(layered.flatMap(checkDirection))).toEqual([]);
  });

  it('has no circle among folders', () => {
    expect(checkCycles(layered.filter((file) => !file.path.endsWith('.test.ts')))).toEqual([]);
  });

  it('keeps to its names, its lengths and what may not stand in it', () => {
    expect(describeAll(everything.flatMap(checkContent))).toEqual([]);
  });
});

/** Every row must be refused with exactly this message, so the checks above are known to be able to fail. */
const REFUSED_IMPORTS: ReadonlyArray<readonly [file: string, code: string, message: string]> = [
  [
    'src/capture/pcap.ts',
    `import { x } from '../wire/ip.ts';`,
    'src/capture may not import src/wire (../wire/ip.ts)',
  ],
  [
    'src/wire/ip.ts',
    `export * from '../capture/record.ts';`,
    'src/wire may not import src/capture (../capture/record.ts)',
  ],
  [
    'src/wire/ip.ts',
    `import type { T } from '../engine/result.ts';`,
    'src/wire may not import src/engine/result.ts (../engine/result.ts)',
  ],
  [
    'src/tables/table.ts',
    `import { x } from '../wire/ip.ts';`,
    'src/tables may not import src/wire (../wire/ip.ts)',
  ],
  [
    'src/trackers/leases.ts',
    `import type { R } from '../engine/rule.ts';`,
    'src/trackers may not import src/engine (../engine/rule.ts)',
  ],
  [
    'src/trackers/leases.ts',
    `import { CONFIDENCE } from '../engine/result.ts';`,
    'src/trackers may not import src/engine/result.ts other than by `import type` (../engine/result.ts)',
  ],
  [
    'src/trackers/leases.ts',
    `import { CaptureRecord } from '../capture/record.ts';`,
    'src/trackers may not import src/capture other than by `import type` (../capture/record.ts)',
  ],
  [
    'src/trackers/leases.ts',
    `import { rule } from '../../rules/index.ts';`,
    'src/trackers may not import rules (../../rules/index.ts)',
  ],
  [
    'src/engine/loop.ts',
    `import { rules } from '../../rules/index.ts';`,
    'src/engine may not import rules (../../rules/index.ts)',
  ],
  [
    'src/engine/loop.ts',
    `const r = await import('../report/text.ts');`,
    'src/engine may not import src/report (../report/text.ts)',
  ],
  [
    'src/report/text.ts',
    `import {\n  analyze,\n  type Options,\n} from '../engine/analyze.ts';`,
    'src/report may not import src/engine other than by `import type` (../engine/analyze.ts)',
  ],
  ['src/report/text.ts', `import '../cli/main.ts';`, 'src/report may not import src/cli (../cli/main.ts)'],
  [
    'src/report/text.ts',
    `import { rules } from '../../rules/index.ts';`,
    'src/report may not import rules (../../rules/index.ts)',
  ],
  [
    'rules/a/q000000-x/rule.ts',
    `import { craft } from '../../../samples/craft/tcp.ts';`,
    'rules may not import samples (../../../samples/craft/tcp.ts)',
  ],
  [
    'rules/a/q000000-x/rule.ts',
    `import { open } from '../../../src/capture/open.ts';`,
    'rules may not import src/capture other than by `import type` (../../../src/capture/open.ts)',
  ],
  [
    'rules/a/q000000-x/rule.ts',
    `import { text } from '../../../src/report/text.ts';`,
    'rules may not import src/report (../../../src/report/text.ts)',
  ],
  [
    'rules/a/q000000-x/rule.ts',
    `import { lan } from './scenarios/lan.ts';`,
    'rules may not import rules/scenarios (./scenarios/lan.ts)',
  ],
  ['bin/kbdiag.js', `import '../src/cli/main.ts';`, 'bin may not import src/cli (../src/cli/main.ts)'],
  ['src/attic/old.ts', '', 'src/attic has no place in the direction of imports; add it to DIRECTION'],
];

const ACCEPTED_IMPORTS: ReadonlyArray<readonly [file: string, code: string]> = [
  ['src/capture/pcap.ts', `import fs from 'node:fs';\nimport { A } from './record.ts';`],
  [
    'src/trackers/leases.ts',
    `import { t } from '../tables/table.ts';\nimport type { C } from '../capture/record.ts';`,
  ],
  ['src/trackers/leases.ts', `import { type CaptureTime } from '../engine/result.ts';`],
  ['src/trackers/leases.ts', `// import { R } from '../engine/rule.ts';\n/* import '../cli/main.ts'; */`],
  ['src/engine/rule.ts', `import type { Lease } from '../trackers/leases.ts';\nexport * from './result.ts';`],
  ['rules/a/q000000-x/scenarios.ts', `import { craft } from '../../../samples/craft/tcp.ts';`],
  ['rules/a/q000000-x/hand-over-scenarios.ts', `import { craft } from '../../../samples/craft/tcp.ts';`],
  ['rules/a/q000000-x/scenarios/lan.ts', `import { craft } from '../../../../samples/craft/tcp.ts';`],
  ['rules/a/q000000-x/rule.test.ts', `import { analyze } from '../../../src/index.ts';`],
  [
    'src/cli/main.ts',
    `import { rules } from '../../rules/index.ts';\nconst t = await import('../report/text.ts');`,
  ],
];

const REFUSED_CONTENT: ReadonlyArray<readonly [file: string, code: string, message: string]> = [
  ['src/report/text.ts', 'console.log(1);', 'console.: only src/cli touches argv, env and the console'],
  [
    'src/engine/loop.ts',
    'const colour = process.env;',
    'process.env: only src/cli touches argv, env and the console',
  ],
  [
    'src/trackers/leases.ts',
    'const t = Date.now();',
    "Date.now: time is the capture's time: no wall clock and no timers in the analysis",
  ],
  [
    'src/wire/ip.ts',
    'const t = new Date();',
    "new Date: time is the capture's time: no wall clock and no timers in the analysis",
  ],
  [
    'src/engine/loop.ts',
    'setTimeout(go, 1);',
    "setTimeout: time is the capture's time: no wall clock and no timers in the analysis",
  ],
  [
    'src/engine/loop.ts',
    'const t = performance.now();',
    `performance.now: only ${CLOCK_FILE} reads the monotonic clock`,
  ],
  [
    'src/engine/loop.ts',
    `const id = 'Q151387';`,
    'Q151387: shared code names no article; that belongs in its rule',
  ],
  [
    'src/trackers/leases.ts',
    'const isMine = /Q120599/.test(id);',
    'Q120599: shared code names no article; that belongs in its rule',
  ],
  [
    'src/engine/loop.ts',
    'export class RuleManager {}',
    'class RuleManager: Manager, Helper, Util, Processor, Handler and Base say nothing; name the thing',
  ],
  ['src/engine/Loop.ts', '', 'Loop.ts is not a kebab-case name'],
  ['src/engine/rule_loop.ts', '', 'rule_loop.ts is not a kebab-case name'],
  ['src/wire/ip-utils.ts', '', 'ip-utils.ts does not say what belongs in it'],
  ['src/wire/ip.ts', 'x;\n'.repeat(501), '501 lines; 500 are the most'],
  ['test/cli/run.ts', `const file = '/root/x.pcap';`, '/root/: a path of one machine'],
];

const ACCEPTED_CONTENT: ReadonlyArray<readonly [file: string, code: string]> = [
  ['src/cli/main.ts', 'console.log(process.argv, new Date());'],
  ['src/engine/loop.ts', '// Q151387 asks for Date.now()\n/* console.log */ const text = "setTimeout(";'],
  ['src/engine/analyze.ts', 'export const now = () => performance.now();'],
  ['src/report/text.ts', 'const shown = new Date(0);'],
  ['rules/a/q151387-x/rule.ts', `const id = 'Q151387';`],
  ['src/wire/ip.ts', 'x;\n'.repeat(500)],
];

describe('the checks themselves', () => {
  it.each(REFUSED_IMPORTS)('%s refuses %s', (file, text, message) => {
    expect(checkDirection({ path: file, text }).map((violation) => violation.message)).toEqual([message]);
  });

  it.each(ACCEPTED_IMPORTS)('%s accepts %s', (file, text) => {
    expect(describeAll(checkDirection({ path: file, text }))).toEqual([]);
  });

  it.each(REFUSED_CONTENT)('%s refuses its content (%#)', (file, text, message) => {
    expect(checkContent({ path: file, text }).map((violation) => violation.message)).toEqual([message]);
  });

  it.each(ACCEPTED_CONTENT)('%s accepts its content (%#)', (file, text) => {
    expect(describeAll(checkContent({ path: file, text }))).toEqual([]);
  });

  it('names the line of a violation', () => {
    const text = `import fs from 'node:fs';\n\nimport { x } from '../wire/ip.ts';\n`;
    expect(describeAll(checkDirection({ path: 'src/capture/pcap.ts', text }))).toEqual([
      'src/capture/pcap.ts:3: src/capture may not import src/wire (../wire/ip.ts)',
    ]);
  });

  it('tells a circle once, and none through types', () => {
    const circle = [
      { path: 'src/wire/a.ts', text: `import { b } from '../tables/b.ts';` },
      { path: 'src/tables/b.ts', text: `import { c } from '../trackers/c.ts';` },
      { path: 'src/trackers/c.ts', text: `import { a } from '../wire/a.ts';` },
    ];
    expect(checkCycles(circle)).toEqual(['src/tables -> src/trackers -> src/wire -> src/tables']);
    const typed = circle.with(2, {
      path: 'src/trackers/c.ts',
      text: `import type { A } from '../wire/a.ts';`,
    });
    expect(checkCycles(typed)).toEqual([]);
  });

  it('reads every form of import', () => {
    const text = [
      `import a, { type B, c } from './one.ts';`,
      `import type D from './two.ts';`,
      `import { type E, type F } from './three.ts';`,
      `export { g } from './four.ts';`,
      `export type { H } from './five.ts';`,
      `export * as i from './six.ts';`,
      `import './seven.ts';`,
      `const j = import('./eight.ts');`,
      `export const k = { l: './nine.ts' };`,
      `export const m = './ten.ts';`,
    ].join('\n');
    const found = importsOf(text).map(
      ({ specifier, typeOnly, line }) => `${line} ${specifier}${typeOnly ? ' type' : ''}`,
    );
    expect(found).toEqual([
      '1 ./one.ts',
      '2 ./two.ts type',
      '3 ./three.ts type',
      '4 ./four.ts',
      '5 ./five.ts type',
      '6 ./six.ts',
      '7 ./seven.ts',
      '8 ./eight.ts',
    ]);
  });

  it('blanks comments and strings, and nothing else', () => {
    const text = `a('//x'); // b\nconst r = /"/; c /* d\n */ e \`f\n\`;`;
    expect(blank(text, 'comments')).toBe(`a('//x');     \nconst r = /"/; c     \n    e \`f\n\`;`);
    expect(blank(text, 'comments and strings')).toBe(`a(     );     \nconst r =    ; c     \n    e   \n ;`);
  });
});
