/**
 * What the source tree promises beyond types: which folder may import which, and what may not stand in
 * it at all. Everything works on text, so that samples can be checked as well as files.
 */
import path from 'node:path';

/** One file of the tree, its path relative to the repository root with forward slashes. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

export interface Violation {
  readonly path: string;
  readonly line: number;
  readonly message: string;
}

export interface Import {
  readonly specifier: string;
  readonly line: number;
  /** Erased by the compiler: `import type`, `export type … from`, or every name marked `type`. */
  readonly typeOnly: boolean;
}

/** What a unit may import: other units by name, and whether only their types. */
interface Allowance {
  readonly values: readonly string[];
  readonly types?: readonly string[];
}

/**
 * The direction of imports: bytes -> records -> fields -> what the network did -> findings -> a report. A unit is a
 * folder of src, a single file where it is treated apart, or a folder beside src.
 */
export const DIRECTION: Readonly<Record<string, Allowance>> = {
  'src/capture': { values: [] },
  'src/wire': { values: [] },
  'src/tables': { values: [] },
  'src/trackers': { values: ['src/wire', 'src/tables'], types: ['src/capture', 'src/engine/result.ts'] },
  'src/engine/result.ts': { values: [], types: ['src/capture'] },
  'src/engine': { values: ['src/engine/result.ts', 'src/capture', 'src/wire', 'src/tables', 'src/trackers'] },
  'src/report': { values: ['src/engine/result.ts'], types: ['src/engine', 'src/capture'] },
  'src/evidence': {
    values: ['src/capture', 'src/wire', 'src/engine/result.ts', 'src/report'],
    types: ['src/engine'],
  },
  'src/scan': { values: ['src/capture', 'src/engine', 'src/engine/result.ts', 'src/report'] },
  'src/cli': { values: ['*'] },
  'src/index.ts': { values: ['*'] },
  rules: {
    values: ['src/engine', 'src/engine/result.ts', 'src/trackers', 'src/wire'],
    types: ['src/capture', 'src/tables'],
  },
  'rules/scenarios': { values: ['*'] },
  bin: { values: ['dist'] },
};

/** Units whose own files are written apart from the folder they are in. */
const FILE_UNITS = new Set(['src/engine/result.ts', 'src/index.ts']);

/** Files of a rule that build captures or test it, and so may use what writes packets. */
const CAPTURE_BUILDERS = /^rules\/.*(?:\/scenarios\.ts|-scenarios\.ts|\/scenarios\/[^/]+\.ts|\.test\.ts)$/;

/** Which unit a file belongs to: a key of `DIRECTION`, or the folder's name where there is none. */
export function unitOf(file: string): string {
  if (FILE_UNITS.has(file)) return file;
  const parts = file.split('/');
  if (parts[0] === 'src') return parts.length > 2 ? `src/${parts[1]}` : file;
  if (CAPTURE_BUILDERS.test(file)) return 'rules/scenarios';
  return parts[0] ?? file;
}

/** The text with comments, and on demand the contents of strings, blanked out; line breaks stay. */
export function blank(text: string, what: 'comments' | 'comments and strings'): string {
  const token =
    /\/\/[^\n]*|\/\*[\s\S]*?\*\/|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\[\s\S]|[^`\\])*`|\/(?![*/\s])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/[dgimsuvy]*(?=\s*[),;.:\]}\n])/g;
  return text.replace(token, (found) => {
    const isComment = found.startsWith('//') || found.startsWith('/*');
    if (!isComment && what === 'comments') return found;
    return found.replace(/[^\n]/g, ' ');
  });
}

function lineAt(text: string, index: number): number {
  return text.slice(0, index).split('\n').length;
}

