import { buffer } from 'node:stream/consumers';
import { ObjectNotFoundError } from '@transcodeflow/shared/objects/object-store.ts';
import { parseIFrames } from '../../ffmpeg/i-frame-playlist.ts';
import { keyFragment } from '../../ffmpeg/key-fragment.ts';
import type { MediaPlaylist } from '../../ffmpeg/media-playlist.ts';
import { readText } from '../read-text.ts';
import type { TaskContext } from '../task-handler.ts';
import type { Gate } from './gate.ts';

/**
 * Each range of a playlist of keyframes is one: the fragment at the start of a segment, with its first sample and no
 * byte more, in the order and with the lengths of the variant's own playlist.
 */
export async function verifyIFrames(
  prefix: string,
  path: string,
  variant: MediaPlaylist,
  gate: Gate,
  context: TaskContext,
): Promise<void> {
  const output = `hls/${path}`;
  const text = await readText(`${prefix}${path}`, context);
  const frames = text === undefined ? undefined : parseIFrames(text);
  if (!frames) return gate.check(output, 'exists', false, 'it is missing, or no playlist of keyframes');
  const alike = variant.segments.every(
    ({ uri, duration_s }, index) => frames[index]?.uri === uri && frames[index].duration_s === duration_s,
  );
  gate.check(
    output,
    'frames',
    alike && frames.length === variant.segments.length,
    `${frames.length} keyframes, expected one of each of ${variant.segments.length} segments`,
  );
  const folder = path.slice(0, path.lastIndexOf('/') + 1);
  const bad: string[] = [];
  for (const { uri, range } of frames) {
    const { start, length } = range;
    try {
      const { body } = await context.objects.get(`${prefix}${folder}${uri}`, {
        range: { start, end: start + length - 1 },
        signal: context.signal,
      });
      const bytes = await buffer(body);
      const found = keyFragment(bytes);
      if (bytes.length !== length || found?.start !== 0 || found.length !== length) bad.push(uri);
    } catch (error) {
      if (!(error instanceof ObjectNotFoundError)) throw error;
      bad.push(uri);
    }
  }
  gate.check(
    output,
    'byte ranges',
    bad.length === 0,
    bad.length === 0 ? `${frames.length} keyframes` : `no keyframe alone in ${bad.join(' ')}`,
  );
}
