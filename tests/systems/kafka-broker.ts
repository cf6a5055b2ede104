import { KafkaContainer } from '@testcontainers/kafka';
import { getContainerRuntimeClient, Wait } from 'testcontainers';
import { freePort } from './free-port.ts';

const KAFKA_PORT = 9093;

/** Its host port is fixed, so that it keeps its address when it is started again. */
class FixedPortKafka extends KafkaContainer {
  readonly #port: number;

  constructor(port: number) {
    super('confluentinc/cp-kafka:8.0.0');
    this.#port = port;
  }

  protected override async beforeContainerCreated(): Promise<void> {
    await super.beforeContainerCreated();
    this.withExposedPorts({ container: KAFKA_PORT, host: this.#port });
  }
}

export interface KafkaBroker {
  readonly brokers: string[];
  /** Ends the broker without a warning. */
  kill(): Promise<void>;
  /** Starts it again, with its data. */
  start(): Promise<void>;
  /** Of its first process, as the machine that runs the containers counts them. */
  pid(): Promise<number>;
  stop(): Promise<void>;
}

/** A single-node Kafka, with every auto-created topic refused. */
export const startKafka = async (): Promise<KafkaBroker> => {
  const port = await freePort();
  const container = await new FixedPortKafka(port)
    // Some builds of the image keep their configuration read-only for its own user.
    .withUser('root')
    .withEnvironment({ KAFKA_AUTO_CREATE_TOPICS_ENABLE: 'false' })
    .withWaitStrategy(Wait.forLogMessage('Kafka Server started'))
    .start();
  const client = await getContainerRuntimeClient();
  const process = client.container.getById(container.getId());
  return {
    brokers: [`${container.getHost()}:${port}`],
    kill: () => process.kill(),
    start: () => process.start(),
    pid: async () => (await process.inspect()).State.Pid,
    stop: async () => {
      await container.stop({ timeout: 0 });
    },
  };
};
