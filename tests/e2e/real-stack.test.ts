import { startRealStack } from '../systems/real-stack.ts';
import { testJourneys } from './scenarios/all.ts';

testJourneys('real stack', () => startRealStack());
