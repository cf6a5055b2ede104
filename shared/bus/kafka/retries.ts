import type { RetryOptions } from 'kafkajs';

/** Single requests of a client: short, because the callers below retry around them. */
export const clientRetries: RetryOptions = { initialRetryTime: 100, maxRetryTime: 1_000, retries: 3 };

/** A publish gives up after some 12 s without a broker, and its caller (the outbox) tries again. */
export const publishRetries: RetryOptions = { initialRetryTime: 100, maxRetryTime: 3_000, retries: 8 };

/** A consumer that gave up is started afresh by `KafkaSubscription`; kafkajs itself never restarts it. */
export const consumerRetries: RetryOptions = {
  initialRetryTime: 100,
  maxRetryTime: 2_000,
  retries: 5,
  restartOnFailure: async () => false,
};
