import type { DeviceSessions } from '../hardware/device-sessions.ts';
import type { HardwareReport } from '../hardware/hardware-report.ts';
import type { WhisperProgram } from '../speech/whisper-program.ts';

/** The ffmpeg and ffprobe in use and what this build can do. */
export interface MediaTools {
  ffmpeg: string;
  ffprobe: string;
  /** First line of `ffmpeg -version` without the copyright, e.g. `7.0-static`. */
  version: string;
  /** Where it was found: `FFMPEG_PATH`, `PATH` or the npm package. */
  origin: string;
  /** Encoders, filters and muxers by name, as `ffmpeg -encoders`, `-filters` and `-muxers` list them. */
  encoders: ReadonlySet<string>;
  filters: ReadonlySet<string>;
  muxers: ReadonlySet<string>;
  /** Both read over HTTP; absent: sources are copied here instead. */
  http?: boolean;
  /** Threads for each decoder, filter graph and software encoder of a run; absent: as many as each of them likes. */
  threads?: number;
  /** Resident memory that one run may take; absent: any. */
  memory_bytes?: number;
  /** What `probeHardware` found to work on this machine; absent: everything runs on the CPU. */
  hardware?: HardwareReport;
  /** For transcripts in other languages than English, and for English where the embedded engine is not installed. */
  whisper?: WhisperProgram;
  /** Who encodes on which device; absent: nobody counts. */
  sessions?: DeviceSessions;
}
