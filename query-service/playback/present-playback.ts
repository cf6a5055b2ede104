import type { Outputs } from '@transcodeflow/shared/contracts/outputs.ts';
import type { Playback } from '@transcodeflow/shared/contracts/rest/playback.ts';

/** @param base absolute URL that ends in the token, without a trailing slash */
export function presentPlayback(outputs: Outputs, base: string): Omit<Playback, 'job_id' | 'expires_at'> {
  const url = (path: string) => `${base}/${path.split('/').map(encodeURIComponent).join('/')}`;
  const { renditions, hls, dash, audio, thumbnail, transcription, storyboard } = outputs;
  return {
    hls_url: hls.available ? url(hls.master) : null,
    dash_url: dash?.available ? url(dash.manifest) : null,
    mp4: Object.fromEntries(
      Object.entries(renditions).flatMap(([name, output]) =>
        output.available ? [[name, url(output.path)]] : [],
      ),
    ),
    audio_url: audio.available ? url(audio.path) : null,
    poster_url: thumbnail.available ? url(thumbnail.path) : null,
    captions_url: transcription.available ? url(transcription.formats.vtt) : null,
    storyboard_url: storyboard.available ? url(storyboard.vtt) : null,
  };
}
