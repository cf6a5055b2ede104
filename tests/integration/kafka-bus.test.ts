import { testBusContract } from '@transcodeflow/shared/testing/bus/contract.ts';
import test from 'ava';
import { kafkaBench } from './kafka-bus/bench.ts';
import { testBrokerOutage } from './kafka-bus/broker-outage.ts';
import { testMembers } from './kafka-bus/members.ts';
import { testMessages } from './kafka-bus/messages.ts';
import { testPositions } from './kafka-bus/positions.ts';
import { testTopics } from './kafka-bus/topics.ts';

const bench = kafkaBench(test);

testBusContract(test, () => ({ open: bench.openBus, topic: bench.newTopic }));
for (const part of [testTopics, testMessages, testPositions, testMembers, testBrokerOutage])
  part(test, bench);
