/** A text that a viewer may show along: subtitles of the source, or the transcript as captions. */
export interface TextTrack {
  /** Its folder in the package. */
  name: string;
  /** The WebVTT file, relative to the package. */
  file: string;
  /** The media playlist, relative to the package. */
  playlist: string;
  /** BCP 47; absent where the source does not say. */
  language?: string;
  /** For menus; no two tracks have the same. */
  label: string;
  role: 'subtitle' | 'caption' | 'forced-subtitle';
  /** What Apple's players look for, e.g. `public.accessibility.transcribes-spoken-dialog`. */
  characteristics: readonly string[];
  cues_count: number;
  size_bytes: number;
}
