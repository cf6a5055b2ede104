import type { EncodingOptions } from '@transcodeflow/shared/contracts/encoding-options.ts';
import type { JobEventOf } from '@transcodeflow/shared/contracts/job-events.ts';
import { type Film, filmOf, type MediaInfo } from '@transcodeflow/shared/contracts/media.ts';
import type { Plan } from '@transcodeflow/shared/contracts/plan.ts';
import { shownSeconds } from '@transcodeflow/shared/contracts/trim.ts';
import { profileOf } from '@transcodeflow/shared/profiles/profiles.ts';
import { videoIn } from '@transcodeflow/shared/profiles/video-in.ts';
import { planAudio } from './plan/audio.ts';
import { encodingTasks, planChunks } from './plan/chunks.ts';
import { planLadder } from './plan/ladder.ts';
import { planPoster, planPreview, planStoryboard } from './plan/pictures.ts';
import { planSubtitles } from './plan/subtitles.ts';
import { planTrim } from './plan/trim.ts';

type Request = Pick<JobEventOf<'JobRequested'>['data'], 'profile' | 'thumbnail' | 'options' | 'chunk_s'>;

/**
 * Decides what a job produces. Pure: the same source and request always give the same plan.
 * @throws {Error} for a profile that does not exist (requests are validated before they are stored)
 */
export function planJob(media: MediaInfo, { profile: name, thumbnail, options, chunk_s }: Request): Plan {
  const profile = profileOf(name);
  if (!profile) throw new Error(`Unknown profile "${name}"`);
  const { gop_s, segment_s } = profile;
  const video = profile.video && options.codec ? videoIn(profile.video, options.codec) : profile.video;
  const trim = planTrim(media, options);
  const { renditions, skipped } = video
    ? planLadder(filmOf(media), video, options)
    : { renditions: [], skipped: withoutPictures(name) };
  const { audio, audio_alternates, skipped: silent } = planAudio(media, profile.audio, options);
  skipped.push(...silent);
  const hls = options.hls !== false;
  const dash = options.dash ?? hls;
  const { subtitles, skipped: unreadable } = planSubtitles(media, hls || dash);
  skipped.push(...unreadable);
  const custom_thumbnail = thumbnail !== undefined;
  const transcribe = audio !== undefined && options.captions !== false;
  const chunks = video ? planChunks(filmOf(media), chunk_s, trim) : undefined;
  if (options.captions === false) skipped.push({ output: 'transcription', reason: notWanted('captions') });
  if (video && options.preview === false) skipped.push({ output: 'preview', reason: notWanted('preview') });
  if (!hls) skipped.push({ output: 'hls', reason: notWanted('hls') });
  if (!dash) skipped.push({ output: 'dash', reason: notWanted(options.dash === false ? 'dash' : 'hls') });
  return {
    profile: name,
    renditions,
    ...(trim ? { trim } : {}),
    gop_s,
    segment_s,
    ...(audio ? { audio } : {}),
    ...(audio_alternates ? { audio_alternates } : {}),
    ...(subtitles.length > 0 ? { subtitles } : {}),
    ...(video ? picturesOf({ ...filmOf(media), duration_s: shownSeconds(media, trim) }, options) : {}),
    custom_thumbnail,
    transcribe,
    ...(dash ? { dash } : {}),
    ...(options.quality === false ? { quality: false } : {}),
    skipped,
    ...(chunks ? { chunks } : {}),
    tasks: planTasks(encodingTasks(chunks, audio !== undefined), {
      thumbnail: custom_thumbnail,
      transcribe,
      packaged: hls || dash,
    }),
  };
}

const picturesOf = (film: Film, options: EncodingOptions) => ({
  poster: planPoster(film, options),
  storyboard: planStoryboard(film),
  ...(options.preview === false ? {} : { preview: planPreview(film) }),
});

const notWanted = (option: keyof EncodingOptions) => `The job was asked for with "${option}": false`;

const withoutPictures = (profile: string): Plan['skipped'] =>
  ['thumbnail', 'storyboard', 'preview'].map((output) => ({
    output,
    reason: `The profile ${profile} makes no pictures`,
  }));

/**
 * Transcription runs beside the encode, and the package waits for both, for the transcript is one of its tracks. Neither a
 * transcript nor a thumbnail that cannot be had costs anybody the video.
 */
function planTasks(
  encoding: Plan['tasks'],
  wanted: { thumbnail: boolean; transcribe: boolean; packaged: boolean },
): Plan['tasks'] {
  const tasks = [...encoding];
  const encoded = encoding.at(-1)?.task_id ?? 'encode';
  if (wanted.thumbnail) tasks.push({ task_id: 'thumbnail', kind: 'thumbnail', after: [], optional: true });
  if (wanted.transcribe) tasks.push({ task_id: 'transcribe', kind: 'transcribe', after: [], optional: true });
  if (wanted.packaged)
    tasks.push({
      task_id: 'package',
      kind: 'package',
      after: wanted.transcribe ? [encoded, 'transcribe'] : [encoded],
      optional: false,
    });
  const last = wanted.packaged ? 'package' : encoded;
  tasks.push({ task_id: 'verify', kind: 'verify', after: [last], optional: false });
  return tasks;
}
