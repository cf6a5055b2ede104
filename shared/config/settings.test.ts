import test from 'ava';
import { z } from 'zod';
import { ConfigurationError, readEnvironment } from './read-environment.ts';
import {
  databaseSettings,
  httpSettings,
  kafkaSettings,
  keySettings,
  objectSettings,
  outgoingSettings,
  processorSettings,
  rateLimitSettings,
  redisSettings,
  secretSettings,
} from './settings.ts';

const all = databaseSettings
  .extend(kafkaSettings.shape)
  .extend(redisSettings.shape)
  .extend(objectSettings.shape)
  .extend(httpSettings.shape)
  .extend(keySettings.shape)
  .extend(secretSettings.shape)
  .extend(outgoingSettings.shape)
  .extend(processorSettings.shape);

const good = {
  DATABASE_URL: 'postgres://user:secret@db:5432/main',
  KAFKA_BROKERS: 'one:9092, two:9092',
  REDIS_URL: 'redis://cache:6379',
  S3_ENDPOINT: 'http://minio:9000',
  S3_ACCESS_KEY: 'access',
  S3_SECRET_KEY: 'secret',
  S3_BUCKET: 'transcodeflow',
  BOOTSTRAP_API_KEY: 'a-key-of-16-characters',
  SECRET_KEY: 'a-secret-of-more-than-32-characters!',
};
const messageOf = (env: Record<string, string>) => {
  try {
    readEnvironment(all, env);
  } catch (error) {
    if (error instanceof ConfigurationError) return error.message;
    throw error;
  }
  return '';
};

test('good settings are read, with defaults', (t) => {
  t.like(
    readEnvironment(all, { ...good, PUBLIC_URL: 'https://video.example//', PROCESSOR_SLOTS: '3', HOST: '' }),
    {
      KAFKA_BROKERS: ['one:9092', 'two:9092'],
      PORT: 8080,
      HOST: undefined,
      PUBLIC_URL: 'https://video.example',
      PROCESSOR_SLOTS: 3,
      ALLOW_PRIVATE_ADDRESSES: [],
    },
  );
});

test('networks are read as a list', (t) => {
  const ALLOW_PRIVATE_ADDRESSES = '10.0.0.0/8, fd00::/8,192.168.1.7';
  t.deepEqual(readEnvironment(outgoingSettings, { ALLOW_PRIVATE_ADDRESSES }), {
    ALLOW_PRIVATE_ADDRESSES: ['10.0.0.0/8', 'fd00::/8', '192.168.1.7'],
  });
});

test('every missing setting is named in one go, an empty one counts as missing', (t) => {
  const message = messageOf({ DATABASE_URL: '' });
  for (const name of Object.keys(good)) t.regex(message, new RegExp(`${name} is not set`));
  t.notRegex(message, /PORT|PUBLIC_URL/);
  t.regex(message, /\.env\.example/);
});

test('a wrong setting is named with what was expected, and its value is not told', (t) => {
  const wrong: [string, string, RegExp][] = [
    ['DATABASE_URL', 'mysql://root:hunter2@db', /DATABASE_URL: must be a URL that starts with postgres:\/\//],
    ['KAFKA_BROKERS', 'kafka', /KAFKA_BROKERS: must be host:port/],
    ['KAFKA_BROKERS', 'one:9092,,two:9092', /KAFKA_BROKERS/],
    ['REDIS_URL', 'cache:6379', /REDIS_URL: must be a URL/],
    ['S3_ENDPOINT', 'minio:9000', /S3_ENDPOINT/],
    ['S3_BUCKET', 'Not A Bucket', /S3_BUCKET: must be a bucket name/],
    ['PORT', 'eighty', /PORT: must be a whole number/],
    ['PORT', '70000', /PORT/],
    ['PROCESSOR_SLOTS', '0', /PROCESSOR_SLOTS/],
    ['FFMPEG_THREADS', '0', /FFMPEG_THREADS/],
    ['OBJECT_CACHE_MB', '-1', /OBJECT_CACHE_MB/],
    ['FFMPEG_MEMORY_MB', '2G', /FFMPEG_MEMORY_MB: must be a whole number/],
    ['TASK_TIME_FACTOR', 'long', /TASK_TIME_FACTOR: must be a number/],
    ['ALLOW_PRIVATE_ADDRESSES', 'intranet', /ALLOW_PRIVATE_ADDRESSES: must be networks in CIDR notation/],
    ['ALLOW_PRIVATE_ADDRESSES', '10.0.0.0/8,10.0.0.0/99', /ALLOW_PRIVATE_ADDRESSES/],
    ['SECRET_KEY', 'hunter2 of only 31 characters!!', /SECRET_KEY: must have at least 32 characters/],
    ['BOOTSTRAP_API_KEY', 'hunter2', /BOOTSTRAP_API_KEY: must have at least 16 characters/],
  ];
  for (const [name, value, expected] of wrong) {
    const message = messageOf({ ...good, [name]: value });
    t.regex(message, expected);
    t.notRegex(message, /hunter2/);
  }
});

test('the process’s own environment is read by default', (t) => {
  t.is(readEnvironment(z.object({ PATH: z.string() })).PATH, process.env.PATH ?? '');
});

test('limits are on unless they are turned off, and no proxy is trusted unbidden', (t) => {
  const { TRUST_PROXY, ...limits } = readEnvironment(rateLimitSettings, {});
  t.is(TRUST_PROXY, 0);
  t.true(Object.values(limits).every((limit) => limit > 0));
  t.is(readEnvironment(rateLimitSettings, { RATE_LIMIT_PER_MINUTE: '0' }).RATE_LIMIT_PER_MINUTE, 0);
  for (const wrong of ['-1', 'many', '1.5'])
    t.throws(() => readEnvironment(rateLimitSettings, { RATE_LIMIT_PER_ADDRESS: wrong }), {
      message: /RATE_LIMIT_PER_ADDRESS/,
    });
});
