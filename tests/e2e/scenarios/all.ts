import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { createApi } from '../../systems/api.ts';
import type { SystemUnderTest } from '../../systems/system-under-test.ts';
import { badInput } from './bad-input.ts';
import { changes } from './changes.ts';
import type { Journey } from './journey.ts';
import { packages } from './pipeline.ts';
import { uploadJourneys } from './upload-journeys.ts';
import { urlSources } from './url-sources.ts';

/** The same journeys through any system: what its clients were promised, seen from outside. */
export function testJourneys(name: string, start: () => Promise<SystemUnderTest>): void {
  let journey: Journey | undefined;
  test.serial.before(`${name}: starts`, async (t) => {
    t.timeout(180_000);
    const folder = await mkdtemp(join(tmpdir(), 'transcodeflow-media-'));
    const system = await start();
    journey = { folder, system, api: createApi(system) };
  });
  test.serial.after.always(`${name}: stops cleanly on SIGTERM`, async () => {
    await journey?.system.close();
    if (journey) await rm(journey.folder, { recursive: true, force: true });
  });
  const current = () => {
    if (!journey) throw new Error('The system has not started');
    return journey;
  };
  for (const journeys of [packages, changes, badInput, urlSources, uploadJourneys])
    journeys(name, test.serial, current);
}
