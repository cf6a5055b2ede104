import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import type { Api } from '../systems/api.ts';
import type { Package } from './input.ts';
import { lookAt } from './look-at.ts';
import { asWanted } from './quarters.ts';

// biome-ignore lint/suspicious/noExplicitAny: an answer of the API, looked into field by field
type Json = any;

/** Holds a completed job and its downloaded files against what the input should give. */
export async function checkPackage(
  t: ExecutionContext,
  api: Api,
  job: Json,
  expected: Package,
  folder: string,
): Promise<void> {
  const { outputs } = job;
  const available = Object.keys(outputs).filter((name) => /^\d+p$/.test(name) && outputs[name].available);
  t.deepEqual(available.sort(), Object.keys(expected.renditions).sort());
  for (const [name, size] of Object.entries(expected.renditions)) {
    const file = join(folder, `${job.job_id}-${name}.mp4`);
    const download = await api.fetch('GET', outputs[name].download_url);
    await writeFile(file, Buffer.from(await download.arrayBuffer()));
    t.is(`${outputs[name].width}x${outputs[name].height}`, size);
    await checkRendition(t, file, size, expected);
  }
  t.is(outputs.hls.available, true);
  t.is((await api.fetch('GET', outputs.hls.master_url)).status, 200);
  t.is(outputs.thumbnail.available, !expected.sound_alone);
  if (expected.sound_alone)
    t.true(
      Math.abs(outputs.audio.duration_s - expected.lasts) <= (expected.lasts_within ?? 0.1),
      `lasts ${outputs.audio.duration_s} s`,
    );
  if (expected.audio) t.like(outputs.audio, { available: true, ...expected.audio });
  else t.regex(outputs.audio.reason, /no audio/);
  const { events } = (await api.call('GET', `/api/jobs/${job.job_id}/events`)).body;
  const { media } = events.find(({ type }: Json) => type === 'SourceInspected').data;
  for (const pattern of expected.ignored ?? []) t.regex(media.ignored.join('\n'), pattern);
  t.is((media.missing_s ?? 0) > 0, expected.cut_off === true, `missing ${media.missing_s} s`);
}

async function checkRendition(t: ExecutionContext, file: string, size: string, expected: Package) {
  const seen = await lookAt(file, { fields: expected.no_fields === true });
  const { video, audio } = seen;
  t.like(video, {
    codec_name: 'h264',
    pix_fmt: 'yuv420p',
    field_order: 'progressive',
    sample_aspect_ratio: '1:1',
    color_range: 'tv',
  });
  t.is(`${video.width}x${video.height}`, size);
  t.deepEqual(video.side_data_list ?? [], [], 'nothing is left for the player to turn');
  // Players guess what is not tagged. SDR of less than 720 lines may stay BT.601; HDR never stays.
  for (const tag of [video.color_space, video.color_primaries, video.color_transfer])
    t.regex(String(tag), /^(bt709|smpte170m|bt470bg)$/);
  const [least, most] =
    typeof expected.frames === 'number' ? [expected.frames, expected.frames] : expected.frames;
  const frames = seen.shown.length;
  t.true(frames >= least && frames <= most, `${frames} frames, expected ${least} to ${most}`);
  const { lasts, lasts_within = 0.1 } = expected;
  t.true(
    Math.abs(seen.duration_s - lasts) <= lasts_within,
    `lasts ${seen.duration_s} s, expected ${lasts} s`,
  );
  t.is(audio !== undefined, expected.audio !== false);
  for (const [index, wanted] of (expected.shown_at ?? []).entries()) {
    const distance = (seen.shown[index + 1] ?? 0) - (seen.shown[index] ?? 0);
    t.true(
      Math.abs(distance - wanted) < 0.002,
      `picture ${index} is shown for ${distance} s, expected ${wanted} s`,
    );
  }
  if (expected.last_shown_at !== undefined)
    t.true(Math.abs((seen.shown.at(-1) ?? 0) - expected.last_shown_at) < 0.002, `${seen.shown.at(-1)} s`);
  if (expected.quarters)
    t.deepEqual(
      expected.quarters.map((wanted, index) => asWanted(seen.quarters[index] ?? '', wanted)),
      [...expected.quarters],
    );
  if (expected.no_fields) t.true(seen.combed < 0.5, `${seen.combed} of the pictures are woven of fields`);
}
