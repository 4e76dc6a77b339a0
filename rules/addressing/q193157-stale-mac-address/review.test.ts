import { describeScenarios } from '../../../test/scenario-check.ts';
import { reviews } from './review-scenarios.ts';

describeScenarios('Q193157', { reviews });
