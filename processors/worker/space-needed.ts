import { chunkSeconds } from '@transcodeflow/shared/contracts/chunk.ts';
import type { EncodeSpec } from '@transcodeflow/shared/contracts/encode-specs.ts';
import type { TaskSpec } from '@transcodeflow/shared/contracts/tasks.ts';
import { shownSeconds } from '@transcodeflow/shared/contracts/trim.ts';
import { tileBytes } from '../ffmpeg/plan/sheet-plan.ts';
import { storyboardGrid } from '../ffmpeg/plan/stills.ts';

/** Containers, playlists, logs, posters; beside a chunk, the index and what is read ahead. */
const SLACK = 64 * 1_024 ** 2;
/** Caps are for rare peaks: constant quality came to at most a few times the size of a source. */
const TIMES_SOURCE = 8;
/** Most bytes of a chunk, against those of a chunk of the same length in the same file. */
const UNEVEN = 2;

/** Of a transcription by whisper.cpp: the sound as it is decoded, and the voices in it as a WAV file. */
const SOUND_BYTES_PER_S = 16_000 * (4 + 2);

/**
 * Bytes of work files that a task may come to need: the files it reads, where the store's are not on this machine, and
 * the most that it makes.
 * @param copies whether what is read from the object store is first copied here
 */
export function spaceNeeded(spec: TaskSpec, copies: boolean): number {
  const read = (...objects: readonly ({ size_bytes: number } | undefined)[]): number =>
    copies ? objects.reduce((sum, object) => sum + (object?.size_bytes ?? 0), 0) : 0;
  switch (spec.kind) {
    // Streams into the store.
    case 'ingest':
      return 0;
    case 'inspect':
      return read(spec.source);
    case 'transcribe':
      return read(spec.source) + SOUND_BYTES_PER_S * spec.duration_s;
    case 'thumbnail':
      return read(spec.image) + SLACK;
    case 'encode':
      return read(spec.source) + encoded(spec) + SLACK;
    case 'encode-chunk': {
      const length_s = chunkSeconds(spec.chunk, spec.media, spec.trim);
      const share = (whole_s: number) => Math.min(1, length_s / whole_s);
      // Of the source only about its part is fetched; parts with more detail take more bytes than their share.
      const part = {
        size_bytes: Math.min(1, UNEVEN * share(spec.media.duration_s)) * spec.source.size_bytes,
      };
      return read(part) + share(shownSeconds(spec.media, spec.trim)) * encoded(spec) + SLACK;
    }
    case 'stitch': {
      const chunks = spec.renditions.flatMap((rendition) => rendition.chunks.map(({ object }) => object));
      const joined = chunks.reduce((sum, { size_bytes }) => sum + size_bytes, 0);
      const sound = (spec.audio?.object.size_bytes ?? 0) * spec.renditions.length;
      const tiles = spec.tiles.reduce((sum, { size_bytes }) => sum + size_bytes, 0);
      return read(...chunks, spec.audio?.object, ...spec.tiles) + joined + sound + tiles + SLACK;
    }
    case 'package': {
      const objects = [...spec.renditions.map(({ object }) => object), spec.audio?.object];
      const segments = objects.reduce((sum, object) => sum + (object?.size_bytes ?? 0), 0);
      return read(...objects, spec.subtitles?.source) + segments + SLACK;
    }
    case 'verify': {
      const files = [...spec.renditions.map(({ object }) => object), spec.audio?.object];
      // Segments hold the same pictures and sound as the files.
      return read(spec.source, ...files, ...(spec.hls ? files : []));
    }
    default:
      return spec satisfies never;
  }
}

function encoded({
  source,
  media,
  trim,
  renditions,
  audio,
  audio_alternates = [],
  storyboard,
}: Omit<EncodeSpec, 'kind'>): number {
  const alternates = audio_alternates.reduce((sum, { bitrate }) => sum + bitrate, 0);
  const sound = (audio ? audio.bitrate * (renditions.length + 1) : 0) + alternates;
  const bits = renditions.reduce((sum, { max_bitrate }) => sum + max_bitrate, sound);
  const shown_s = shownSeconds(media, trim);
  const made = Math.min((bits / 8) * shown_s, source.size_bytes * TIMES_SOURCE);
  const tiles = storyboard ? storyboardGrid(storyboard, shown_s).tiles * tileBytes(storyboard) : 0;
  return made + tiles;
}
