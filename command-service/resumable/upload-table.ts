import type { Pool } from 'pg';

/** An upload that has not expired; used ones stay until then, so that a second use can be told. */
export interface StoredUpload {
  id: string;
  account_id: string;
  kind: 'tus' | 'presigned';
  filename: string;
  /** Of the job that it may become. */
  job_id: string;
  /** Null while the client has not said it. */
  size_bytes: number | null;
  is_finished: boolean;
  /** The request that is making a job of it, or made it. */
  claim: string | null;
  /** The job that it is being made a picture of, or became one of; null where it is to be a source. */
  picture_of: string | null;
  /** Claimed so lately that whoever did it may still be about to make the job. */
  is_being_taken: boolean;
  is_used: boolean;
  expires_at: Date;
}

type Row = Omit<StoredUpload, 'size_bytes'> & { size_bytes: string | null };

/** A claim keeps the janitor away for so long, whatever becomes of the lock. */
const CLAIM = `interval '1 hour'`;
/** A request that claimed an upload so long ago and has not made its job is gone, or about to finish by itself. */
const ABANDONED = `interval '2 minutes'`;
const COLUMNS = `id, account_id, kind, filename, job_id, size_bytes, is_finished, claim, picture_of,
  claim is not null and not is_used and claimed_at >= now() - ${ABANDONED} as is_being_taken, is_used, expires_at`;
const DUE = `expires_at < now() or claim is not null and not is_used and claimed_at < now() - ${ABANDONED}`;
const later = (parameter: string) => `now() + ${parameter} * interval '1 millisecond'`;

const upload = (row: Row): StoredUpload => ({
  ...row,
  size_bytes: row.size_bytes === null ? null : Number(row.size_bytes),
});

/** Uploads in the schema `uploads`. Times are the database's, so that several instances agree. */
export function createUploadTable(pool: Pool) {
  const rows = async (sql: string, values: unknown[]): Promise<StoredUpload[]> =>
    (await pool.query<Row>(sql, values)).rows.map(upload);
  return {
    /** @param expiryMs from now */
    async add(
      {
        id,
        account_id,
        kind,
        filename,
        job_id,
        size_bytes,
      }: Pick<StoredUpload, 'id' | 'account_id' | 'kind' | 'filename' | 'job_id' | 'size_bytes'>,
      expiryMs: number,
    ): Promise<StoredUpload> {
      const [added] = await rows(
        `insert into uploads.upload (id, account_id, kind, filename, job_id, size_bytes, expires_at)
         values ($1, $2, $3, $4, $5, $6, ${later('$7')}) returning ${COLUMNS}`,
        [id, account_id, kind, filename, job_id, size_bytes, expiryMs],
      );
      if (!added) throw new Error('An insert returned nothing');
      return added;
    },
    /** Nothing for one that has expired and only waits for the janitor. */
    async find(id: string): Promise<StoredUpload | undefined> {
      const [found] = await rows(
        `select ${COLUMNS} from uploads.upload where id = $1 and (expires_at > now() or is_used)`,
        [id],
      );
      return found;
    },
    /** Bytes came: it expires so much later. @returns when */
    async touch(id: string, expiryMs: number): Promise<Date | undefined> {
      const [touched] = await rows(
        `update uploads.upload set expires_at = greatest(expires_at, ${later('$2')})
         where id = $1 and not is_used returning ${COLUMNS}`,
        [id, expiryMs],
      );
      return touched?.expires_at;
    },
    async setFinished(id: string): Promise<void> {
      await rows('update uploads.upload set is_finished = true where id = $1', [id]);
    },
    /** Written before the job is appended. @param pictureOf the job, where the upload becomes no source but a picture */
    async claim(id: string, claim: string, pictureOf: string | null = null): Promise<void> {
      await rows(
        `update uploads.upload set claim = $2, picture_of = $3, claimed_at = now(),
           expires_at = greatest(expires_at, now() + ${CLAIM}) where id = $1`,
        [id, claim, pictureOf],
      );
    },
    async setUsed(id: string): Promise<void> {
      await rows('update uploads.upload set is_used = true where id = $1', [id]);
    },
    async unclaim(id: string): Promise<void> {
      await rows('update uploads.upload set claim = null, picture_of = null where id = $1 and not is_used', [
        id,
      ]);
    },
    async remove(id: string): Promise<void> {
      await rows('delete from uploads.upload where id = $1', [id]);
    },
    /** Those of the ids that no upload waits under. */
    async strays(ids: readonly string[]): Promise<string[]> {
      const { rows: found } = await pool.query<{ id: string }>(
        `select id from unnest($1::text[]) as given (id)
         where not exists (select 1 from uploads.upload where upload.id::text = given.id and not is_used)`,
        [ids],
      );
      return found.map(({ id }) => id);
    },
    /** Expired ones, and those that were claimed by a request that came to no end. */
    due: (limit: number): Promise<StoredUpload[]> =>
      rows(
        `select ${COLUMNS} from uploads.upload
         where ${DUE} order by expires_at limit $1`,
        [limit],
      ),
    /** One of those, as it is now. */
    async findDue(id: string): Promise<(StoredUpload & { has_expired: boolean }) | undefined> {
      const { rows: found } = await pool.query<Row & { has_expired: boolean }>(
        `select ${COLUMNS}, expires_at < now() as has_expired from uploads.upload where id = $1 and (${DUE})`,
        [id],
      );
      return found[0] && { ...upload(found[0]), has_expired: found[0].has_expired };
    },
  };
}

export type UploadTable = ReturnType<typeof createUploadTable>;
