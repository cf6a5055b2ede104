import type { TestFn } from 'ava';
import type { BusUnderTest } from './bus-under-test.ts';
import { testDelivery } from './delivery.ts';
import { testFailures } from './failures.ts';
import { testFlowControl } from './flow-control.ts';

/** The guarantees of `bus.ts`, for every adapter. */
export function testBusContract(test: TestFn, subject: () => BusUnderTest): void {
  for (const part of [testDelivery, testFlowControl, testFailures]) part(test, subject);
}
