/**
 * Thresholds as data. Every number a rule or tracker decides by is one of these; its unit is the end of
 * its name. The zod schema that validates `--set` and configuration files is derived from them on demand,
 * so that an analysis with default thresholds does not pay for loading it.
 */
export interface OptionSpec {
  readonly default: number;
  /** One sentence, shown by `kbdiag rules show`. */
  readonly description: string;
  /** Inclusive bounds; 0 and infinity where absent. */
  readonly min?: number;
  readonly max?: number;
}

export type OptionSpecs = Readonly<Record<string, OptionSpec>>;
export type OptionValues<Specs extends OptionSpecs> = { readonly [Name in keyof Specs]: number };

/** Groups of options by prefix: `capture`, `address`, `Q151387`, … */
export type OptionGroups = Readonly<Record<string, OptionSpecs>>;

/** What was resolved last: many captures are analysed with the same thresholds. */
const resolved = new WeakMap<
  OptionSpecs,
  {
    readonly prefix: string;
    readonly overrides: Readonly<Record<string, number>>;
    readonly values: Readonly<Record<string, number>>;
  }
>();

/** Fills in the defaults. `overrides` is keyed by full name (`Q151387.graceMinSeconds`) and already validated; of a frozen one the answer is kept. */
export function resolveOptions<Specs extends OptionSpecs>(
  prefix: string,
  specs: Specs,
  overrides: Readonly<Record<string, number>>,
): OptionValues<Specs> {
  const last = resolved.get(specs);
  if (last?.overrides === overrides && last.prefix === prefix) return last.values as OptionValues<Specs>;
  const values: Record<string, number> = {};
  for (const [name, spec] of Object.entries(specs))
    values[name] = overrides[`${prefix}.${name}`] ?? spec.default;
  if (Object.isFrozen(overrides)) resolved.set(specs, { prefix, overrides, values });
  return values as OptionValues<Specs>;
}
