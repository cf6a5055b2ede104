import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { EncodeChunkSpec, EncodeSpec } from '@transcodeflow/shared/contracts/encode-specs.ts';
import type { TaskProgress, TaskReport } from '@transcodeflow/shared/contracts/task-reports.ts';
import { attemptPrefix } from '@transcodeflow/shared/objects/keys.ts';
import { silentLogger } from '@transcodeflow/shared/telemetry/logger.ts';
import { encodeSpec } from '../../ffmpeg/testing/encode-spec.ts';
import { picture, tone, x264 } from '../../ffmpeg/testing/sources.ts';
import { openTaskBench, type TaskBench } from '../../ffmpeg/testing/task-bench.ts';
import { inspect } from '../../tasks/inspect/inspect.ts';
import { type AttemptDependencies, runAttempt } from '../attempt.ts';

const JOB = '01890a5d-ac96-774b-bcce-b302099a8057';
const WORKER = 'worker-1';

interface Run {
  spec?: EncodeSpec | EncodeChunkSpec;
  postponed?: number;
  signal?: AbortSignal;
  /** Of the worker, in place of the bench's own. */
  changes?: Partial<AttemptDependencies>;
}

export interface AttemptBench extends TaskBench {
  /** An encode of one second with sound. */
  spec: EncodeSpec;
  /** Runs an attempt at an encode; answers what it reported and what is left of it. */
  encode(run?: Run): Promise<{
    reports: TaskReport[];
    beats: TaskProgress['fraction'][];
    /** Keys under the attempt's prefix. */
    objects: string[];
    /** Names in the folder where the work folders lie. */
    left: string[];
  }>;
}

/** Whole attempts at an encode, from task message to reports, with a real ffmpeg on a real source. */
export async function openAttemptBench(): Promise<AttemptBench> {
  const bench = await openTaskBench();
  const source = await bench.upload(
    await bench.make('source.mp4', ...picture('320x180', ':rate=25:duration=1'), ...tone(1), ...x264),
  );
  const { media } = await inspect({ kind: 'inspect', source, filename: 'any' }, await bench.attempt());
  const planned = encodeSpec(source, media);
  let count = 0;

  const encode: AttemptBench['encode'] = async ({ spec = planned, postponed, signal, changes } = {}) => {
    count += 1;
    const epoch = count;
    const workRoot = join(bench.folder, `root-${epoch}`);
    await mkdir(workRoot);
    const reports: TaskReport[] = [];
    const beats: number[] = [];
    await runAttempt(
      {
        job_id: JOB,
        task_id: 'encode',
        epoch,
        kind: spec.kind,
        priority: 'normal',
        reason: 'planned',
        spec,
        ...(postponed !== undefined && { postponed }),
      },
      {},
      signal ?? AbortSignal.timeout(100_000),
      {
        workerId: WORKER,
        objects: bench.objects,
        web: (await bench.attempt()).web,
        tools: bench.tools,
        workRoot,
        log: silentLogger,
        reporter: {
          report: async (report) => void reports.push(report),
          heartbeat: async ({ fraction }) => void beats.push(fraction),
        },
        ...changes,
      },
    );
    const objects: string[] = [];
    for await (const { key } of bench.objects.list(attemptPrefix(JOB, 'encode', epoch, WORKER)))
      objects.push(key);
    return { reports, beats, objects, left: await readdir(workRoot) };
  };
  return { ...bench, spec: planned, encode };
}
