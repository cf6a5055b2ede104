import type { MediaInfo } from '@transcodeflow/shared/contracts/media.ts';
import type { Plan } from '@transcodeflow/shared/contracts/plan.ts';
import type { SpecOf, TaskKind, TaskSpec } from '@transcodeflow/shared/contracts/tasks.ts';
import { shownSeconds } from '@transcodeflow/shared/contracts/trim.ts';
import { type Watermark, WatermarkLook } from '@transcodeflow/shared/contracts/watermark.ts';
import { profileOf } from '@transcodeflow/shared/profiles/profiles.ts';
import { chunkSpec, proofsOf, stitchSpec } from './chunk-spec.ts';
import { storedSource } from './source.ts';
import { encodedOf, type Job, resultOf } from './state.ts';

/** Poster and custom thumbnail are both at most this wide. */
const THUMBNAIL_MAX_WIDTH = 1280;

/** Everything a processor needs for a task: taken from the request, the plan and the results it waited for. */
export function specOf(job: Job, { task_id, kind }: { task_id: string; kind: TaskKind }): TaskSpec {
  const { source: requested, filename, thumbnail, options, chunk_s } = job.request;
  if (kind === 'ingest') {
    if ('key' in requested)
      throw new Error('An ingest task was scheduled for a source that is stored already');
    return { kind, url: requested.url, most_bytes: requested.most_bytes };
  }
  const source = needed(storedSource(job), kind, 'source');
  if (kind === 'inspect')
    return {
      ...{ kind, source, filename },
      ...(options.trim?.start_s ? { from_s: options.trim.start_s } : {}),
      ...(isSoundAlone(job) ? { needs: 'audio' as const } : chunk_s ? { chunk_s } : {}),
    };
  // Only the plan needs to know where the video can be entered: no message is the longer for it.
  const { entry_points_s: _, ...media } = needed(job.media, kind, 'inspection');
  const plan = needed(job.plan, kind, 'plan');
  switch (kind) {
    case 'encode': {
      const whole = encodeSpec(plan, source, media);
      // Of a video in chunks, this is the sound.
      const none = { poster: undefined, storyboard: undefined, preview: undefined };
      if (plan.chunks) return { ...whole, renditions: [], ...none };
      return { ...whole, ...watermarkOf(job, plan) };
    }
    case 'encode-chunk':
      return chunkSpec(plan, task_id, { ...encodeSpec(plan, source, media), ...watermarkOf(job, plan) });
    case 'stitch':
      return stitchSpec(job, plan, media);
    case 'thumbnail':
      return { kind, image: needed(thumbnail, kind, 'thumbnail'), max_width: THUMBNAIL_MAX_WIDTH };
    case 'transcribe': {
      const { stream_index, language: tagged } = needed(plan.audio, kind, 'audio');
      return {
        kind,
        source,
        trim: plan.trim,
        duration_s: shownSeconds(media, plan.trim),
        stream_index,
        language: options.language,
        tagged_language: tagged,
      };
    }
    case 'package': {
      const { renditions, audio, audio_alternates } = needed(encodedOf(job), kind, 'encode');
      return {
        kind,
        renditions: renditions.map(({ name, object, width, height }) => ({ name, object, width, height })),
        audio: audio && { object: audio.object, language: audio.language },
        audio_alternates: audio_alternates?.map(({ name, object, language, title }) => ({
          ...{ name, object, language, title },
        })),
        segment_s: plan.segment_s,
        ...(plan.dash ? { dash: true as const } : {}),
        ...(plan.subtitles
          ? { subtitles: { source, start_s: plan.trim?.start_s, streams: plan.subtitles } }
          : {}),
        ...captionsOf(job),
      };
    }
    case 'verify': {
      const { renditions, audio, audio_alternates } = needed(encodedOf(job), kind, 'encode');
      const isPackaged = plan.tasks.some((task) => task.kind === 'package');
      const hls = isPackaged ? needed(resultOf(job, 'package'), kind, 'package') : undefined;
      const streams = new Map(plan.audio_alternates?.map(({ name, stream_index }) => [name, stream_index]));
      const planned = new Map(plan.renditions.map((rendition) => [rendition.name, rendition]));
      return {
        kind,
        source,
        media,
        trim: plan.trim,
        ...watermarkOf(job, plan),
        renditions: renditions.map(({ name, width, height, object }) => ({
          name,
          width,
          height,
          object,
          codec: planned.get(name)?.codec,
          max_bitrate: planned.get(name)?.max_bitrate,
          least_ssim: planned.get(name)?.least_ssim,
          ...(plan.chunks && { chunks: proofsOf(job, plan, name) }),
        })),
        audio: audio && { object: audio.object, stream_index: plan.audio?.stream_index },
        audio_alternates: audio_alternates?.map(({ name, object }) => ({
          name,
          object,
          stream_index: needed(streams.get(name), kind, `track ${name}`),
        })),
        hls: hls && {
          prefix: hls.prefix,
          master: hls.master,
          ...(hls.dash ? { manifest: hls.dash.manifest } : {}),
          texts: [...(hls.subtitles ?? []), ...(hls.captions ? [hls.captions] : [])].map(({ name }) => name),
        },
        quality: plan.quality,
      };
    }
  }
}

/** The transcript, where there is one by now: the job does without. */
function captionsOf(job: Job) {
  const transcript = resultOf(job, 'transcribe');
  if (!transcript?.available) return {};
  const { language, formats } = transcript;
  return { captions: { vtt: formats.vtt, language } };
}

function encodeSpec(plan: Plan, source: SpecOf<'encode'>['source'], media: MediaInfo): SpecOf<'encode'> {
  const { trim, renditions, audio, audio_alternates, poster, storyboard, preview, gop_s } = plan;
  const sound = { audio, audio_alternates };
  return { kind: 'encode', source, media, trim, renditions, ...sound, poster, storyboard, preview, gop_s };
}

/** Only pictures can have one. */
function watermarkOf({ request }: Job, { renditions }: Plan): { watermark?: Watermark } {
  const { watermark: image, options } = request;
  if (!image || renditions.length === 0) return {};
  return { watermark: { ...WatermarkLook.parse(options.watermark ?? {}), image } };
}

/** The profile wants no video: what has none is fine, what has no sound is not. */
const isSoundAlone = ({ request }: Job): boolean => profileOf(request.profile)?.video === null;

function needed<T>(value: T | undefined, kind: TaskKind, what: string): T {
  if (value === undefined) throw new Error(`The ${kind} task was scheduled before its ${what} was there`);
  return value;
}
