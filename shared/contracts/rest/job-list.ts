import { z } from 'zod';
import { JobStatus } from '../job-document.ts';

export const MOST_PER_PAGE = 100;
/** Pages are for people; beyond this depth an offset costs more than it is worth: cursors go on at any depth. */
export const MOST_PAGES = 1_000;
const LONGEST_TEXT = 200;
const LONGEST_CURSOR = 2_048;

/** What lists can be sorted by. */
export const SortKey = z.enum(['created_at', 'updated_at', 'filename', 'status', 'size']);
export type SortKey = z.infer<typeof SortKey>;

export const ListedStatus = JobStatus.exclude(['deleted']);
export type ListedStatus = z.infer<typeof ListedStatus>;

const whole = (most: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/, 'must be a whole number')
    .transform(Number)
    .pipe(z.number().min(1, 'must be at least 1').max(most, `must be at most ${most}`));

const time = z
  .string()
  // In a query string an unescaped plus means a space.
  .transform((text) => text.replace(/ (?=\d\d:\d\d$)/, '+'))
  .pipe(z.iso.datetime({ offset: true, error: 'must be an RFC 3339 time such as 2026-01-31T12:00:00Z' }));

const sorts = SortKey.options.flatMap((key) => [key, `-${key}`]);

/** The query of `GET /api/jobs`. What is not named here is refused, so that a filter with a typo never shows everything. */
export const JobListQuery = z
  .strictObject({
    status: z
      .string()
      .max(200)
      .transform((text) => [...new Set(text.split(',').map((status) => status.trim()))])
      .pipe(z.array(ListedStatus, `must be some of ${ListedStatus.options.join(', ')}, separated by commas`))
      .optional(),
    sort: z
      .string()
      .refine((text) => sorts.includes(text), `must be one of ${sorts.join(', ')}`)
      .transform((text) => ({
        key: SortKey.parse(text.replace(/^-/, '')),
        descending: text.startsWith('-'),
      }))
      .optional(),
    created_after: time.optional(),
    created_before: time.optional(),
    q: z
      .string()
      .max(LONGEST_TEXT, `must have at most ${LONGEST_TEXT} characters`)
      .refine((text) => !/\p{Cc}/u.test(text), 'must not hold control characters')
      .transform((text) => text.trim())
      .optional(),
    page: whole(MOST_PAGES).optional(),
    per_page: whole(MOST_PER_PAGE).default(20),
    cursor: z.string().min(1).max(LONGEST_CURSOR).optional(),
  })
  .refine(({ page, cursor }) => page === undefined || cursor === undefined, {
    path: ['cursor'],
    error: 'goes without page: it says itself where to go on',
  });
export type JobListQuery = z.infer<typeof JobListQuery>;
export type Sort = NonNullable<JobListQuery['sort']>;

export const DEFAULT_SORT: Sort = { key: 'created_at', descending: true };
