/** A capture analysed with runs of ordinary packets and without. */
import { expect } from 'vitest';
import type { Rule } from '../../src/engine/rule.ts';
import { outcomeOf } from './outcome.ts';

/** Fails unless a capture gives the same taken in runs and one by one. Answers how many packets runs took. */
export async function expectEqualInRuns(bytes: Uint8Array, withRules?: readonly Rule[]): Promise<number> {
  const oneByOne = await outcomeOf(bytes, false, withRules);
  const inRuns = await outcomeOf(bytes, true, withRules);
  expect(inRuns.report).toBe(oneByOne.report);
  // In one piece, so that nothing ends a run but what ends it.
  const inOnePiece = await outcomeOf(bytes, true, withRules, bytes.length);
  expect(inOnePiece.report).toBe(oneByOne.report);
  return inRuns.inRuns;
}
