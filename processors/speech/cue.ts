/** A piece of text to show while it is spoken; times in seconds from the start of the video. */
export interface Cue {
  start: number;
  end: number;
  text: string;
}
