/** What the gate looks at in one of our manifests. Paths are relative to it. */
export interface DashManifest {
  duration_s: number;
  media: {
    id: string;
    init: string;
    start_s: number;
    segments: { uri: string; duration_s: number }[];
  }[];
  texts: string[];
}

/** @throws Error naming what is missing from it */
export function parseDashManifest(text: string): DashManifest {
  const duration = /<MPD [^>]*mediaPresentationDuration="PT([\d.]+)S"/.exec(text)?.[1];
  if (duration === undefined) throw new Error('The manifest has no duration');
  const media: DashManifest['media'] = [];
  const texts: string[] = [];
  for (const [, set = ''] of text.matchAll(/<AdaptationSet (.*?)<\/AdaptationSet>/gs)) {
    for (const [, id = '', inside = ''] of set.matchAll(
      /<Representation id="([^"]+)"[^>]*?(?:\/>|>(.*?)<\/Representation>)/gs,
    )) {
      const file = /<BaseURL>([^<]+)<\/BaseURL>/.exec(inside)?.[1];
      if (file !== undefined) texts.push(file);
      else media.push(representation(id, inside.includes('<SegmentTemplate') ? inside : set));
    }
  }
  return { duration_s: Number(duration), media, texts };
}

function representation(id: string, text: string): DashManifest['media'][number] {
  const attributes = /<SegmentTemplate ([^>]+)>/.exec(text)?.[1];
  if (attributes === undefined) throw new Error(`The manifest has no segments of ${id}`);
  const about = attributesOf(attributes);
  const timescale = Number(about.get('timescale'));
  const path = (pattern: string | undefined) => (pattern ?? '').replaceAll('$RepresentationID$', id);
  let number = Number(about.get('startNumber'));
  let start: number | undefined;
  const segments: { uri: string; duration_s: number }[] = [];
  for (const [, entry = ''] of text.matchAll(/<S ([^>]*)\/>/g)) {
    const { t, d, r } = Object.fromEntries(attributesOf(entry));
    start ??= Number(t);
    for (let more = Number(r ?? 0); more >= 0; more -= 1) {
      const uri = path(about.get('media')).replace('$Number%05d$', String(number).padStart(5, '0'));
      segments.push({ uri, duration_s: Number(d) / timescale });
      number += 1;
    }
  }
  return {
    id,
    init: path(about.get('initialization')),
    start_s: (start ?? Number.NaN) / timescale,
    segments,
  };
}

const attributesOf = (text: string): Map<string, string> =>
  new Map([...text.matchAll(/([\w:]+)="([^"]*)"/g)].map(([, name = '', value = '']) => [name, value]));
