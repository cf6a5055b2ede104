import type { MakeMedia } from './make-media.ts';
import type { Quarters } from './quarters.ts';

/** What a user gets for an input: refused while it is uploaded, a failed job, or the outputs. */
export type Outcome = RefusedUpload | FailedJob | Package;

export interface RefusedUpload {
  /** Code of the 400 answer. */
  refused: string;
}

export interface FailedJob {
  /** Code of the job's error. */
  failed: string;
  /** What its message says to the user. */
  because: RegExp;
}

export interface Package {
  /** `320x240` by name; any other name in the answer must be unavailable. */
  renditions: Record<string, `${number}x${number}`>;
  /** Seconds, within the tolerance of `lasts_within`. */
  lasts: number;
  /** Seconds; default 0.1. */
  lasts_within?: number;
  /** Frames of each rendition: how many, or between which numbers. */
  frames: number | readonly [least: number, most: number];
  /** Nothing with pictures: then the audio file lasts as long. */
  sound_alone?: true;
  /** False where the source has none that could be used. */
  audio: false | { channels: number; language?: string };
  /** The container lists more than the file holds, and the job says so. */
  cut_off?: true;
  /** Each is among the streams that inspection left out. */
  ignored?: readonly RegExp[];
  /** Colours of the four quarters of the first picture, as one sees them: shows that it stands upright. */
  quarters?: Quarters;
  /** Seconds between the first pictures, where they are not all alike. */
  shown_at?: readonly number[];
  /** When the last picture is shown, in seconds. */
  last_shown_at?: number;
  /** Fields were woven into the source's pictures: none may be left in the rendition's. */
  no_fields?: true;
}

/** One row of the table: how to make the file, and what must come of it. */
export interface Input {
  name: string;
  /** Its ending chooses the container. */
  file: string;
  make(media: MakeMedia, file: string): Promise<unknown>;
  /** Of the job; default: none. */
  options?: object;
  /** Why this machine cannot make it: then it is skipped, and says so. */
  missing?: string | undefined;
  gives: Outcome;
}
