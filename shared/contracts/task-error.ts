import { z } from 'zod';

/** Why an attempt at a task failed. */
export const TaskErrorInfo = z.object({
  /** Stable, machine-readable, e.g. `no_video_stream`, `ffmpeg_failed`, `gate_failed`, `disk_full`. */
  code: z.string(),
  /** One sentence that the person who uploaded the video understands. */
  message: z.string(),
  /** For an operator: the end of ffmpeg's log, measured figures. */
  detail: z.string().optional(),
  /** Whether another attempt may succeed: false for what the input itself makes impossible. */
  retryable: z.boolean(),
});
export type TaskErrorInfo = z.infer<typeof TaskErrorInfo>;
