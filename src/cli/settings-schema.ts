/** The zod schema of a threshold, derived from its specification. Loaded only when a threshold is set. */
import * as z from 'zod/mini';
import type { OptionSpec } from '../engine/options.ts';

export function optionSchema({ min = 0, max = Infinity }: OptionSpec): z.ZodMiniNumber {
  return z
    .number({ error: 'must be a number' })
    .check(z.gte(min, { error: `must be at least ${min}` }), z.lte(max, { error: `must be at most ${max}` }));
}

/** What is wrong with a value, as the rest of a sentence; null if nothing is. */
export function checkOption(spec: OptionSpec, value: number): string | null {
  const result = optionSchema(spec).safeParse(value);
  return result.success ? null : (result.error.issues[0]?.message ?? 'is not allowed');
}