/** Every static import, re-export and literal dynamic import of a module. */
export function importsOf(text: string): Import[] {
  const code = blank(text, 'comments');
  const found: Import[] = [];
  const statement =
    /(?:^|[;\n])\s*(import|export)\s+(?:(type)\s+)?([\w*${},\s]*?)\s*(?:from\s*)?(['"])([^'"\n]+)\4/g;
  for (const match of code.matchAll(statement)) {
    const [, keyword, type, clause = '', , specifier = ''] = match;
    if (keyword === 'export' && !/[*}]\s*(?:as\s+\w+\s*)?$/.test(clause)) continue;
    const named = /^\{([^}]*)\}$/.exec(clause.trim());
    const names =
      named?.[1]
        ?.split(',')
        .map((name) => name.trim())
        .filter(Boolean) ?? [];
    const typeOnly = type === 'type' || (names.length > 0 && names.every((name) => name.startsWith('type ')));
    found.push({ specifier, typeOnly, line: lineAt(code, match.index + match[0].search(/[^\s;]|$/)) });
  }
  for (const match of code.matchAll(/\bimport\s*\(\s*(['"])([^'"\n]+)\1/g)) {
    found.push({ specifier: match[2] ?? '', typeOnly: false, line: lineAt(code, match.index) });
  }
  return found;
}

/** The file that a relative specifier names, relative to the root; null for packages. */
function targetOf(from: string, specifier: string): string | null {
  return specifier.startsWith('.') ? path.posix.join(path.posix.dirname(from), specifier) : null;
}

/** Imports against the direction of `DIRECTION`. */
export function checkDirection(file: SourceFile): Violation[] {
  const from = unitOf(file.path);
  const allowance = DIRECTION[from];
  const imports = importsOf(file.text);
  if (!allowance) {
    return [
      {
        path: file.path,
        line: 1,
        message: `${from} has no place in the direction of imports; add it to DIRECTION`,
      },
    ];
  }
  const violations: Violation[] = [];
  for (const { specifier, line, typeOnly } of imports) {
    const target = targetOf(file.path, specifier);
    if (target === null) continue;
    const to = unitOf(target);
    if (to === from || allowance.values.includes('*') || allowance.values.includes(to)) continue;
    if (typeOnly && allowance.types?.includes(to)) continue;
    const hint = allowance.types?.includes(to) ? ' other than by `import type`' : '';
    violations.push({ path: file.path, line, message: `${from} may not import ${to}${hint} (${specifier})` });
  }
  return violations;
}

/** Circles among units, by imports that exist at run time. Each circle is told once. */
export function checkCycles(files: readonly SourceFile[]): string[] {
  const edges = new Map<string, Set<string>>();
  for (const file of files) {
    const from = unitOf(file.path);
    for (const { specifier, typeOnly } of importsOf(file.text)) {
      const target = targetOf(file.path, specifier);
      const to = target === null ? from : unitOf(target);
      if (typeOnly || to === from) continue;
      const targets = edges.get(from) ?? new Set<string>();
      edges.set(from, targets.add(to));
    }
  }
  const cycles = new Set<string>();
  const done = new Set<string>();
  const visit = (unit: string, trail: readonly string[]): void => {
    const start = trail.indexOf(unit);
    if (start >= 0) {
      const circle = trail.slice(start);
      const first = circle.indexOf([...circle].sort()[0] ?? unit);
      const turned = [...circle.slice(first), ...circle.slice(0, first)];
      cycles.add([...turned, turned[0]].join(' -> '));
      return;
    }
    if (done.has(unit)) return;
    for (const next of edges.get(unit) ?? []) visit(next, [...trail, unit]);
    done.add(unit);
  };
  for (const unit of edges.keys()) visit(unit, []);
  return [...cycles].sort();
}

/** Something that may not stand in the code of some files. */
interface Ban {
  readonly name: string;
  readonly where: RegExp;
  readonly except?: RegExp;
  readonly pattern: RegExp;
  /** Whether the contents of strings count. */
  readonly inStrings: boolean;
  readonly message: string;
}

/** The one engine file that reads the monotonic clock: it yields to the event loop and times the stages. */
export const CLOCK_FILE = 'src/engine/analyze.ts';

export const BANS: readonly Ban[] = [
  {
    name: 'console',
    where: /^(src|rules)\//,
    except: /^src\/cli\/|\.test\.ts$/,
    pattern: /\bconsole\s*[.[]|\bprocess\s*\.\s*(?:argv|env|stdout|stderr)\b/,
    inStrings: false,
    message: 'only src/cli touches argv, env and the console',
  },
  {
    name: 'wall clock',
    where: /^(src\/(trackers|wire|engine|tables|capture)|rules)\//,
    except: /\.test\.ts$/,
    pattern: /\bDate\s*\.\s*now\b|\bnew\s+Date\b|\bset(?:Timeout|Interval)\b/,
    inStrings: false,
    message: "time is the capture's time: no wall clock and no timers in the analysis",
  },
  {
    name: 'monotonic clock',
    where: /^(src\/(trackers|wire|engine|tables|capture)|rules)\//,
    except: new RegExp(`^${CLOCK_FILE.replace('.', '\\.')}$|\\.test\\.ts$`),
    pattern: /\bperformance\s*\.\s*now\b|\bhrtime\b/,
    inStrings: false,
    message: `only ${CLOCK_FILE} reads the monotonic clock`,
  },
  {
    name: 'article id',
    where: /^src\/(engine|trackers|wire|tables|capture)\//,
    pattern: /\bQ\d{6}\b/,
    inStrings: true,
    message: 'shared code names no article; that belongs in its rule',
  },
  {
    name: 'name',
    where: /^(src|rules)\//,
    pattern:
      /\b(?:class|interface|type|function)\s+\w*(?:Manager|Helper|Util|Utils|Processor|Handler|Base)\b/,
    inStrings: false,
    message: 'Manager, Helper, Util, Processor, Handler and Base say nothing; name the thing',
  },
  {
    name: 'machine path',
    where: /^(src|rules|samples|test|bench|fuzz|scripts|bin)\//,
    except: /^test\/structure\//,
    pattern: /\/(?:work|root|home\/\w+)\//,
    inStrings: true,
    message: 'a path of one machine',
  },
];

const MAX_LINES = 500;
const KEBAB_CASE = /^[a-z0-9]+(?:-[a-z0-9]+)*(?:\.test|\.config|\.d)?\.(?:ts|js|mjs)$/;
const EMPTY_NAMES = /(?:^|-)(?:manager|helpers?|utils?|misc|common|processor|base)(?:-|\.)/;

/** What may not stand in a file, its length and its name. */
export function checkContent(file: SourceFile): Violation[] {
  const violations: Violation[] = [];
  const name = path.posix.basename(file.path);
  if (!KEBAB_CASE.test(name)) {
    violations.push({ path: file.path, line: 1, message: `${name} is not a kebab-case name` });
  }
  if (EMPTY_NAMES.test(name)) {
    violations.push({ path: file.path, line: 1, message: `${name} does not say what belongs in it` });
  }
  const lines = file.text.replace(/\n$/, '').split('\n').length;
  if (lines > MAX_LINES) {
    violations.push({
      path: file.path,
      line: MAX_LINES,
      message: `${lines} lines; ${MAX_LINES} are the most`,
    });
  }
  for (const ban of BANS) {
    if (!ban.where.test(file.path) || ban.except?.test(file.path)) continue;
    const code = blank(file.text, ban.inStrings ? 'comments' : 'comments and strings').split('\n');
    for (const [index, line] of code.entries()) {
      const found = ban.pattern.exec(line);
      if (found) {
        violations.push({ path: file.path, line: index + 1, message: `${found[0].trim()}: ${ban.message}` });
      }
    }
  }
  return violations;
}
