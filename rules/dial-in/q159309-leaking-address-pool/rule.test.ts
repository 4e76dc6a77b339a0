import { describeScenarios } from '../../../test/scenario-check.ts';
import { scenarios, thresholds, variants } from './scenarios.ts';

describeScenarios('Q159309', { scenarios, thresholds, variants: scenarios.flatMap(variants) });
