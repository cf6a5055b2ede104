import type { ClientBase, QueryConfig, QueryResult, QueryResultRow } from 'pg';

/** The one method that the outbox needs. */
export interface Queries {
  query<R extends QueryResultRow>(config: QueryConfig): Promise<QueryResult<R>>;
}

/** One query after the other on a connection that several lanes share. */
export function serialQueries(client: ClientBase): Queries {
  let last: Promise<unknown> = Promise.resolve();
  return {
    query<R extends QueryResultRow>(config: QueryConfig) {
      const result = last.then(() => client.query<R>(config));
      last = result.catch(() => {});
      return result;
    },
  };
}
