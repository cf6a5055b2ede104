import type { JobEventOf } from '@transcodeflow/shared/contracts/job-events.ts';
import type { MediaInfo } from '@transcodeflow/shared/contracts/media.ts';
import type { Plan } from '@transcodeflow/shared/contracts/plan.ts';
import { planAudio } from './plan/audio.ts';
import { planLadder } from './plan/ladder.ts';
import { planPoster, planStoryboard } from './plan/pictures.ts';
import { profiles } from './plan/profiles.ts';

type Request = Pick<JobEventOf<'JobRequested'>['data'], 'profile' | 'thumbnail'>;

/**
 * Decides what a job produces. Pure: the same source and request always give the same plan.
 * @throws {Error} for a profile that does not exist (requests are validated before they are stored)
 */
export function planJob(media: MediaInfo, request: Request): Plan {
  const profile = profiles[request.profile];
  if (!profile) throw new Error(`Unknown profile "${request.profile}"`);
  const { renditions, skipped } = planLadder(media, profile);
  const audio = planAudio(media, profile);
  const custom_thumbnail = request.thumbnail !== undefined;
  if (!audio) skipped.push({ output: 'audio', reason: 'The source has no audio' });
  return {
    profile: request.profile,
    renditions,
    gop_s: profile.gop_s,
    segment_s: profile.segment_s,
    ...(audio ? { audio } : {}),
    poster: planPoster(media),
    storyboard: planStoryboard(media),
    custom_thumbnail,
    transcribe: audio !== undefined,
    skipped,
    tasks: planTasks(custom_thumbnail, audio !== undefined),
  };
}

/** Transcription runs beside the encode, and a thumbnail that cannot be read costs nobody the video. */
function planTasks(thumbnail: boolean, transcribe: boolean): Plan['tasks'] {
  const tasks: Plan['tasks'] = [{ task_id: 'encode', kind: 'encode', after: [], optional: false }];
  if (thumbnail) tasks.push({ task_id: 'thumbnail', kind: 'thumbnail', after: [], optional: true });
  if (transcribe) tasks.push({ task_id: 'transcribe', kind: 'transcribe', after: [], optional: true });
  tasks.push(
    { task_id: 'package', kind: 'package', after: ['encode'], optional: false },
    { task_id: 'verify', kind: 'verify', after: ['package'], optional: false },
  );
  return tasks;
}
