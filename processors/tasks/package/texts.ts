import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ResultOf } from '@transcodeflow/shared/contracts/task-results.ts';
import type { SpecOf } from '@transcodeflow/shared/contracts/tasks.ts';
import { languageCode, languageName } from '@transcodeflow/shared/language-code.ts';
import { formatMediaPlaylist, targetDuration } from '../../ffmpeg/media-playlist.ts';
import { planSubtitles, subtitleFile } from '../../ffmpeg/plan/subtitle-plan.ts';
import { runFfmpeg } from '../../ffmpeg/run-ffmpeg.ts';
import { cuesWithin, formatVtt, parseVtt, type VttCue } from '../../ffmpeg/webvtt.ts';
import { TaskError } from '../../task-error.ts';
import { readText } from '../read-text.ts';
import type { TaskContext } from '../task-handler.ts';
import type { TextTrack } from './text-track.ts';

type Spec = SpecOf<'package'>;
type Subtitle = NonNullable<Spec['subtitles']>['streams'][number];

export interface Texts {
  tracks: TextTrack[];
  /** Subtitles that could not be had. */
  left_out: NonNullable<ResultOf<'package'>['subtitles_left_out']>;
}

/** Folder of the transcript's track. */
export const CAPTIONS = 'captions';

const SPOKEN = 'public.accessibility.transcribes-spoken-dialog';
const SOUNDS = 'public.accessibility.describes-music-and-sound';

/**
 * Writes the subtitles of the source and the transcript as tracks of the package: `hls/subtitles-de/text.vtt` with a
 * playlist of one segment, which DASH names too. A track that cannot be read costs nobody the video.
 */
export async function writeTexts(
  folder: string,
  spec: Spec,
  duration_s: number,
  context: TaskContext,
): Promise<Texts> {
  const { subtitles, captions } = spec;
  const texts: Texts = { tracks: [], left_out: [] };
  const labels = new Set<string>();
  const add = async (about: Pick<TextTrack, 'name' | 'role' | 'characteristics'> & Named, cues: VttCue[]) => {
    const { language: tag, title, ...rest } = about;
    const language = languageCode(tag);
    const label = uniqueLabel(language, title, labels);
    const written = await writeTrack(folder, about.name, cues, duration_s);
    texts.tracks.push({ ...rest, ...(language && { language }), label, ...written });
  };
  const files = subtitles ? await extract(subtitles, context) : new Map<string, string>();
  for (const { name, stream_index, ...stream } of subtitles?.streams ?? []) {
    const file = files.get(name);
    const cues = cuesWithin(file ? parseVtt(file) : [], subtitles?.start_s ?? 0, duration_s);
    const reason = file ? 'It holds no text within the video' : 'It could not be read';
    if (cues.length === 0) texts.left_out.push({ name, stream_index, reason });
    else await add({ name, ...kindOf(stream), language: stream.language, title: stream.title }, cues);
  }
  const transcript = captions && (await readText(captions.vtt.key, context));
  const spoken = cuesWithin(transcript ? parseVtt(transcript) : [], 0, duration_s);
  if (captions && spoken.length > 0) {
    const kind = { role: 'caption' as const, characteristics: [SPOKEN] };
    await add({ name: CAPTIONS, ...kind, language: captions.language, title: 'automatic' }, spoken);
  }
  return texts;
}

interface Named {
  language?: string | undefined;
  title?: string | undefined;
}

/** WebVTT files by name of track. Where they fail together, each is tried alone: one that is broken spoils no other. */
async function extract(
  { source, streams }: NonNullable<Spec['subtitles']>,
  context: TaskContext,
): Promise<Map<string, string>> {
  const { objects, workFolder, signal, tools, ran } = context;
  const path = await objects.localFile(source.key, workFolder, signal);
  const files = new Map<string, string>();
  const tryOnce = async (some: readonly Subtitle[]): Promise<boolean> => {
    try {
      await runFfmpeg(tools, planSubtitles(path, some), { signal, cwd: workFolder, ran });
    } catch (error) {
      if (error instanceof TaskError && error.info.code === 'ffmpeg_failed') return false;
      throw error;
    }
    for (const { name } of some)
      files.set(name, await readFile(join(workFolder, subtitleFile(name)), 'utf8'));
    return true;
  };
  if (!(await tryOnce(streams)) && streams.length > 1) for (const stream of streams) await tryOnce([stream]);
  return files;
}

const kindOf = ({
  forced,
  hearing_impaired,
}: Partial<Subtitle>): Pick<TextTrack, 'role' | 'characteristics'> =>
  hearing_impaired
    ? { role: 'caption', characteristics: [SPOKEN, SOUNDS] }
    : { role: forced ? 'forced-subtitle' : 'subtitle', characteristics: [] };

function uniqueLabel(language: string | undefined, title: string | undefined, taken: Set<string>): string {
  const named = language ? languageName(language) : 'Subtitles';
  const full = title ? `${named} (${title})` : named;
  const label = taken.has(full) ? `${full} ${taken.size + 1}` : full;
  taken.add(label);
  return label;
}

async function writeTrack(folder: string, name: string, cues: VttCue[], duration_s: number) {
  await mkdir(join(folder, name), { recursive: true });
  const [file, playlist] = [`${name}/text.vtt`, `${name}/playlist.m3u8`];
  const segments = [{ uri: 'text.vtt', duration_s }];
  await writeFile(join(folder, file), formatVtt(cues));
  await writeFile(
    join(folder, playlist),
    formatMediaPlaylist({ segments, target_s: targetDuration(segments) }),
  );
  return { file, playlist, cues_count: cues.length, size_bytes: (await stat(join(folder, file))).size };
}
