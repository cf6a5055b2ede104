import { filmOf } from '@transcodeflow/shared/contracts/media.ts';
import type { Quality } from '@transcodeflow/shared/contracts/task-results.ts';
import type { SpecOf } from '@transcodeflow/shared/contracts/tasks.ts';
import type { ScannedStream } from '../../ffmpeg/gate/packet-scan.ts';
import { prepareWatermark } from '../prepare-watermark.ts';
import type { TaskHandler } from '../task-handler.ts';
import { verifyAudio } from './audio.ts';
import { judgeChunks } from './chunks.ts';
import { Gate } from './gate.ts';
import { verifyHls } from './hls.ts';
import { verifyQuality } from './quality.ts';
import { type ScannedRendition, verifyRendition } from './rendition.ts';
import { readTimeline } from './source-timeline.ts';

/** By the names of their folders in the package; the one that the renditions carry first. */
const soundsOf = ({ audio, audio_alternates = [] }: SpecOf<'verify'>) =>
  audio ? [{ name: 'audio', ...audio }, ...audio_alternates] : [];

/**
 * The output gate: measures every output against the source and lets it pass or not.
 * @throws {TaskError} `gate_failed` with the measured figures, not retryable
 */
export const verify: TaskHandler<'verify'> = async (spec, context) => {
  const { objects, workFolder, signal } = context;
  const local = (key: string) => objects.localFile(key, workFolder, signal);
  const { media } = spec;
  const path = await local(spec.source.key);
  const gate = new Gate();
  const timeline = await readTimeline(path, media, spec.trim, context);

  const sounds = new Map<string, ScannedStream>();
  for (const { name, object, stream_index } of soundsOf(spec)) {
    const sound = { source: { path, media, trim: spec.trim, stream_index }, path: await local(object.key) };
    const found = await verifyAudio(name, sound, gate, context);
    if (found) sounds.set(name, found);
  }
  const audio = sounds.get('audio');
  const scanned: ScannedRendition[] = [];
  for (const rendition of spec.renditions) {
    const frameRate = media.video?.frame_rate;
    const about = { hasAudio: spec.audio !== undefined, audio, timeline, frameRate };
    const result = await verifyRendition(rendition, await local(rendition.object.key), about, gate, context);
    scanned.push(result);
    context.progress({ fraction: (0.5 * scanned.length) / spec.renditions.length });
  }
  if (spec.hls) await verifyHls(spec.hls, scanned, sounds, gate, context);
  context.progress({ fraction: 0.65 });
  // Broken files are reported as such: comparing their pictures could only fail less clearly.
  gate.assertPassed();

  const quality: Record<string, Quality> = {};
  const compared = spec.renditions.flatMap((rendition) => {
    const file = scanned.find(({ name }) => name === rendition.name);
    if (!file) return [];
    const judged = { ...rendition, path: file.path, bits: file.bits, flat: file.flat };
    if (!rendition.chunks) return [judged];
    const known = judgeChunks(judged, rendition.chunks, gate);
    if (known) quality[rendition.name] = known;
    return [];
  });
  if (spec.watermark) await prepareWatermark(spec.watermark, context);
  const duration_s = Math.min(...scanned.map(({ video }) => video?.end_s ?? 0));
  const about = { duration_s, figures: spec.quality !== false };
  if (compared.length > 0) {
    const film = { path, media: filmOf(media), trim: spec.trim, watermark: spec.watermark };
    Object.assign(quality, await verifyQuality(film, compared, about, gate, context));
  }
  gate.assertPassed();
  context.progress({ fraction: 1 });
  return { kind: 'verify', checks: gate.checks, quality };
};
