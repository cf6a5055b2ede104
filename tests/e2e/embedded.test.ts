import { startEmbedded } from '../systems/embedded.ts';
import { testJourneys } from './scenarios/all.ts';

testJourneys('embedded', () => startEmbedded());
