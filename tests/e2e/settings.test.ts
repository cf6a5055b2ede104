import test from 'ava';
import { startChild } from '../systems/child-service.ts';

const NONE = {
  KAFKA_BROKERS: '',
  DATABASE_URL: '',
  REDIS_URL: '',
  S3_ENDPOINT: '',
  S3_ACCESS_KEY: '',
  S3_SECRET_KEY: '',
  S3_BUCKET: '',
  BOOTSTRAP_API_KEY: '',
  SECRET_KEY: '',
  PORT: '',
};
const SERVICE = ['DATABASE_URL', 'KAFKA_BROKERS', 'REDIS_URL', 'BOOTSTRAP_API_KEY', 'SECRET_KEY'];
const S3 = ['S3_ENDPOINT', 'S3_ACCESS_KEY', 'S3_SECRET_KEY', 'S3_BUCKET'];

const services: Record<string, string[]> = {
  'command-service/main.ts': [...SERVICE, ...S3],
  'query-service/main.ts': [...SERVICE, ...S3],
  'projections/main.ts': ['DATABASE_URL', 'KAFKA_BROKERS', 'SECRET_KEY'],
  'processors/main.ts': ['KAFKA_BROKERS', ...S3],
};

for (const [script, needed] of Object.entries(services))
  test(`${script} refuses to start without its settings and names each`, async (t) => {
    const service = startChild(script, NONE);
    t.is(await service.exited, 78);
    for (const name of needed) t.regex(service.output(), new RegExp(`^ {2}${name} is not set`, 'm'));
  });

test('a wrong setting is named with what was expected', async (t) => {
  const service = startChild('projections/main.ts', {
    ...NONE,
    DATABASE_URL: 'mysql://localhost/x',
    KAFKA_BROKERS: 'localhost',
    PORT: '99999',
  });
  t.is(await service.exited, 78);
  t.regex(service.output(), /DATABASE_URL: must be a URL that starts with postgres:\/\//);
  t.regex(service.output(), /KAFKA_BROKERS: must be host:port/);
  t.regex(service.output(), /PORT: /);
});
