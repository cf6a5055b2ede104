import type { Rendition } from '@transcodeflow/shared/contracts/rendition.ts';
import { encodersOf, softwareEncoder } from '../ffmpeg/plan/software-encoder.ts';
import { type TaskContext, TaskError } from './task-handler.ts';

/** @throws {TaskError} `encoder_missing`: another ffmpeg is needed, not another attempt. */
export function assertEncoders(
  { renditions }: { renditions: readonly Rendition[] },
  { tools }: Pick<TaskContext, 'tools'>,
): void {
  const missing = renditions.find(({ codec }) => !softwareEncoder(codec, tools.encoders));
  if (!missing) return;
  const codec = missing.codec.toUpperCase();
  throw new TaskError({
    code: 'encoder_missing',
    message: `This installation cannot encode ${codec}.`,
    detail: `ffmpeg ${tools.version} (${tools.ffmpeg}) has none of ${encodersOf(missing.codec).join(', ')}`,
    retryable: false,
  });
}
