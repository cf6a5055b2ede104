import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInProcessBus } from '@transcodeflow/shared/bus/in-process-bus.ts';
import type { Cache } from '@transcodeflow/shared/cache/cache.ts';
import { createMemoryCache } from '@transcodeflow/shared/cache/memory-cache.ts';
import type { JobDocument, JobStatus } from '@transcodeflow/shared/contracts/job-document.ts';
import type { Outputs } from '@transcodeflow/shared/contracts/outputs.ts';
import { openPool } from '@transcodeflow/shared/database/pool.ts';
import { listen } from '@transcodeflow/shared/http/listen.ts';
import { openDirectoryStore } from '@transcodeflow/shared/objects/directory-store.ts';
import { encodeNotices, READ_MODEL_CHANNEL } from '@transcodeflow/shared/read-model/channel.ts';
import { searchable, sortName } from '@transcodeflow/shared/read-model/searchable.ts';
import { silentLogger } from '@transcodeflow/shared/telemetry/logger.ts';
import { identity } from '@transcodeflow/shared/testing/identity.ts';
import { sampleRef } from '@transcodeflow/shared/testing/job-samples.ts';
import { testDatabase } from '@transcodeflow/shared/testing/postgres.ts';
import type { ExecutionContext } from 'ava';
import { startQueryService } from '../start.ts';

const keys: Record<string, ReturnType<typeof identity>> = {
  anna: identity('anna', 'read'),
  bert: identity('bert', 'read'),
  carl: identity('carl', 'read'),
  writer: identity('anna', 'write'),
};

export const SECRET_KEY = 'a-secret-of-more-than-32-characters!';

export const jobId = (n: number): string => `019b7a11-7000-7000-8000-${String(n).padStart(12, '0')}`;

export const document = (n: number, changes: Partial<JobDocument> = {}): JobDocument => ({
  job_id: jobId(n),
  account_id: 'anna',
  revision: 1,
  status: 'queued',
  filename: 'holiday.mp4',
  profile: 'default',
  priority: 'normal',
  metadata: {},
  source_bytes: 10_000,
  created_at: new Date(Date.parse('2026-01-02T03:04:05Z') + n * 1_000).toISOString(),
  updated_at: '2026-01-02T03:04:05.000Z',
  planned: [],
  tasks: [],
  degradations: [],
  ...changes,
});

export const outputsOf = (id: string): Outputs => ({
  renditions: {
    '360p': {
      available: true,
      path: '360p.mp4',
      size_bytes: 10,
      width: 640,
      height: 360,
      bitrate: 1_000,
      duration_s: 10,
      codec: 'h264',
      compression_ratio: 0.1,
    },
    '720p': { available: false, reason: 'The source is 640x480: video is never scaled up' },
  },
  audio: {
    available: true,
    path: 'audio.m4a',
    size_bytes: 5,
    codec: 'aac',
    bitrate: 128_000,
    duration_s: 10,
    channels: 2,
  },
  transcription: {
    available: true,
    language: 'en',
    engine: 'moonshine',
    words_count: 3,
    formats: { txt: 'transcript.txt', srt: 'transcript.srt', vtt: 'transcript.vtt', json: 'transcript.json' },
  },
  hls: {
    available: true,
    master: 'hls/master.m3u8',
    size_bytes: 100,
    variants: {
      '360p': { available: true, playlist: 'hls/360p/index.m3u8', segments_count: 3 },
      '720p': { available: false, reason: 'small' },
    },
  },
  dash: { available: true, manifest: 'hls/manifest.mpd', size_bytes: 90 },
  subtitles: {
    available: true,
    tracks: {
      'subtitles-de': {
        available: true,
        path: 'subtitles-de.vtt',
        playlist: 'hls/subtitles-de/playlist.m3u8',
        size_bytes: 300,
        language: 'de',
        label: 'German',
        role: 'subtitle',
        cues_count: 2,
      },
      'subtitles-und': { available: false, reason: 'pictures' },
    },
  },
  thumbnail: {
    available: true,
    path: 'thumbnail.jpg',
    size_bytes: 3,
    width: 640,
    height: 360,
    custom: false,
  },
  storyboard: { available: true, image: 'storyboard.jpg', vtt: 'storyboard.vtt', tiles: 10 },
  files: {
    '360p.mp4': sampleRef(`jobs/${id}/tasks/encode/1-w/360p.mp4`, 10),
    'audio.m4a': sampleRef(`jobs/${id}/tasks/encode/1-w/gone.m4a`, 5),
  },
  folders: { 'hls/': `jobs/${id}/tasks/package/1-w/hls/` },
});

