import { fileURLToPath } from 'node:url';
import { GenericContainer, Wait } from 'testcontainers';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/**
 * A processor in a container that may use no more than so many CPUs, e.g. 0.6, its children included: as one of several
 * small machines. It runs these sources, which the container sees where they are. Linux only: the host's network, and
 * the packages that are installed here.
 * @param env the settings that lead to the rest of the system
 */
export async function startContainedProcessor(
  env: Record<string, string>,
  cpus: number,
): Promise<{ stop(): Promise<void> }> {
  const container = await new GenericContainer('node:24-bookworm-slim')
    .withNetworkMode('host')
    .withBindMounts([{ source: ROOT, target: ROOT, mode: 'ro' }])
    .withWorkingDir(ROOT)
    .withEnvironment(env)
    .withResourcesQuota({ cpu: cpus })
    .withCommand(['node', 'processors/main.ts'])
    .withWaitStrategy(Wait.forLogMessage(/"msg":"listening"/))
    .start();
  return {
    stop: async () => {
      await container.stop({ timeout: 10_000 });
    },
  };
}
