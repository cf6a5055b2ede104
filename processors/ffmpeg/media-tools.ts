/** The ffmpeg and ffprobe in use and what this build can do. */
export interface MediaTools {
  ffmpeg: string;
  ffprobe: string;
  /** First line of `ffmpeg -version` without the copyright, e.g. `7.0-static`. */
  version: string;
  /** Where it was found: `FFMPEG_PATH`, `PATH` or the npm package. */
  origin: string;
  /** Encoders and filters by name, as `ffmpeg -encoders` and `-filters` list them. */
  encoders: ReadonlySet<string>;
  filters: ReadonlySet<string>;
}
