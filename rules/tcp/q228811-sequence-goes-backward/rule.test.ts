import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { analyze } from '../../../src/engine/analyze.ts';
import { describeScenarios } from '../../../test/scenario-check.ts';
import rule from './rule.ts';
import { scenarios, thresholds, variants } from './scenarios.ts';

describeScenarios('Q228811', { scenarios, thresholds, variants });

describe('a finding is told what to doubt about it', () => {
  const doubtsOf = async (file: string) => {
    const { findings } = await analyze(
      [fileURLToPath(new URL(`../../../samples/${file}`, import.meta.url))],
      {
        rules: [rule],
      },
    );
    return findings.map(({ summary, caveats, refutations }) => ({
      summary,
      caveats,
      isRefutedByAnswer: refutations.some((text) => text.startsWith('A SYN/ACK')),
    }));
  };

  it('that failed to connect: an answer that was not captured', async () => {
    const [only] = await doubtsOf('q228811-p1-old-acknowledgment.pcap');
    expect(only?.caveats).toContain('caveatLost');
    expect(only?.isRefutedByAnswer).toBe(true);
  });

  it('by its numbers alone, whose SYNs are answered: no answer', async () => {
    expect(await doubtsOf('q228811-p7-series.pcap')).toEqual([
      { summary: 'series', caveats: ['caveatNat'], isRefutedByAnswer: false },
    ]);
  });
});
