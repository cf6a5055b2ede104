import { openPool } from '@transcodeflow/shared/database/pool.ts';
import { openSafeFetch } from '@transcodeflow/shared/net/safe-fetch.ts';
import { silentLogger } from '@transcodeflow/shared/telemetry/logger.ts';
import { startDispatcher } from '../dispatcher.ts';
import { LOCAL, SECRET_KEY } from './local.ts';

/** A dispatcher alone in its process, to be killed. */
const url = process.argv[2] ?? '';
const pool = openPool({ url, name: 'test dispatcher', max: 2, log: silentLogger });
startDispatcher({ pool, fetch: openSafeFetch({ allow: LOCAL }), secretKey: SECRET_KEY, log: silentLogger });
