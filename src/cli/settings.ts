/** Thresholds from `--set` and `--config`: which names exist, and whether a value is allowed. */
import { readFileSync } from 'node:fs';
import type { OptionGroups, OptionSpec } from '../engine/options.ts';
import type { Rule } from '../engine/rule.ts';
import { ADDRESS_OPTIONS, CAPTURE_OPTIONS } from '../engine/shared-options.ts';
import { terminalText } from '../report/escape.ts';
import { UsageError } from './exit.ts';
import { suggestion } from './nearest.ts';

/** The options that apply to all rules. */
export const SHARED_OPTIONS = {
  capture: CAPTURE_OPTIONS,
  address: ADDRESS_OPTIONS,
} as const satisfies OptionGroups;

/** One threshold as it was given, and where. */
export interface Setting {
  readonly name: string;
  readonly value: number;
  /** `--set`, or file and place of the name. */
  readonly origin: string;
  /** The place of the value, where that is another one. */
  readonly valueOrigin?: string;
}

/** Every option that exists, by full name. */
export function optionsByName(rules: readonly Rule[]): Map<string, OptionSpec> {
  const specs = new Map<string, OptionSpec>();
  const groups: OptionGroups = {
    ...SHARED_OPTIONS,
    ...Object.fromEntries(rules.map(({ meta }) => [meta.article.id, meta.options])),
  };
  for (const [prefix, group] of Object.entries(groups)) {
    for (const [name, spec] of Object.entries(group)) specs.set(`${prefix}.${name}`, spec);
  }
  return specs;
}

/** `name=value`, as after `--set`. */
export function parseSetting(text: string): Setting {
  const equals = text.indexOf('=');
  const name = text.slice(0, equals).trim();
  const value = text.slice(equals + 1).trim();
  if (equals < 1) {
    throw new UsageError(
      `--set ${terminalText(text)}: write it as name=value, such as Q151387.graceMinSeconds=60`,
    );
  }
  if (value === '' || !Number.isFinite(Number(value))) {
    throw new UsageError(`--set ${terminalText(text)}: the value must be a number`);
  }
  return { name, value: Number(value), origin: '--set' };
}

/** The settings of a configuration file. */
export async function readConfigFile(path: string): Promise<Setting[]> {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError(`--config ${terminalText(path)}: ${terminalText(reason)}`, { cause: error });
  }
  const [first, second] = bytes;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff))
    throw new UsageError(`--config ${terminalText(path)}: the file is UTF-16; save it as UTF-8`);
  const { describePlace, parseConfig } = await import('./config-file.ts');
  return parseConfig(bytes.toString('utf8'), path).map(({ name, value, nameAt, valueAt }) => ({
    name,
    value,
    origin: describePlace(path, nameAt),
    valueOrigin: describePlace(path, valueAt),
  }));
}

/**
 * Checks settings against the options of the rules and gives them to the engine by full name; later ones win. Names and bounds
 * that do not hold are a `UsageError`.
 */
export async function validateSettings(
  settings: readonly Setting[],
  rules: readonly Rule[],
): Promise<Record<string, number>> {
  if (settings.length === 0) return {};
  const specs = optionsByName(rules);
  const { checkOption } = await import('./settings-schema.ts');
  const overrides: Record<string, number> = {};
  for (const { name, value, origin, valueOrigin = origin } of settings) {
    const spec = specs.get(name);
    if (spec === undefined) {
      const hint = suggestion(name, specs.keys()) || '; kbdiag rules show Q… lists the options';
      throw new UsageError(`${origin}: there is no option ${terminalText(name)}${hint}`);
    }
    const trouble = checkOption(spec, value);
    if (trouble !== null) throw new UsageError(`${valueOrigin}: ${name} ${trouble}, and not ${value}`);
    overrides[name] = value;
  }
  return overrides;
}
