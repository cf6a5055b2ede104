import { join } from 'node:path';
import type { AlternateAudio, AudioEncoding } from '@transcodeflow/shared/contracts/audio-encoding.ts';
import { shownSeconds } from '@transcodeflow/shared/contracts/trim.ts';
import { AUDIO_FILE, alternateFile, renditionFile } from '../../ffmpeg/plan/encode-plan.ts';
import { probeFile, streamDuration } from '../../ffmpeg/probed-file.ts';
import { allEnded } from '../all-ended.ts';
import { prepareWatermark } from '../prepare-watermark.ts';
import { storeFile } from '../store-file.ts';
import type { TaskContext, TaskHandler } from '../task-handler.ts';
import { assertEncoders } from './assert-encoders.ts';
import { storePreview } from './preview.ts';
import { runEncode } from './run-encode.ts';
import { storePoster, storeStoryboard } from './stills.ts';
import { bitrate, measureRendition, nothingEncoded, storeRendition } from './store-rendition.ts';

/**
 * Encodes every rendition, the audio, the poster and the storyboard's tiles in one run with one decode, measures the files
 * and stores them below the attempt's prefix: `360p.mp4` …, `audio.m4a`, `thumbnail.jpg`, `storyboard.jpg|vtt`, `preview.webp`.
 * @throws {TaskError} `encoder_missing`, `invalid_watermark`, `ffmpeg_failed`, `ffmpeg_stalled`, `hardware_busy`, `disk_full`, `nothing_decodable`
 */
export const encode: TaskHandler<'encode'> = async (spec, context) => {
  assertEncoders(spec, context, { onDevices: spec.acceleration !== 'off' });
  const source = await context.objects.localFile(spec.source.key, context.workFolder, context.signal);
  if (spec.watermark) await prepareWatermark(spec.watermark, context);
  const hardware = await runEncode(spec, source, context);
  const planned_s = shownSeconds(spec.media, spec.trim);
  const measured = allEnded(spec.renditions.map(({ name }) => measureRendition(name, context)));
  const knowingLength = <T>(make: (duration_s: number) => T) =>
    measured.then(([first]) => make(first?.duration_s ?? planned_s));
  const [smallest] = spec.renditions.toSorted((a, b) => a.width * a.height - b.width * b.height);
  const { poster: wanted, storyboard: sheet, preview: moving } = spec;
  const [renditions, audio, audio_alternates, poster, storyboard, preview] = await allEnded([
    measured.then((all) => allEnded(all.map((one) => storeRendition(one, context)))),
    spec.audio ? storeAudio(AUDIO_FILE, spec.audio, context) : undefined,
    allEnded((spec.audio_alternates ?? []).map((track) => storeAlternate(track, context))),
    wanted && storePoster(wanted, context),
    sheet && knowingLength((duration_s) => storeStoryboard(sheet, duration_s, planned_s, context)),
    moving &&
      smallest &&
      knowingLength((duration_s) => storePreview(moving, renditionFile(smallest.name), duration_s, context)),
  ]);
  context.progress({ fraction: 1 });
  return {
    kind: 'encode',
    renditions,
    hardware,
    ...(audio && { audio }),
    ...(audio_alternates.length > 0 && { audio_alternates }),
    ...(poster && { poster }),
    ...(storyboard && { storyboard }),
    ...(preview && { preview }),
  };
};

async function storeAlternate({ name, title, ...track }: AlternateAudio, context: TaskContext) {
  const stored = await storeAudio(alternateFile(name), track, context);
  return { name, ...stored, ...(title && { title }) };
}

async function storeAudio(file: string, spec: AudioEncoding, context: TaskContext) {
  const path = join(context.workFolder, file);
  const { streams } = await probeFile(context.tools, ['-i', `file:${path}`], { signal: context.signal });
  const stream = streams.find(({ codec_type }) => codec_type === 'audio');
  const duration_s = stream && streamDuration(stream);
  if (!stream || !duration_s) throw nothingEncoded(file);
  const object = await storeFile(context, file, path);
  return {
    object,
    codec: stream.codec_name ?? 'unknown',
    bitrate: bitrate(object.size_bytes, duration_s),
    duration_s,
    channels: stream.channels ?? spec.channels,
    ...(spec.language && { language: spec.language }),
  };
}
