import { z } from 'zod';

/** Why an attempt at a task failed. */
export const TaskErrorInfo = z
  .object({
    code: z
      .string()
      .describe(
        'Stable, machine-readable, e.g. `no_video_stream`, `ffmpeg_failed`, `ffmpeg_killed`, `gate_failed`, `disk_full`, `hardware_busy`, `out_of_memory`, `time_limit`.',
      ),
    message: z.string().describe('One sentence that the person who uploaded the video understands.'),
    detail: z.string().optional().describe("For an operator: the end of ffmpeg's log, measured figures."),
    retryable: z
      .boolean()
      .describe('Whether another attempt may succeed: false for what the input itself makes impossible.'),
  })
  .meta({ id: 'TaskErrorInfo', description: 'Why an attempt at a task failed.' });
export type TaskErrorInfo = z.infer<typeof TaskErrorInfo>;

/** The code of an attempt whose ffmpeg was ended by somebody else: the kernel for want of memory, or a person. No verdict on the file. */
export const FFMPEG_KILLED = 'ffmpeg_killed';

/** The code of outputs that did not pass their check. */
export const GATE_FAILED = 'gate_failed';

/** The code of an attempt whose hardware had no place free: nobody's failure, and soon tried again. */
export const HARDWARE_BUSY = 'hardware_busy';

/** The code of an attempt whose machine had not enough disk space, before the work or in its midst: likewise. */
export const DISK_FULL = 'disk_full';
