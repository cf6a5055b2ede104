import type { EncodeSpec } from '@transcodeflow/shared/contracts/encode-specs.ts';
import type { MediaInfo } from '@transcodeflow/shared/contracts/media.ts';
import type { ResultOf } from '@transcodeflow/shared/contracts/task-results.ts';
import type { SpecOf } from '@transcodeflow/shared/contracts/tasks.ts';
import { shownSeconds } from '@transcodeflow/shared/contracts/trim.ts';
import { encodeChunk } from '../../tasks/encode/chunk.ts';
import { encode } from '../../tasks/encode/encode.ts';
import { inspect } from '../../tasks/inspect/inspect.ts';
import { stitch } from '../../tasks/stitch/stitch.ts';
import { encodeSpec } from './encode-spec.ts';
import type { Attempt, TaskBench } from './task-bench.ts';

export interface InChunks {
  media: MediaInfo;
  whole: ResultOf<'encode'>;
  parts: ResultOf<'encode-chunk'>[];
  partAttempts: Attempt[];
  stitchSpec: SpecOf<'stitch'>;
  stitched: ResultOf<'stitch'>;
  verifySpec: SpecOf<'verify'>;
}

/** Encodes a file twice, whole and in chunks, as two jobs would. */
export async function processInChunks(
  bench: TaskBench,
  path: string,
  chunk_s: number,
  { quality, ...changes }: Partial<EncodeSpec> & Pick<SpecOf<'encode-chunk'>, 'quality'> = {},
): Promise<InChunks> {
  const source = await bench.upload(path);
  const { trim } = changes;
  const inspected = await inspect(
    { kind: 'inspect', source, filename: 'any', chunk_s },
    await bench.attempt(),
  );
  const { entry_points_s = [], ...media } = inspected.media;
  const spec = encodeSpec(source, media, changes);
  const whole = await encode(spec, await bench.attempt());
  const { audio: _, ...pictures } = spec;
  const parts: ResultOf<'encode-chunk'>[] = [];
  const partAttempts: Attempt[] = [];
  const [, ...cuts] = entry_points_s;
  const starts = trim
    ? [trim.start_s, ...cuts.filter((at_s) => at_s > trim.start_s && at_s < trim.end_s)]
    : entry_points_s;
  for (const [index, from_s] of starts.entries()) {
    const to_s = starts[index + 1];
    const chunk = { number: index + 1, from_s, ...(to_s !== undefined && { to_s }) };
    const attempt = await bench.attempt();
    partAttempts.push(attempt);
    const first_s = starts[0] ?? 0;
    const part = { ...pictures, kind: 'encode-chunk' as const, chunk, first_s };
    parts.push(await encodeChunk({ ...part, ...(quality === false && { quality }) }, attempt));
  }
  const sound =
    spec.audio &&
    (await encode(
      { ...spec, renditions: [], poster: undefined, storyboard: undefined },
      await bench.attempt(),
    ));
  const ofRendition = (name: string) =>
    parts.flatMap(({ renditions }) => renditions.filter((rendition) => rendition.name === name));
  const stitchSpec: SpecOf<'stitch'> = {
    kind: 'stitch',
    duration_s: shownSeconds(media, trim),
    renditions: spec.renditions.map(({ name }) => ({ name, chunks: ofRendition(name) })),
    audio: sound?.audio,
    posters: parts
      .flatMap(({ poster }) => (poster ? [poster] : []))
      .slice(0, spec.poster?.time_s === undefined ? undefined : 1),
    storyboard: spec.storyboard,
    tiles: parts.flatMap(({ tiles }) => (tiles ? [tiles] : [])),
    hardware: ['cpu'],
  };
  const stitched = await stitch(stitchSpec, await bench.attempt());
  const verifySpec: SpecOf<'verify'> = {
    kind: 'verify',
    source,
    media,
    trim,
    renditions: stitched.renditions.map(({ name, object, width, height }) => ({
      name,
      object,
      width,
      height,
      chunks: ofRendition(name),
    })),
    ...(stitched.audio && { audio: stitched.audio }),
  };
  return { media: inspected.media, whole, parts, partAttempts, stitchSpec, stitched, verifySpec };
}
