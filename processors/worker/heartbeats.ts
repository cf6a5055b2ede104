import type { TaskProgress } from '@transcodeflow/shared/contracts/task-reports.ts';
import type { Logger } from '@transcodeflow/shared/telemetry/logger.ts';
import type { ProgressUpdate } from '../progress-update.ts';
import type { Reporter } from './reporter.ts';

const INTERVAL_MS = 1_000;

/** Sends the latest progress once a second: the heartbeat by which this worker keeps its task. */
export function beat(
  reporter: Reporter,
  id: Omit<TaskProgress, 'fraction'>,
  log: Logger,
): { update(progress: ProgressUpdate): void; stop(): void } {
  let latest: ProgressUpdate = { fraction: 0 };
  let sending = false;
  const send = async () => {
    // The broker is slow or away: beats would only queue up.
    if (sending) return;
    sending = true;
    const fraction = Math.min(1, Math.max(0, latest.fraction));
    await reporter
      .heartbeat({ ...id, ...latest, fraction })
      .catch((error) => log.debug({ err: error }, 'a heartbeat was lost'));
    sending = false;
  };
  const timer = setInterval(send, INTERVAL_MS);
  void send();
  return {
    update: (progress) => {
      latest = progress;
    },
    stop: () => clearInterval(timer),
  };
}
