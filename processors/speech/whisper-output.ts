import { z } from 'zod';

/** What is used of the file that `whisper-cli -oj` writes (examples/cli/cli.cpp, `output_json`). */
export const WhisperOutput = z.object({
  result: z.object({ language: z.string() }),
  transcription: z.array(
    z.object({
      /** Milliseconds. */
      offsets: z.object({ from: z.number(), to: z.number() }),
      text: z.string(),
    }),
  ),
});
export type WhisperOutput = z.infer<typeof WhisperOutput>;
