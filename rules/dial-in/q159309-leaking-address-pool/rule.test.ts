import { describeScenarios } from '../../../test/scenario-check.ts';
import { scenarios } from './scenarios.ts';

describeScenarios('Q159309', { scenarios });
