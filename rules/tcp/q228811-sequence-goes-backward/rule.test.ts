import { describeScenarios } from '../../../test/scenario-check.ts';
import { scenarios, thresholds, variants } from './scenarios.ts';

describeScenarios('Q228811', { scenarios, thresholds, variants });
