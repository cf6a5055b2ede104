import { readFile } from 'node:fs/promises';
import { parseJobEvent } from '@transcodeflow/shared/contracts/job-events.ts';
import type { Outputs } from '@transcodeflow/shared/contracts/outputs.ts';
import test from 'ava';
import { summarizeOutputs } from './summarize-outputs.ts';

/** Those of every published example. */
async function published(): Promise<Outputs[]> {
  const fixture = new URL('../../shared/contracts/fixtures/job-event.JobCompleted.v1.json', import.meta.url);
  const examples: unknown[] = JSON.parse(await readFile(fixture, 'utf8'));
  return examples.flatMap((data) => {
    const event = parseJobEvent('JobCompleted', data);
    return event.type === 'JobCompleted' ? [event.data.outputs] : [];
  });
}

const subtitle = {
  available: true as const,
  path: 'subtitles-de.vtt',
  playlist: 'hls/subtitles-de/playlist.m3u8',
  size_bytes: 100,
  label: 'German',
  role: 'subtitle' as const,
  cues_count: 2,
};
const audio = {
  available: true as const,
  path: 'audio-de.m4a',
  size_bytes: 1_000,
  codec: 'aac',
  bitrate: 128_000,
  duration_s: 1,
  channels: 2,
};

test('subtitles and languages are listed by name, each with its path or its reason', async (t) => {
  const none = { available: false as const, reason: 'pictures, not text' };
  const [first] = await published();
  if (!first) throw new Error('There is no example');
  const outputs = {
    ...first,
    subtitles: { available: true as const, tracks: { 'subtitles-de': subtitle, 'subtitles-fr': none } },
    audio_tracks: { 'audio-de': { ...audio, default: true }, 'audio-fr': none },
  };
  t.like(summarizeOutputs(outputs, '/base'), {
    subtitles: {
      available: true,
      tracks: {
        'subtitles-de': { available: true, path: '/base/subtitles-de.vtt', size_bytes: 100 },
        'subtitles-fr': none,
      },
    },
    'audio-de': { available: true, path: '/base/audio-de.m4a', size_bytes: 1_000 },
    'audio-fr': none,
  });
  t.deepEqual(Object(summarizeOutputs({ ...outputs, subtitles: none }, '/base')).subtitles, none);
});

test('every output that the event names is told, and of older events no more than they have', async (t) => {
  for (const outputs of await published()) {
    const { renditions, audio_tracks, files, folders, ...others } = outputs;
    const names = [renditions, audio_tracks ?? {}, others].flatMap((named) => Object.keys(named));
    t.deepEqual(Object.keys(summarizeOutputs(outputs, '/base')).sort(), names.sort());
  }
});
