import type { Outputs } from '@transcodeflow/shared/contracts/outputs.ts';

/**
 * Each output with its path under the API, or the reason why there is none.
 * @param base path of the job's outputs, without a trailing slash
 */
export function summarizeOutputs(outputs: Outputs, base: string): Record<string, object> {
  const path = (name: string) => `${base}/${name.split('/').map(encodeURIComponent).join('/')}`;
  const { renditions, audio, audio_tracks = {}, transcription, subtitles } = outputs;
  const { hls, dash, thumbnail, storyboard, preview } = outputs;
  const file = <T extends { available: true; path: string; size_bytes: number }>(
    output: T | { available: false; reason: string },
  ): object =>
    output.available ? { available: true, path: path(output.path), size_bytes: output.size_bytes } : output;
  const files = (named: Record<string, Parameters<typeof file>[0]>) =>
    Object.fromEntries(Object.entries(named).map(([name, output]) => [name, file(output)]));
  return {
    ...files(renditions),
    audio: file(audio),
    ...files(audio_tracks),
    transcription: transcription.available
      ? {
          available: true,
          language: transcription.language,
          paths: Object.fromEntries(
            Object.entries(transcription.formats).map(([format, name]) => [format, path(name)]),
          ),
        }
      : transcription,
    ...(subtitles && {
      subtitles: subtitles.available ? { available: true, tracks: files(subtitles.tracks) } : subtitles,
    }),
    hls: hls.available ? { available: true, path: path(hls.master) } : hls,
    ...(dash && { dash: dash.available ? { available: true, path: path(dash.manifest) } : dash }),
    thumbnail: file(thumbnail),
    storyboard: storyboard.available ? { available: true, path: path(storyboard.vtt) } : storyboard,
    ...(preview && { preview: file(preview) }),
  };
}
