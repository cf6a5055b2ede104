import { z } from 'zod';
import { parseNetwork } from '../net/public-address.ts';

const url = (...protocols: string[]) =>
  z
    .string()
    .refine(
      (text) => protocols.includes(URL.parse(text)?.protocol.slice(0, -1) ?? ''),
      `must be a URL that starts with ${protocols.map((name) => `${name}://`).join(' or ')}`,
    );

const whole = z.coerce.number({ error: 'must be a whole number' }).int('must be a whole number');

/** Of the embedded system: its database, objects and keys. */
export const dataFolderSettings = z.object({ DATA_DIR: z.string().default('./data') });
export const databaseSettings = z.object({ DATABASE_URL: url('postgres', 'postgresql') });
/** Without it the events are kept in the database of DATABASE_URL. */
export const eventStoreDbSettings = z.object({
  EVENTSTOREDB_URL: z
    .string()
    .regex(/^esdb(\+discover)?:\/\/\S+$/, 'must be a URL that starts with esdb:// or esdb+discover://')
    .optional(),
});
export const kafkaSettings = z.object({
  KAFKA_BROKERS: z
    .string()
    .transform((text) => text.split(',').map((broker) => broker.trim()))
    .refine(
      (brokers) => brokers.every((broker) => /^[^\s:/]+:\d+$/.test(broker)),
      'must be host:port, several separated by commas',
    ),
});
export const redisSettings = z.object({ REDIS_URL: url('redis', 'rediss') });
export const objectSettings = z.object({
  S3_ENDPOINT: url('http', 'https'),
  /** Where clients reach the store, for URLs to upload to; default: S3_ENDPOINT. */
  S3_PUBLIC_ENDPOINT: url('http', 'https').optional(),
  S3_ACCESS_KEY: z.string(),
  S3_SECRET_KEY: z.string(),
  S3_BUCKET: z
    .string()
    .regex(
      /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/,
      'must be a bucket name: 3 to 63 lower-case letters, digits, dots and dashes',
    ),
});
export const httpSettings = z.object({
  PORT: whole.min(0).max(65_535).default(8080),
  HOST: z.string().optional(),
  PUBLIC_URL: url('http', 'https')
    .transform((text) => text.replace(/\/+$/, ''))
    .optional(),
  CORS_ORIGINS: z
    .string()
    .default('')
    .transform((text) =>
      text
        .split(',')
        .map((origin) => origin.trim())
        .filter((origin) => origin !== ''),
    )
    .refine(
      (origins) => origins.every((origin) => origin === '*' || URL.parse(origin)?.origin === origin),
      'must be origins such as https://app.example, separated by commas, or *',
    ),
});
/** Calls per minute; 0 turns a limit off. */
export const rateLimitSettings = z.object({
  RATE_LIMIT_PER_MINUTE: whole.min(0).default(6_000),
  RATE_LIMIT_PER_ADDRESS: whole.min(0).default(12_000),
  RATE_LIMIT_FAILED_KEYS: whole.min(0).default(60),
  RATE_LIMIT_PLAYBACK: whole.min(0).default(60_000),
  /** Proxies before this service whose X-Forwarded-* headers can be trusted. */
  TRUST_PROXY: whole.min(0).max(16).default(0),
});
export const keySettings = z.object({
  BOOTSTRAP_API_KEY: z.string().min(16, 'must have at least 16 characters'),
});
/** What signatures and encryption are derived from; the same in every service, see shared/secrets. */
export const secretSettings = z.object({
  SECRET_KEY: z.string().min(32, 'must have at least 32 characters'),
});
const UNIT_MS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
/** Such as `24h`; becomes milliseconds. */
const duration = z
  .string()
  .regex(/^[1-9]\d{0,5}[smhd]$/, 'must be a number with s, m, h or d, such as 24h')
  .transform((text) => {
    const unit = z.enum(['s', 'm', 'h', 'd']).parse(text.at(-1));
    return Number(text.slice(0, -1)) * UNIT_MS[unit];
  });

export const uploadSettings = z.object({
  MAX_UPLOAD_BYTES: whole.min(1).default(50 * 1024 ** 3),
  /** Resumable and presigned uploads that no job was made of are removed so long after their last byte. */
  UPLOAD_EXPIRY: duration.prefault('24h'),
});
/** For requests to URLs that clients give: sources and webhooks. */
export const outgoingSettings = z.object({
  ALLOW_PRIVATE_ADDRESSES: z
    .string()
    .default('')
    .transform((text) =>
      text
        .split(',')
        .map((network) => network.trim())
        .filter((network) => network !== ''),
    )
    .refine(
      (networks) => networks.every(isNetwork),
      'must be networks in CIDR notation, such as 10.0.0.0/8, separated by commas',
    ),
});
export const planSettings = z.object({
  /**
   * Long videos are encoded in chunks of about so many seconds, on as many processors; 0: whole. The CPU encodes chunks: only
   * whole videos are encoded by hardware, and `HARDWARE=required` refuses chunks where hardware could encode.
   */
  CHUNK_SECONDS: z.coerce.number({ error: 'must be a number' }).min(0).max(3_600).default(30),
});
/** Becomes bytes. */
const mebibytes = whole
  .min(0)
  .max(16_777_216)
  .transform((given) => given * 1_048_576);

export const processorSettings = z.object({
  /** Tasks worked on at once. */
  PROCESSOR_SLOTS: whole.min(1).max(256).optional(),
  /** For each decoder, filter graph and software encoder of a task's ffmpeg. */
  FFMPEG_THREADS: whole.min(1).max(256).optional(),
  /** That a task's ffmpeg may take, 0 for any. */
  FFMPEG_MEMORY_MB: mebibytes.optional(),
  /** Encodes at once on each hardware device. */
  HARDWARE_SESSIONS: whole.min(1).max(1_024).optional(),
  /** Times what a task may take for its length and size; 0 for any time. */
  TASK_TIME_FACTOR: z.coerce.number({ error: 'must be a number' }).min(0).max(1_000).optional(),
  /** `whisper-cli` of whisper.cpp and a ggml model for it, for transcripts in other languages than English; both or none. */
  WHISPER_PATH: z.string().optional(),
  WHISPER_MODEL: z.string().optional(),
  /** Folder for work files; they need about twice the size of the largest source. */
  WORK_DIR: z.string().optional(),
  /** Of fetched objects that are kept for later tasks, 0 for none. */
  OBJECT_CACHE_MB: mebibytes.optional(),
});
export const logSettings = z.object({
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
});

function isNetwork(text: string): boolean {
  try {
    parseNetwork(text);
    return true;
  } catch {
    return false;
  }
}
