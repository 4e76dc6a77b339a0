import { describeScenarios } from '../../../test/scenario-check.ts';
import { scenarios, thresholds, variants } from './scenarios.ts';

describeScenarios('Q151387', { scenarios, thresholds, variants: scenarios.flatMap(variants) });
