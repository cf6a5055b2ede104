import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { filmOf } from '@transcodeflow/shared/contracts/media.ts';
import { GATE_FAILED } from '@transcodeflow/shared/contracts/task-error.ts';
import type { Quality, ResultOf } from '@transcodeflow/shared/contracts/task-results.ts';
import type { SpecOf } from '@transcodeflow/shared/contracts/tasks.ts';
import { z } from 'zod';
import { ChunkProofs } from '../../ffmpeg/gate/chunk-proof.ts';
import { flatStretches } from '../../ffmpeg/gate/flat-stretches.ts';
import { decodeWhole } from '../../ffmpeg/gate/full-decode.ts';
import { type ScannedPacket, scanPackets } from '../../ffmpeg/gate/packet-scan.ts';
import type { QualitySource } from '../../ffmpeg/gate/quality.ts';
import type { Window } from '../../ffmpeg/gate/quality-windows.ts';
import { type ChunkWindow, chunkWindow } from '../../ffmpeg/plan/chunk-window.ts';
import { renditionFile } from '../../ffmpeg/plan/encode-plan.ts';
import type { Encoding } from '../../ffmpeg/plan/encoding.ts';
import { stillsOf } from '../../ffmpeg/plan/stills-of.ts';
import { probeJson } from '../../ffmpeg/run-ffprobe.ts';
import { openSource } from '../../source/open-source.ts';
import { TaskError } from '../../task-error.ts';
import { prepareWatermark } from '../prepare-watermark.ts';
import { storeFile } from '../store-file.ts';
import type { TaskContext, TaskHandler } from '../task-handler.ts';
import { Gate } from '../verify/gate.ts';
import { verifyQuality } from '../verify/quality.ts';
import { assertEncoders } from './assert-encoders.ts';
import { assertMayUseCpu } from './hardware-required.ts';
import { removeNew } from './remove-new.ts';
import { runEncode } from './run-encode.ts';
import { storePoster, storeTiles } from './stills.ts';

/** Of the task; the rest is decoding what was made and comparing it with the source. */
const ENCODING = 0.85;

/** As a run is called that no hardware had a part in. */
const CPU = 'cpu';

type Made = ResultOf<'encode-chunk'>['renditions'][number];

/**
 * Encodes the pictures of one chunk in one run with one decode of that part of the source, decodes them again and compares
 * them with the source: what follows needs to look at no picture any more. What hardware had a part in and does not pass
 * is done again by the CPU (`auto`).
 * @throws {TaskError} as `encode` does, and `hardware_required`, `gate_failed`, `source_changed`
 */
export const encodeChunk: TaskHandler<'encode-chunk'> = async (spec, context) => {
  assertMayUseCpu(spec, context);
  assertEncoders(spec, context, { onDevices: false });
  const { chunk: _, first_s: __, quality: ___, ...rest } = spec;
  const media = filmOf(spec.media);
  const { interlaced, unflagged_fields } = media.video;
  const window = chunkWindow(spec, media, interlaced || unflagged_fields !== undefined);
  const encoding = { ...rest, kind: 'encode' as const, media, window };
  await using source = await openSource(spec.source.key, context);
  const reading = { ...context, signal: source.signal };
  let furthest = 0;
  const progress: TaskContext['progress'] = (update) => {
    furthest = Math.max(furthest, update.fraction * ENCODING);
    context.progress({ ...update, fraction: furthest });
  };
  const run = (what: Encoding) => runEncode(what, source.place, { ...reading, progress });
  const film = { path: source.place, media, trim: spec.trim, watermark: spec.watermark };
  const judge = () => judgeChunk(spec, window, film, reading);
  if (spec.watermark) await prepareWatermark(spec.watermark, context);
  const before = new Set(await readdir(context.workFolder));
  let hardware = await run(encoding);
  const { proofs, quality } = await judge().catch(async (error: unknown) => {
    if (hardware === CPU || context.tools.hardware?.mode !== 'auto') throw error;
    if (!(error instanceof TaskError && error.info.code === GATE_FAILED)) throw error;
    // Drivers lie: what hardware made without an error may be wrong where the CPU's would not be.
    context.degraded(hardware, CPU, `The output gate refused what it made. ${error.info.detail}`);
    await removeNew(context.workFolder, before);
    hardware = await run({ ...encoding, acceleration: 'off' });
    return judge();
  });
  context.progress({ fraction: 0.98 });

  const renditions: Made[] = [];
  for (const { proof } of proofs) {
    const file = renditionFile(proof.name);
    const object = await storeFile(context, file, join(context.workFolder, file));
    const figures = quality[proof.name];
    renditions.push({ ...proof, object, ...(figures && { quality: figures }) });
  }
  const stills = stillsOf(encoding);
  const poster =
    spec.poster && stills.poster && (await storePoster(spec.poster, context, stills.poster.least));
  const tiles =
    spec.storyboard && stills.tiles && (await storeTiles(spec.storyboard, stills.tiles.frames, context));
  context.progress({ fraction: 1 });
  return {
    kind: 'encode-chunk',
    chunk: spec.chunk.number,
    renditions,
    hardware,
    ...(poster && { poster }),
    ...(tiles && { tiles }),
  };
};

interface Judged {
  proofs: Proved[];
  quality: Record<string, Quality>;
}

/** @throws {TaskError} `gate_failed`, `nothing_decodable` */
async function judgeChunk(
  { renditions, quality: wanted }: SpecOf<'encode-chunk'>,
  { from_s, to_s, duration_s }: ChunkWindow,
  source: QualitySource,
  context: TaskContext,
): Promise<Judged> {
  const gate = new Gate();
  const proofs: Proved[] = [];
  for (const { name } of renditions) proofs.push(await proveChunk(name, gate, context));
  gate.assertPassed();
  const compared = proofs.flatMap(({ proof: { name, first_s }, flat }) => {
    const rendition = renditions.find((each) => each.name === name);
    const path = join(context.workFolder, renditionFile(name));
    // The floor is for the video as a whole.
    return rendition ? [{ ...rendition, path, first_s, flat, bits: [], least_ssim: undefined }] : [];
  });
  const part = { from_s, length_s: (to_s ?? duration_s) - from_s };
  const about = { duration_s, figures: wanted !== false, part };
  const quality = await verifyQuality(source, compared, about, gate, context);
  gate.assertPassed();
  return { proofs, quality };
}

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
