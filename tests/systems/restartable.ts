import { GenericContainer, getContainerRuntimeClient, type WaitStrategy } from 'testcontainers';
import { freePort } from './free-port.ts';

/** A container on a fixed host port: killed and started again, it keeps its address and its data. */
export interface Restartable {
  host: string;
  port: number;
  /** Without a warning. */
  kill(): Promise<void>;
  start(): Promise<void>;
  /** Its connections stay open and nothing answers. */
  pause(): Promise<void>;
  unpause(): Promise<void>;
  /** Of its first process, as the machine that runs the containers counts them. */
  pid(): Promise<number>;
  stop(): Promise<void>;
}

export async function startRestartable(
  image: string,
  containerPort: number,
  options: { environment?: Record<string, string>; command?: string[]; ready: WaitStrategy },
): Promise<Restartable> {
  const port = await freePort();
  const container = await new GenericContainer(image)
    .withEnvironment(options.environment ?? {})
    .withCommand(options.command ?? [])
    .withExposedPorts({ container: containerPort, host: port })
    .withWaitStrategy(options.ready)
    .start();
  const client = await getContainerRuntimeClient();
  const handle = client.container.getById(container.getId());
  return {
    host: container.getHost(),
    port,
    kill: () => handle.kill(),
    start: () => handle.start(),
    pause: () => handle.pause(),
    unpause: () => handle.unpause(),
    pid: async () => (await handle.inspect()).State.Pid,
    stop: async () => {
      await container.stop({ timeout: 0 });
    },
  };
}
