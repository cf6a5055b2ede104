import { execa } from 'execa';
import type { MediaTools } from '../media-tools.ts';

/**
 * When the picture first turns from black and the sound first from silence, in seconds of the input's clock.
 * @param input ffmpeg's input options, `-i` included
 */
export async function flashAndBeep(
  { ffmpeg }: MediaTools,
  input: readonly string[],
): Promise<{ flashAt: number; beepAt: number }> {
  const filters = ['-vf', 'blackdetect=d=0.1', '-af', 'silencedetect=n=-40dB:d=0.1'];
  const { stderr } = await execa(ffmpeg, ['-v', 'info', ...input, ...filters, '-f', 'null', '-']);
  return {
    flashAt: Number(/black_end:([\d.]+)/.exec(stderr)?.[1]),
    beepAt: Number(/silence_end: ([\d.]+)/.exec(stderr)?.[1]),
  };
}
