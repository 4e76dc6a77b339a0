import { describe, expect, it } from 'vitest';
import { ENCODINGS, encode } from '../../../samples/craft/index.ts';
import { analyze } from '../../../src/engine/analyze.ts';
import { describeScenarios } from '../../../test/scenario-check.ts';
import { rules } from '../../index.ts';
import { scenarios, thresholds, variants } from './scenarios.ts';

describeScenarios('Q151387', { scenarios, thresholds, variants: scenarios.flatMap(variants) });

describe('Q151387 counts as expired', () => {
  it.each([
    ['N3-released-used', 0],
    ['N15', 0],
    ['N1-made-infinite', 0],
    ['N6', 1],
  ])('of %s: %i', async (name, expired) => {
    const scenario = scenarios.find((candidate) => candidate.name === name);
    const bytes = encode(scenario?.build() ?? expect.fail(name), ENCODINGS.pcap);
    const { verdicts } = await analyze([{ bytes, path: `${name}.pcap` }], { rules });
    expect(verdicts.find(({ article }) => article === 'Q151387')?.data).toMatchObject({ expired });
  });
});
