import { z } from 'zod';

/** A moment of a job's history: right after an event, or a time. */
export type Moment = { revision: number } | { time: Date };

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

/** The events that had happened by then; a clock that was set back leaves no hole among them. */
export function until<T extends { revision: number; time: string }>(
  history: readonly T[],
  moment: Moment,
): T[] {
  if ('revision' in moment) return history.filter(({ revision }) => revision <= moment.revision);
  const later = history.findIndex(({ time }) => Date.parse(time) > moment.time.getTime());
  return history.slice(0, later < 0 ? undefined : later);
}
