/** One cue; its text is WebVTT's markup. */
export interface VttCue {
  start_s: number;
  end_s: number;
  text: string;
}

const TIMING = /^(?:(\d+):)?(\d\d):(\d\d)\.(\d{3})[ \t]+-->[ \t]+(?:(\d+):)?(\d\d):(\d\d)\.(\d{3})/;

/** Cues in file order; identifiers, settings, notes and styles are left out. @throws where it is no WebVTT */
export function parseVtt(file: string): VttCue[] {
  const text = file.replace(/^\uFEFF/, '').replace(/\r\n?/g, '\n');
  if (!text.startsWith('WEBVTT')) throw new Error('The file does not begin with WEBVTT');
  return text.split(/\n{2,}/).flatMap((block) => {
    const lines = block.split('\n');
    const at = lines.findIndex((line) => TIMING.test(line));
    const times = TIMING.exec(lines[at] ?? '')
      ?.slice(1)
      .map((part) => Number(part ?? 0));
    if (!times) return [];
    const seconds = ([hours = 0, minutes = 0, whole = 0, thousandths = 0]: readonly number[]) =>
      hours * 3600 + minutes * 60 + whole + thousandths / 1000;
    const shown = lines
      .slice(at + 1)
      .join('\n')
      .trim();
    return [{ start_s: seconds(times), end_s: seconds(times.slice(4)), text: shown }];
  });
}

/**
 * What of the cues is shown in a video of this length, in order of time. Text that would end the cue, or be taken for
 * a tag that nobody wrote, is escaped: converted subtitles come unescaped from ffmpeg.
 * @param start_s what the video leaves out of the source's beginning
 */
export function cuesWithin(cues: readonly VttCue[], start_s: number, duration_s: number): VttCue[] {
  return cues
    .map(({ start_s: from, end_s: to, text }) => ({
      start_s: Math.max(0, from - start_s),
      // Down to the thousandth that is written: no cue may end behind the video.
      end_s: Math.min(Math.floor(duration_s * 1000) / 1000, to - start_s),
      text: escapeCue(text),
    }))
    .filter(({ start_s, end_s, text }) => end_s > start_s && text !== '')
    .toSorted((a, b) => a.start_s - b.start_s || a.end_s - b.end_s);
}

/**
 * WebVTT for HLS and DASH. RFC 8216 3.5: cue time 0 is the media's time stamp 0; players that know nothing of
 * `X-TIMESTAMP-MAP` pass over it, as over every line of the header.
 */
export function formatVtt(cues: readonly VttCue[]): string {
  const blocks = cues.map(({ start_s, end_s, text }) => `${time(start_s)} --> ${time(end_s)}\n${text}\n`);
  return ['WEBVTT\nX-TIMESTAMP-MAP=LOCAL:00:00:00.000,MPEGTS:0\n', ...blocks].join('\n');
}

const escapeCue = (text: string): string =>
  text
    .replace(/&(?!(?:amp|lt|gt|nbsp|lrm|rlm);)/g, '&amp;')
    .replace(/<(?!\/?[biu]>)/g, '&lt;')
    .replace(/(?<!<\/?[biu])>/g, '&gt;')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .join('\n');

function time(seconds: number): string {
  const thousandths = Math.round(seconds * 1000);
  const pad = (value: number, digits = 2) => String(Math.floor(value)).padStart(digits, '0');
  const clock = [thousandths / 3_600_000, (thousandths / 60_000) % 60, (thousandths / 1000) % 60];
  return `${clock.map((value) => pad(value)).join(':')}.${pad(thousandths % 1000, 3)}`;
}
