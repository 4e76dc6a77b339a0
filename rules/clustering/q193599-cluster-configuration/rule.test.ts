import { describeScenarios } from '../../../test/scenario-check.ts';
import { scenarios, thresholds, variants } from './scenarios.ts';

describeScenarios('Q193599', { scenarios, thresholds, variants });
