/** A moment of a job's history: right after an event, or a time. */
export type Moment = { revision: number } | { time: Date };

/** The events that had happened by then; a clock that was set back leaves no hole among them. */
export function until<T extends { revision: number; time: string }>(
  history: readonly T[],
  moment: Moment,
): T[] {
  if ('revision' in moment) return history.filter(({ revision }) => revision <= moment.revision);
  const later = history.findIndex(({ time }) => Date.parse(time) > moment.time.getTime());
  return history.slice(0, later < 0 ? undefined : later);
}
