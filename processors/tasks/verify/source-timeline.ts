import { filmOf, type MediaInfo } from '@transcodeflow/shared/contracts/media.ts';
import type { Trim } from '@transcodeflow/shared/contracts/trim.ts';
import { type Decodable, measureDecodable } from '../../ffmpeg/gate/measure-decodable.ts';
import { trimming } from '../../ffmpeg/plan/trimming.ts';
import { probeFile, streamDuration } from '../../ffmpeg/probed-file.ts';
import { untrustedProbe } from '../../ffmpeg/untrusted-input.ts';
import type { TaskContext } from '../task-handler.ts';

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
  trim: Trim | undefined,
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
    if (trim) return partOf({ first_s, end_s }, trim);
    return { first_s, end_s, ...(stream?.nb_frames && { frames: stream.nb_frames }) };
  };
  const part = trimming(trim, media);
  let video: Promise<Decodable> | undefined;
  const { video: pictures } = media;
  return {
    claimed: pictures ? { video: claim(pictures.index) } : {},
    measuredVideo: () => {
      video ??= measureDecodable(tools, path, { index: filmOf(media).video.index, part }, { signal, cwd });
      return video;
    },
  };
}

/** Of a part no container says how many frames are in it. */
const partOf = ({ first_s, end_s }: Expected, { start_s, end_s: until_s }: Trim): Expected => ({
  first_s: Math.max(0, first_s - start_s),
  end_s: Math.max(0, Math.min(end_s, until_s) - start_s),
});
