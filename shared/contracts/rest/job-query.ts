import { z } from 'zod';

const Revision = z
  .string()
  .regex(/^\d{1,9}$/)
  .transform((text) => ({ revision: Number(text) }));

const Time = z
  .string()
  // In a query string an unescaped plus means a space.
  .transform((text) => text.replace(/ (?=\d\d:\d\d$)/, '+'))
  .pipe(z.iso.datetime({ offset: true }))
  .transform((text) => ({ time: new Date(text) }));

/** The parameter `as_of`: a revision (a whole number) or an RFC 3339 time. */
export const AsOf = z.union([Revision, Time], {
  error: 'must be a revision (a whole number) or an RFC 3339 time such as 2026-01-31T12:00:00Z',
});

/** Parameters of calls that read one job. */
export const JobQuery = z.object({
  min_revision: z.coerce
    .number()
    .int()
    .positive()
    .max(999_999_999)
    .optional()
    .describe('Answer not older than this: waits for it for up to 2 s.'),
});

/** And of those that serve an output. */
export const OutputQuery = JobQuery.extend({
  download: z
    .enum(['0', '1'])
    .default('0')
    .transform((text) => text === '1')
    .describe("1: for saving, under a name made of the uploaded file's (Content-Disposition: attachment)."),
});

/** And of those that can look back. */
export const JobMomentQuery = JobQuery.extend({
  as_of: AsOf.optional().describe('As it was then: a revision, or an RFC 3339 time.'),
});
