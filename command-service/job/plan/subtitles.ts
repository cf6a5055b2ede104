import type { MediaInfo, SubtitleStream } from '@transcodeflow/shared/contracts/media.ts';
import type { Plan } from '@transcodeflow/shared/contracts/plan.ts';
import { languageCode } from '@transcodeflow/shared/language-code.ts';

/** Films have some thirty languages; more than this is no film. */
const MOST = 64;

/**
 * Text subtitles of the source, each a track of the package; what cannot be one is left out, with the reason.
 * @param packaged whether there is a package at all
 */
export function planSubtitles(
  { subtitles }: MediaInfo,
  packaged: boolean,
): Required<Pick<Plan, 'subtitles' | 'skipped'>> {
  const planned: Required<Pick<Plan, 'subtitles' | 'skipped'>> = { subtitles: [], skipped: [] };
  const names = new Set<string>();
  for (const stream of subtitles) {
    const name = nameOf(stream, names);
    names.add(name);
    const reason = !stream.text
      ? `Subtitles that are pictures (${stream.codec}) cannot become text`
      : !packaged
        ? 'Subtitles come with HLS or DASH, and the job was asked for without both'
        : planned.subtitles.length >= MOST
          ? `The source has more than ${MOST} subtitles`
          : undefined;
    if (reason !== undefined) planned.skipped.push({ output: name, reason });
    else {
      const { index: stream_index, codec: _, text: __, default: ___, ...about } = stream;
      planned.subtitles.push({ name, stream_index, ...about });
    }
  }
  return planned;
}

/** `subtitles-de`, `subtitles-de-2` for the second of a language, `subtitles-und` where the source names none. */
function nameOf({ language }: SubtitleStream, taken: ReadonlySet<string>): string {
  const stem = `subtitles-${languageCode(language) ?? 'und'}`;
  let name = stem;
  for (let number = 2; taken.has(name); number += 1) name = `${stem}-${number}`;
  return name;
}
