import type { RouteContext } from '../routes/own-job.ts';

/** What a client's conditions mean for the answer. */
export type Outcome = 'proceed' | 'not_modified' | 'failed';

interface Validators {
  /** Strong, with quotes. */
  etag: string;
  lastModified: Date;
}

/** RFC 9110, 13.2.2: the order of evaluation. */
export function preconditions(ctx: RouteContext, validators: Validators): Outcome {
  const { etag, lastModified } = validators;
  const ifMatch = ctx.get('If-Match');
  const unmodifiedSince = date(ctx.get('If-Unmodified-Since'));
  if (ifMatch) {
    if (!lists(ifMatch, etag, 'strong')) return 'failed';
  } else if (unmodifiedSince !== undefined && seconds(lastModified) > unmodifiedSince) return 'failed';

  const ifNoneMatch = ctx.get('If-None-Match');
  const modifiedSince = date(ctx.get('If-Modified-Since'));
  if (ifNoneMatch) return lists(ifNoneMatch, etag, 'weak') ? 'not_modified' : 'proceed';
  if (modifiedSince !== undefined && seconds(lastModified) <= modifiedSince) return 'not_modified';
  return 'proceed';
}

/** 13.1.5: a range counts only where the client's part is of the very same bytes. */
export function isRangeOfSame(ctx: RouteContext, { etag, lastModified }: Validators): boolean {
  const condition = ctx.get('If-Range').trim();
  if (condition === '') return true;
  if (/^(W\/)?"/.test(condition)) return condition === etag;
  return date(condition) === seconds(lastModified);
}

/** Weakly compared a proxy's `W/"…"` of the same is the same; strongly it is another (8.8.3.2). */
const lists = (condition: string, etag: string, comparison: 'strong' | 'weak'): boolean =>
  condition
    .split(',')
    .map((entry) => entry.trim())
    .some((entry) => entry === '*' || (comparison === 'weak' ? entry.replace(/^W\//, '') : entry) === etag);

/** HTTP dates have whole seconds. */
const seconds = (date: Date): number => Math.floor(date.getTime() / 1_000);

function date(text: string): number | undefined {
  const time = text === '' ? Number.NaN : Date.parse(text);
  return Number.isNaN(time) ? undefined : Math.floor(time / 1_000);
}
