/** Messages in one batch: `unnest` upserts of 1,000 rows write 65k rows/s, larger ones gain nothing. */
export const LARGEST_BATCH = 1_000;
