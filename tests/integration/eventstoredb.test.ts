import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { openEventStoreDb } from '@transcodeflow/shared/event-store/eventstoredb/eventstoredb-event-store.ts';
import { silentLogger } from '@transcodeflow/shared/telemetry/logger.ts';
import { testEventStoreContract } from '@transcodeflow/shared/testing/event-store-contract.ts';
import test from 'ava';
import { GenericContainer, Wait } from 'testcontainers';

const PORT = 2113;
/** The last releases under the name of EventStoreDB, which db-client 6 speaks to. */
const IMAGES = [
  'eventstore/eventstore:24.10',
  'docker.eventstore.com/eventstore/eventstore:24.10',
  'eventstore/eventstore:23.10.0-bookworm-slim',
];

/** The first that is on this machine; nothing is pulled, since it cannot be had everywhere. */
async function localImage(): Promise<string | undefined> {
  for (const image of IMAGES) {
    const found = await promisify(execFile)('docker', ['image', 'inspect', image]).catch(() => undefined);
    if (found) return image;
  }
  return undefined;
}

const image = await localImage();
if (image === undefined) {
  test.skip(`EventStoreDB keeps the event store's contract: not run, none of the images ${IMAGES.join(', ')} is on this machine (docker pull one)`, (t) =>
    t.fail());
} else {
  testEventStoreContract(test, `EventStoreDB (${image})`, async (t) => {
    // One server per test: an empty store is part of the contract.
    const server = await new GenericContainer(image)
      .withEnvironment({
        EVENTSTORE_INSECURE: 'true',
        EVENTSTORE_MEM_DB: 'true',
        EVENTSTORE_CLUSTER_SIZE: '1',
        EVENTSTORE_RUN_PROJECTIONS: 'None',
      })
      .withExposedPorts(PORT)
      .withWaitStrategy(Wait.forHttp('/health/live', PORT).forStatusCode(204))
      .start();
    const url = `esdb://${server.getHost()}:${server.getMappedPort(PORT)}?tls=false`;
    const store = await openEventStoreDb(url, silentLogger);
    t.teardown(async () => {
      await store.close();
      await server.stop();
    });
    return store;
  });
}
