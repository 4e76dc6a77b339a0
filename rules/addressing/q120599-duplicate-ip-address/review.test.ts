import { describeScenarios } from '../../../test/scenario-check.ts';
import { reviews } from './review-scenarios.ts';

describeScenarios('Q120599', { reviews });
