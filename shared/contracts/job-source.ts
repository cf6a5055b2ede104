import { z } from 'zod';
import { ObjectRef } from './object-ref.ts';

/** A source that is fetched by the job's first task, `ingest`. */
export const SourceUrl = z
  .object({
    url: z.string().describe('As the client gave it; http or https.'),
    most_bytes: z.number().int().positive().describe('Set aside for it; a larger file is refused.'),
    size_bytes: z
      .number()
      .int()
      .nonnegative()
      .optional()
      .describe(
        'As the server announced it when the job was requested; what was fetched is told by `ingest`.',
      ),
  })
  .meta({ id: 'SourceUrl', description: 'A source that is fetched by the first task, `ingest`.' });
export type SourceUrl = z.infer<typeof SourceUrl>;

/** Where a job's video is: in the object store already, or at a URL. */
export const JobSource = z.union([ObjectRef, SourceUrl]);
export type JobSource = z.infer<typeof JobSource>;
