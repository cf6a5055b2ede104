import type { MediaInfo } from '@transcodeflow/shared/contracts/media.ts';
import type { Plan } from '@transcodeflow/shared/contracts/plan.ts';
import type { ChunkProof, ResultOf } from '@transcodeflow/shared/contracts/task-results.ts';
import type { SpecOf } from '@transcodeflow/shared/contracts/tasks.ts';
import { shownSeconds } from '@transcodeflow/shared/contracts/trim.ts';
import { type Job, resultOf } from './state.ts';

/** The chunk of a task by its id: `encode-3` is the third. */
export function chunkSpec(
  { chunks = [], quality }: Plan,
  taskId: string,
  { kind: _, audio: __, audio_alternates: ___, preview: ____, ...whole }: SpecOf<'encode'>,
): SpecOf<'encode-chunk'> {
  const [first] = chunks;
  const chunk = chunks.find(({ number }) => taskId === `encode-${number}`);
  if (!first || !chunk) throw new Error(`The plan has no chunk for the task ${taskId}`);
  return { kind: 'encode-chunk', ...whole, chunk, first_s: first.from_s, quality };
}

/** What is joined: the accepted chunks of each rendition, in order. */
export function stitchSpec(job: Job, plan: Plan, media: MediaInfo): SpecOf<'stitch'> {
  const chunks = chunksOf(job, plan);
  const sound = resultOf(job, 'encode');
  const posters = chunks.flatMap(({ poster }) => (poster ? [poster] : []));
  return {
    kind: 'stitch',
    duration_s: shownSeconds(media, plan.trim),
    renditions: plan.renditions.map(({ name }) => ({
      name,
      chunks: chunks
        .map((chunk) => renditionOf(chunk, name))
        .map(({ object, first_s, extradata }) => ({ object, first_s, extradata })),
    })),
    audio: sound?.audio,
    audio_alternates: sound?.audio_alternates,
    // Of an instant that was asked for, each chunk has its first frame from there on: the earliest is it.
    posters: posters.slice(0, plan.poster?.time_s === undefined ? undefined : 1),
    storyboard: plan.storyboard,
    preview: plan.preview,
    tiles: chunks.flatMap(({ tiles }) => (tiles ? [tiles] : [])),
    hardware: [...new Set(chunks.map(({ hardware }) => hardware))],
  };
}

/** What the gate holds the joined file against. */
export const proofsOf = (job: Job, plan: Plan, name: string): ChunkProof[] =>
  chunksOf(job, plan)
    .map((chunk) => renditionOf(chunk, name))
    .map(({ frame_count, first_s, digest, times, quality }) => ({
      frame_count,
      first_s,
      digest,
      times,
      quality,
    }));

/** The results of all chunks, in the order of the video. */
const chunksOf = (job: Job, { chunks = [] }: Plan): ResultOf<'encode-chunk'>[] =>
  chunks.map(({ number }) => {
    const result = job.tasks[`encode-${number}`]?.result;
    if (result?.kind !== 'encode-chunk') throw new Error(`Chunk ${number} is not encoded yet`);
    return result;
  });

function renditionOf({ chunk, renditions }: ResultOf<'encode-chunk'>, name: string) {
  const rendition = renditions.find((candidate) => candidate.name === name);
  if (!rendition) throw new Error(`Chunk ${chunk} has no ${name}`);
  return rendition;
}
