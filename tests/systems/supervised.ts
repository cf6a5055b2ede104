import { type ChildService, startChild } from './child-service.ts';

/** A service that is started again whenever it ends, as an orchestrator would. */
export interface Supervised {
  name: string;
  restarts(): number;
  kill(): void;
  stop(): Promise<void>;
}

export function supervise(name: string, script: string, env: NodeJS.ProcessEnv): Supervised {
  let stopping = false;
  let restarts = 0;
  let child: ChildService;
  const run = async () => {
    for (;;) {
      child = startChild(script, env);
      await child.exited;
      if (stopping) return;
      restarts += 1;
    }
  };
  const running = run();
  return {
    name,
    restarts: () => restarts,
    kill: () => child.kill('SIGKILL'),
    async stop() {
      stopping = true;
      child.kill('SIGTERM');
      await running;
    },
  };
}
