/** Media of one codec, size and rate, cut into numbered segments. */
export interface Representation {
  /** Folder of its segments, too. */
  id: string;
  codecs: string;
  bandwidth: number;
  /** Ticks per second. */
  timescale: number;
  /** When its first sample is shown, in ticks. */
  start: number;
  /** Ticks of each segment. */
  ticks: readonly number[];
}

export interface VideoRepresentation extends Representation {
  width: number;
  height: number;
  /** E.g. `30000/1001`. */
  frame_rate?: string;
}

export interface SoundRepresentation extends Representation {
  language?: string;
  label?: string;
  channels: number;
  sampling_rate: number;
  /** Played where the viewer chose nothing. */
  main: boolean;
}

export interface TextRepresentation {
  id: string;
  /** Path of the WebVTT file, relative to the manifest. */
  file: string;
  bandwidth: number;
  language?: string;
  label: string;
  role: 'subtitle' | 'caption' | 'forced-subtitle';
}

export interface Presentation {
  videos: readonly VideoRepresentation[];
  sounds: readonly SoundRepresentation[];
  texts: readonly TextRepresentation[];
}

type Attributes = Record<string, string | number | undefined>;

/**
 * How late a first sample may be and its segment still be said to begin with the period: such a segment's duration is
 * longer by that. Where no segment covers the first instant, dash.js seeks to the first that does, and subtitles whose
 * file it is fetching just then are lost to it (seen with 5.2.1).
 */
export const COVERED_START_S = 0.1;

/**
 * A static MPD (ISO/IEC 23009-1) over the CMAF segments that the HLS playlists name: one adaptation set for the pictures,
 * one for each sound and each text. Every segment's duration stands there in ticks, as it is: nothing is rounded; the
 * first one's reaches back to the period's beginning, see {@link COVERED_START_S}.
 */
export function formatManifest({ videos, sounds, texts }: Presentation): string {
  const media = [...videos, ...sounds];
  const seconds = (ticks: number, { timescale }: Representation) => ticks / timescale;
  const end = Math.max(...media.map((one) => seconds(one.start + sum(one.ticks), one)));
  const longest = Math.max(...media.flatMap((one) => covering(one).map((ticks) => seconds(ticks, one))));
  const sets = [
    ...(videos.length > 0 ? [pictures(videos)] : []),
    ...sounds.map(sound),
    ...texts.map(text),
  ].map((set, id) => set(id));
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    element(
      'MPD',
      {
        xmlns: 'urn:mpeg:dash:schema:mpd:2011',
        profiles: 'urn:mpeg:dash:profile:isoff-live:2011,urn:mpeg:dash:profile:cmaf:2019',
        type: 'static',
        mediaPresentationDuration: duration(end),
        maxSegmentDuration: duration(longest),
        minBufferTime: duration(longest),
      },
      [element('Period', { id: 0, start: 'PT0S' }, sets)],
    ),
    '',
  ].join('\n');
}

const pictures = (videos: readonly VideoRepresentation[]) => (id: number) => {
  const largest = videos.reduce((a, b) => (b.width * b.height > a.width * a.height ? b : a));
  const templates = videos.map(template);
  const isShared = new Set(templates).size === 1;
  const about = {
    id,
    contentType: 'video',
    mimeType: 'video/mp4',
    segmentAlignment: 'true',
    startWithSAP: 1,
    maxWidth: largest.width,
    maxHeight: largest.height,
    par: reduced(largest.width, largest.height),
  };
  const representations = videos.map(({ id, codecs, bandwidth, width, height, frame_rate }, index) =>
    element(
      'Representation',
      { id, codecs, bandwidth, width, height, frameRate: frame_rate, sar: '1:1' },
      isShared ? [] : [templates[index] ?? ''],
    ),
  );
  const shared = isShared ? [templates[0] ?? ''] : [];
  return element('AdaptationSet', about, [role('main'), ...shared, ...representations]);
};

const sound = (one: SoundRepresentation) => (id: number) =>
  element(
    'AdaptationSet',
    {
      id,
      contentType: 'audio',
      mimeType: 'audio/mp4',
      lang: one.language,
      segmentAlignment: 'true',
      startWithSAP: 1,
    },
    [
      ...(one.label ? [element('Label', {}, [escapeXml(one.label)])] : []),
      role(one.main ? 'main' : 'alternate'),
      template(one),
      element(
        'Representation',
        { id: one.id, codecs: one.codecs, bandwidth: one.bandwidth, audioSamplingRate: one.sampling_rate },
        [
          element('AudioChannelConfiguration', {
            schemeIdUri: 'urn:mpeg:dash:23003:3:audio_channel_configuration:2011',
            value: one.channels,
          }),
        ],
      ),
    ],
  );

const text =
  ({ file, language, label, role: what, ...about }: TextRepresentation) =>
  (id: number) =>
    element('AdaptationSet', { id, contentType: 'text', mimeType: 'text/vtt', lang: language }, [
      element('Label', {}, [escapeXml(label)]),
      role(what),
      element('Representation', about, [element('BaseURL', {}, [escapeXml(file)])]),
    ]);

const role = (value: string) => element('Role', { schemeIdUri: 'urn:mpeg:dash:role:2011', value });

/** How much earlier the first segment is said to begin, in ticks. */
const early = ({ timescale, start }: Representation): number =>
  start > 0 && start <= timescale * COVERED_START_S ? start : 0;

/** The ticks of each segment, as the manifest says them. */
const covering = (one: Representation): number[] =>
  one.ticks.map((ticks, index) => (index === 0 ? early(one) + ticks : ticks));

function template(one: Representation): string {
  const runs: { d: number; r: number }[] = [];
  for (const d of covering(one)) {
    const last = runs.at(-1);
    if (last?.d === d) last.r += 1;
    else runs.push({ d, r: 0 });
  }
  const entries = runs.map(({ d, r }, index) =>
    element('S', { t: index === 0 ? one.start - early(one) : undefined, d, r: r > 0 ? r : undefined }),
  );
  const names = {
    initialization: '$RepresentationID$/init.mp4',
    media: '$RepresentationID$/segment-$Number%05d$.m4s',
  };
  return element('SegmentTemplate', { timescale: one.timescale, startNumber: 1, ...names }, [
    element('SegmentTimeline', {}, entries),
  ]);
}

function element(name: string, attributes: Attributes, content: readonly string[] = []): string {
  const written = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}="${escapeXml(String(value))}"`)
    .join('');
  return content.length === 0 ? `<${name}${written}/>` : `<${name}${written}>${content.join('')}</${name}>`;
}

/** What no XML may hold is left out. */
const escapeXml = (value: string): string =>
  value
    .replace(/\p{Cc}/gu, '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');

/** Rounded up: no sample may lie behind the end. */
const duration = (seconds: number): string => `PT${(Math.ceil(seconds * 1e6 - 1e-3) / 1e6).toFixed(6)}S`;

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

function reduced(width: number, height: number): string {
  let [a, b] = [width, height];
  while (b > 0) [a, b] = [b, a % b];
  return `${width / a}:${height / a}`;
}
