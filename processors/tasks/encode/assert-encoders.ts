import type { Rendition } from '@transcodeflow/shared/contracts/rendition.ts';
import { encoderFor } from '../../ffmpeg/plan/route.ts';
import { encodersOf, softwareEncoder } from '../../ffmpeg/plan/software-encoder.ts';
import { TaskError } from '../../task-error.ts';
import type { TaskContext } from '../task-handler.ts';

/**
 * @param onDevices whether a device may encode in the CPU's place
 * @throws {TaskError} `encoder_missing`: another ffmpeg is needed, not another attempt
 */
export function assertEncoders(
  { renditions }: { renditions: readonly Rendition[] },
  { tools }: Pick<TaskContext, 'tools'>,
  { onDevices }: { onDevices: boolean },
): void {
  const { hardware, encoders, version, ffmpeg } = tools;
  const missing = renditions.find(({ codec }) => !softwareEncoder(codec, encoders));
  if (!missing) return;
  const usable = onDevices && hardware && hardware.mode !== 'off' ? hardware.usable : [];
  const codecs = renditions.map(({ codec }) => codec);
  if (encoderFor(codecs, usable)) return;
  const codec = missing.codec.toUpperCase();
  throw new TaskError({
    code: 'encoder_missing',
    message: `This installation cannot encode ${codec}.`,
    detail: `ffmpeg ${version} (${ffmpeg}) has none of ${encodersOf(missing.codec).join(', ')}`,
    retryable: false,
  });
}
