import type { OutgoingMessage } from '@transcodeflow/shared/bus/bus.ts';
import { toMessage } from '@transcodeflow/shared/contracts/cloud-event.ts';
import type { JobEventEnvelope } from '@transcodeflow/shared/contracts/job-event-envelope.ts';
import type { JobEvent } from '@transcodeflow/shared/contracts/job-events.ts';
import type { Outputs } from '@transcodeflow/shared/contracts/outputs.ts';
import { topics } from '@transcodeflow/shared/contracts/topics.ts';
import { sampleMedia, sampleRef, sampleRequest } from '@transcodeflow/shared/testing/job-samples.ts';

const START = Date.parse('2026-01-02T03:04:05.000Z');

/** Events of one job, numbered and a second apart. */
export const envelopes = (jobId: string, events: readonly JobEvent[], from = 1): JobEventEnvelope[] =>
  events.map((event, index) => ({
    job_id: jobId,
    id: `${jobId.slice(0, -6)}${String(from + index).padStart(6, '0')}`,
    revision: from + index,
    time: new Date(START + (from + index) * 1_000).toISOString(),
    correlation_id: 'request-1',
    causation_id: undefined,
    event,
  }));

export const asMessages = (events: readonly JobEventEnvelope[]): OutgoingMessage[] =>
  events.map(({ job_id, id, revision, time, correlation_id, event }) =>
    toMessage(topics.jobs, job_id, {
      id,
      type: event.type,
      source: '/test',
      subject: job_id,
      time,
      revision,
      correlationid: correlation_id,
      data: event.data,
    }),
  );

const attempt = (task_id: string, epoch = 1) => ({ task_id, epoch, worker_id: 'worker-1', kind: task_id });

export const OUTPUTS: Outputs = {
  renditions: { '360p': { available: false, reason: 'test' } },
  audio: { available: false, reason: 'test' },
  transcription: { available: false, reason: 'test' },
  hls: { available: true, master: 'hls/master.m3u8', size_bytes: 500, variants: {} },
  thumbnail: { available: false, reason: 'test' },
  storyboard: { available: false, reason: 'test' },
  files: { '360p.mp4': sampleRef('k/360p.mp4', 2_000) },
  folders: { 'hls/': 'k/hls/' },
};

/** One event of each kind, as the decider makes them. */
export const events = {
  requested: (jobId: string, changes: Parameters<typeof sampleRequest>[1] = {}): JobEvent => ({
    type: 'JobRequested',
    data: sampleRequest(jobId, changes),
  }),
  scheduled: (task: string, epoch = 1): JobEvent => ({
    type: 'TaskScheduled',
    data: {
      task_id: task,
      kind: task,
      epoch,
      priority: 'normal',
      reason: 'planned',
      spec: { kind: 'inspect', source: sampleRef('k'), filename: 'f' },
    },
  }),
  started: (task: string, epoch = 1): JobEvent => ({ type: 'TaskStarted', data: attempt(task, epoch) }),
  succeeded: (task: string, epoch = 1): JobEvent => ({
    type: 'TaskSucceeded',
    data: {
      ...attempt(task, epoch),
      result: { kind: 'inspect', media: sampleMedia() },
      commands: [],
      wall_ms: 5,
    },
  }),
  failed: (task: string, retry_at?: string, epoch = 1): JobEvent => ({
    type: 'TaskFailed',
    data: {
      ...attempt(task, epoch),
      error: { code: 'c', message: 'It broke', retryable: true },
      commands: [],
      ...(retry_at ? { retry_at } : {}),
    },
  }),
  lost: (task: string, retry_at?: string, epoch = 1): JobEvent => ({
    type: 'TaskLost',
    data: { ...attempt(task, epoch), reason: 'silent', ...(retry_at ? { retry_at } : {}) },
  }),
  inspected: { type: 'SourceInspected', data: { media: sampleMedia() } } satisfies JobEvent,
  planned: {
    type: 'JobPlanned',
    data: {
      plan: {
        profile: 'default',
        renditions: [
          {
            name: '360p',
            width: 640,
            height: 360,
            codec: 'h264',
            crf: 23,
            preset: 'fast',
            max_bitrate: 1_000_000,
          },
        ],
        gop_s: 2,
        segment_s: 4,
        custom_thumbnail: false,
        transcribe: false,
        skipped: [
          { output: '720p', reason: 'small' },
          { output: 'audio', reason: 'silent' },
        ],
        tasks: [
          { task_id: 'encode', kind: 'encode', after: [], optional: false },
          { task_id: 'verify', kind: 'verify', after: ['encode'], optional: false },
        ],
      },
    },
  } satisfies JobEvent,
  degraded: (task: string): JobEvent => ({
    type: 'AccelerationDegraded',
    data: { task_id: task, epoch: 1, worker_id: 'worker-1', from: 'cuda', to: 'cpu', reason: 'busy' },
  }),
  completed: { type: 'JobCompleted', data: { outputs: OUTPUTS } } satisfies JobEvent,
  jobFailed: {
    type: 'JobFailed',
    data: { code: 'c', reason: 'It broke', task_id: 'encode' },
  } satisfies JobEvent,
  cancelled: { type: 'JobCancelled', data: { by: 'key-1' } } satisfies JobEvent,
  retried: { type: 'JobRetried', data: { by: 'key-1' } } satisfies JobEvent,
  deleted: { type: 'JobDeleted', data: { by: 'key-1' } } satisfies JobEvent,
};
