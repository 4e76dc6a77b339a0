import { describeScenarios } from '../../../test/scenario-check.ts';
import { habits } from './habit-scenarios.ts';

describeScenarios('Q193157', { habits });
