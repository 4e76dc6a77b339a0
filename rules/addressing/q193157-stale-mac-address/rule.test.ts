import { describeScenarios } from '../../../test/scenario-check.ts';
import { scenarios, thresholds, variants } from './scenarios.ts';

describeScenarios('Q193157', { scenarios, thresholds, variants });
