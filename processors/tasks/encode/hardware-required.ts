import type { SpecOf } from '@transcodeflow/shared/contracts/tasks.ts';
import { encoderFor } from '../../ffmpeg/plan/route.ts';
import { TaskError } from '../../task-error.ts';
import type { TaskContext } from '../task-handler.ts';

/** The encode is to be done again by the CPU, which may not encode here. */
export const refusedByGate = (): TaskError =>
  onlyHardware(
    'What the hardware encoder made did not pass its check, and the CPU may not encode here.',
    'HARDWARE=required',
  );

/**
 * Chunks are encoded by the CPU. Who requires hardware and has a device that could have encoded the video is told so, rather
 * than left to believe that it did; a device that only decodes, or not in these codecs, has its part in a chunk.
 * @throws {TaskError} `hardware_required`
 */
export function assertMayUseCpu(
  { renditions }: Pick<SpecOf<'encode-chunk'>, 'renditions'>,
  { tools: { hardware } }: Pick<TaskContext, 'tools'>,
): void {
  if (hardware?.mode !== 'required') return;
  const codecs = renditions.map(({ codec }) => codec);
  const device = encoderFor(codecs, hardware.usable);
  if (!device) return;
  const what = [...new Set(codecs)].join(', ');
  throw onlyHardware(
    'Chunks of long videos are encoded by the CPU, which may not encode here.',
    `HARDWARE=required, and ${device.kind} encodes ${what}: with CHUNK_SECONDS=0 at the command-service, new videos are encoded whole, by the hardware.`,
  );
}

/** Another worker may take it: what one machine requires says nothing about the others. */
const onlyHardware = (message: string, detail: string): TaskError =>
  new TaskError({ code: 'hardware_required', message, detail, retryable: true });
