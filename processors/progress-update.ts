/** How far a task is, as its ffmpeg tells. */
export interface ProgressUpdate {
  /** 0 to 1 of this task. */
  fraction: number;
  /** Multiples of real time. */
  speed?: number;
  fps?: number;
  /** Seconds left of this task. */
  eta_s?: number;
}
