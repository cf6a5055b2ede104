import { filmOf, type MediaInfo } from '@transcodeflow/shared/contracts/media.ts';
import { type Decodable, measureDecodable } from '../ffmpeg/gate/measure-decodable.ts';
import { probeFile, streamDuration } from '../ffmpeg/probed-file.ts';
import { untrustedProbe } from '../ffmpeg/untrusted-input.ts';
import type { TaskContext } from './task-handler.ts';

/** What a stream of the source holds; `frames` is unknown where the container does not count them. */
export interface Expected {
  frames?: number;
  first_s: number;
  end_s: number;
}

/** What the outputs are held against. */
export interface SourceTimeline {
  /** The container's word, for nothing. */
  claimed: { video?: Expected };
  /** What really comes out of the decoder; done once, when first asked. */
  measuredVideo(): Promise<Decodable>;
}

export async function readTimeline(
  path: string,
  media: MediaInfo,
  context: TaskContext,
): Promise<SourceTimeline> {
  const { tools, signal, workFolder: cwd } = context;
  const probed = await probeFile(tools, untrustedProbe(path), { signal });
  const origin = probed.format.start_time ?? 0;
  const claim = (index: number): Expected => {
    const stream = probed.streams.find((candidate) => candidate.index === index);
    const first_s = (stream?.start_time ?? origin) - origin;
    const duration = stream && streamDuration(stream);
    const end_s = duration === undefined ? media.duration_s : first_s + duration;
    return { first_s, end_s, ...(stream?.nb_frames && { frames: stream.nb_frames }) };
  };
  let video: Promise<Decodable> | undefined;
  const { video: pictures } = media;
  return {
    claimed: pictures ? { video: claim(pictures.index) } : {},
    measuredVideo: () => {
      video ??= measureDecodable(tools, path, filmOf(media).video.index, { signal, cwd });
      return video;
    },
  };
}
