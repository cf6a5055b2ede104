import { join } from 'node:path';
import { filmOf } from '@transcodeflow/shared/contracts/media.ts';
import type { ResultOf } from '@transcodeflow/shared/contracts/task-results.ts';
import { z } from 'zod';
import { ChunkProofs } from '../ffmpeg/gate/chunk-proof.ts';
import { flatStretches } from '../ffmpeg/gate/flat-stretches.ts';
import { decodeWhole } from '../ffmpeg/gate/full-decode.ts';
import { type ScannedPacket, scanPackets } from '../ffmpeg/gate/packet-scan.ts';
import type { Window } from '../ffmpeg/gate/quality-windows.ts';
import type { ChunkWindow } from '../ffmpeg/plan/chunk-window.ts';
import { renditionFile } from '../ffmpeg/plan/encode-plan.ts';
import { stillsOf } from '../ffmpeg/plan/stills-of.ts';
import { probeJson } from '../ffmpeg/run-ffprobe.ts';
import { openSource } from '../source/open-source.ts';
import { assertEncoders } from './assert-encoders.ts';
import { runEncode } from './encode-run.ts';
import { storePoster, storeTiles } from './encode-stills.ts';
import { storeFile } from './store-file.ts';
import { type TaskContext, TaskError, type TaskHandler } from './task-handler.ts';
import { Gate } from './verify-gate.ts';
import { verifyQuality } from './verify-quality.ts';

/** Of the task; the rest is decoding what was made and comparing it with the source. */
const ENCODING = 0.85;

type Made = ResultOf<'encode-chunk'>['renditions'][number];

/**
 * Encodes the pictures of one chunk in one run with one decode of that part of the source, decodes them again and compares
 * them with the source: what follows needs to look at no picture any more.
 * @throws {TaskError} as `encode` does, and `gate_failed`
 */
export const encodeChunk: TaskHandler<'encode-chunk'> = async (spec, context) => {
  assertEncoders(spec, context, { onDevices: false });
  const { chunk, first_s, quality: wanted, ...rest } = spec;
  const media = filmOf(spec.media);
  const { duration_s, video } = media;
  const window: ChunkWindow = { ...chunk, first_s, duration_s, frame_s: 1 / (video.frame_rate ?? 25) };
  const encoding = { ...rest, kind: 'encode' as const, media, window };
  await using source = await openSource(spec.source.key, context);
  const reading = { ...context, signal: source.signal };
  const progress: TaskContext['progress'] = (update) =>
    context.progress({ ...update, fraction: update.fraction * ENCODING });
  const hardware = await runEncode(encoding, source.place, { ...reading, progress });

  const gate = new Gate();
  const proofs: Proved[] = [];
  for (const { name } of spec.renditions) proofs.push(await proveChunk(name, gate, context));
  gate.assertPassed();
  const compared = proofs.flatMap(({ proof: { name, first_s: begins_s }, flat }) => {
    const rendition = spec.renditions.find((each) => each.name === name);
    const path = join(context.workFolder, renditionFile(name));
    // The floor is for the video as a whole.
    return rendition
      ? [{ ...rendition, path, first_s: begins_s, flat, bits: [], least_ssim: undefined }]
      : [];
  });
  const part = { from_s: chunk.from_s, length_s: (chunk.to_s ?? duration_s) - chunk.from_s };
  const about = { duration_s, figures: wanted !== false, part };
  const quality = await verifyQuality({ path: source.place, media }, compared, about, gate, reading);
  gate.assertPassed();
  context.progress({ fraction: 0.98 });

  const renditions: Made[] = [];
  for (const { proof } of proofs) {
    const file = renditionFile(proof.name);
    const object = await storeFile(context, file, join(context.workFolder, file));
    const figures = quality[proof.name];
    renditions.push({ ...proof, object, ...(figures && { quality: figures }) });
  }
  const stills = stillsOf(encoding);
  const poster = spec.poster && stills.poster && (await storePoster(spec.poster, context));
  const tiles =
    spec.storyboard && stills.tiles && (await storeTiles(spec.storyboard, stills.tiles.frames, context));
  context.progress({ fraction: 1 });
  return {
    kind: 'encode-chunk',
    chunk: chunk.number,
    renditions,
    hardware,
    ...(poster && { poster }),
    ...(tiles && { tiles }),
  };
};

interface Proved {
  proof: Omit<Made, 'object' | 'quality'>;
  /** Where it shows nothing. */
  flat: Window[];
}

async function proveChunk(name: string, gate: Gate, context: TaskContext): Promise<Proved> {
  const { tools, signal, workFolder: cwd } = context;
  const path = join(cwd, renditionFile(name));
  const input = ['-i', `file:${path}`];
  const proofs = new ChunkProofs();
  const shown: number[] = [];
  const onPacket = (packet: ScannedPacket) => {
    proofs.add(packet);
    if (packet.pts_s !== undefined) shown.push(packet.pts_s);
  };
  await scanPackets(tools, input, { signal, onPacket });
  const [proof] = proofs.end();
  if (!proof) throw noFrames(name);
  const { complaints, glimpses } = await decodeWhole(tools, path, false, { signal, cwd });
  gate.check(name, 'decodes', complaints === undefined, complaints ?? `${proof.frame_count} frames`);
  shown.sort((a, b) => a - b);
  const flat = flatStretches(glimpses, shown);
  return { proof: { name, ...proof, extradata: await extradataOf(input, context) }, flat };
}

const WithExtradata = z.object({ streams: z.array(z.object({ extradata_hash: z.string() })).min(1) });

async function extradataOf(input: string[], { tools, signal }: TaskContext): Promise<string> {
  const wanted = ['-show_data_hash', 'md5', '-show_entries', 'stream=extradata_hash'];
  const { streams } = WithExtradata.parse(await probeJson(tools, [...wanted, ...input], { signal }));
  return streams[0]?.extradata_hash ?? '';
}

const noFrames = (name: string) =>
  new TaskError({
    code: 'nothing_decodable',
    message: 'A part of the video could not be decoded.',
    detail: `${name} has no frames`,
    retryable: false,
  });