/** The query service on a free port, over tables that the test fills in the projections' place. */
export async function openQueryService(
  t: ExecutionContext,
  {
    cache = createMemoryCache(),
    publicUrl,
    heartbeatMs,
  }: { cache?: Cache; publicUrl?: string; heartbeatMs?: number } = {},
) {
  const folder = await mkdtemp(join(tmpdir(), 'transcodeflow-queries-'));
  const databaseUrl = await testDatabase(t);
  const pool = openPool({ url: databaseUrl, name: 'test', max: 2, log: silentLogger });
  await pool.query('create schema read_model');
  for (const name of ['jobs', 'stats', 'history']) {
    const sql = await readFile(new URL(`../../projections/${name}/table.sql`, import.meta.url), 'utf8');
    await pool.query(`set search_path to read_model; ${sql}; set search_path to public`);
  }
  const bus = createInProcessBus();
  const ring = new Map(Object.entries(keys));
  const objects = await openDirectoryStore(folder);
  const service = await startQueryService({
    databaseUrl,
    bus,
    cache,
    objects,
    keys: { identify: async (key) => ring.get(key) },
    secretKey: SECRET_KEY,
    log: silentLogger,
    publicUrl,
    ...(heartbeatMs === undefined ? {} : { heartbeatMs }),
  });
  const server = await listen(service.app.callback(), 0, '127.0.0.1');
  t.teardown(async () => {
    service.endStreams();
    await server.close();
    await service.close();
    await bus.close();
    await pool.end();
    await rm(folder, { recursive: true, force: true });
  });
  const tell = async (job: JobDocument) => {
    for (const notice of encodeNotices('jobs', [[job.job_id, job.revision]]))
      await pool.query('select pg_notify($1, $2)', [READ_MODEL_CHANNEL, notice]);
  };
  return {
    bus,
    objects,
    pool,
    server,
    service,
    databaseUrl,
    streams: service.streams,
    keys: ring,
    call: (path: string, init: RequestInit = {}, key = 'anna') =>
      fetch(server.url + path, {
        ...init,
        headers: { ...init.headers, ...(key ? { 'X-API-Key': key } : {}) },
      }),
    tell,
    /** Writes a document as its projection would, notification included. */
    async project(job: JobDocument): Promise<void> {
      await pool.query(
        `insert into read_model.job values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
         on conflict (job_id) do update set revision = excluded.revision, status = excluded.status,
           updated_at = excluded.updated_at, document = excluded.document`,
        [
          job.job_id,
          job.account_id,
          job.revision,
          job.status,
          job.created_at,
          job.updated_at,
          sortName(job.filename),
          job.source_bytes,
          JSON.stringify(job),
        ],
      );
      await pool.query('insert into read_model.job_text values ($1, $2, $3) on conflict do nothing', [
        job.job_id,
        job.account_id,
        searchable([job.filename, ...Object.values(job.metadata)].join('\n')),
      ]);
      await tell(job);
    },
    count: (account: string, status: JobStatus, jobs: number, source = 0, output = 0, turnaround = 0) =>
      pool.query('insert into read_model.stats values ($1, $2, $3, $4, $5, $6)', [
        account,
        status,
        jobs,
        source,
        output,
        turnaround,
      ]),
  };
}

export const problemOf = async (response: Response): Promise<[number, string]> => [
  response.status,
  ((await response.json()) as { code: string }).code,
];
