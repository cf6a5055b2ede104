import http from 'node:http';
import https from 'node:https';
import { Client } from 'minio';
import { Agent, type Dispatcher, interceptors } from 'undici';

export interface S3Settings {
  /** `http://host:9000` or `https://…` (S3_ENDPOINT). */
  endpoint: string;
  accessKey: string;
  secretKey: string;
  bucket: string;
  /** Where clients reach the store, for presigned URLs; default: `endpoint` (S3_PUBLIC_ENDPOINT). */
  publicEndpoint?: string;
  /** Default: us-east-1, MinIO's own. */
  region?: string;
  /** A connection on which nothing moves for so many ms is given up. Default: 60 s. */
  idleTimeout?: number;
}

const CONNECT_TIMEOUT = 5_000;
const IDLE_TIMEOUT = 60_000;

export interface S3Connection {
  /** Signs, lists, deletes, and opens and closes multipart uploads. */
  client: Client;
  /** Carries bodies that can be sent once only. */
  once: Dispatcher;
  /**
   * Carries the rest: another try after 5xx and broken connections; a download that breaks off
   * goes on where it stopped (Range with If-Match).
   */
  retrying: Dispatcher;
  close(): Promise<void>;
}

/** @throws {Error} that names the setting when one is malformed; connects to nothing yet */
export function connectS3(settings: S3Settings): S3Connection {
  const { accessKey, secretKey, region = 'us-east-1', idleTimeout = IDLE_TIMEOUT } = settings;
  for (const [name, value] of Object.entries({ S3_ACCESS_KEY: accessKey, S3_SECRET_KEY: secretKey })) {
    if (!value) throw new Error(`${name} is empty`);
  }
  const endpoint = parseEndpoint(settings.endpoint);
  const useSSL = endpoint.protocol === 'https:';
  const transportAgent = givingUp(
    new (useSSL ? https : http).Agent({ keepAlive: true, timeout: idleTimeout }),
  );
  const client = new Client({
    endPoint: endpoint.hostname,
    port: Number(endpoint.port) || (useSSL ? 443 : 80),
    ...{ useSSL, accessKey, secretKey, region, transportAgent },
    // Its own retries write to the console.
    retryOptions: { disableRetry: true },
  });
  const once = new Agent({
    connect: { timeout: CONNECT_TIMEOUT },
    headersTimeout: idleTimeout,
    bodyTimeout: idleTimeout,
  });
  const retrying = once.compose(interceptors.retry({ maxRetries: 3, minTimeout: 200, maxTimeout: 2_000 }));
  const close = async () => {
    transportAgent.destroy();
    await once.destroy();
  };
  return { client, once, retrying, close };
}

function parseEndpoint(text: string): URL {
  const url = URL.parse(text);
  if (!url || !/^https?:$/.test(url.protocol) || url.pathname !== '/' || url.search || url.username) {
    throw new Error(
      `S3_ENDPOINT must be like http://minio:9000 or https://s3.example.com, not ${JSON.stringify(text)}`,
    );
  }
  return url;
}

/** An agent's `timeout` alone only tells of an idle connection; minio waits on it for ever. */
function givingUp<A extends http.Agent>(agent: A): A {
  const connect = agent.createConnection.bind(agent);
  agent.createConnection = (options, callback) => {
    const socket = connect(options, callback);
    socket?.once('timeout', () => socket.destroy(new Error('The object store does not answer (timeout)')));
    return socket;
  };
  return agent;
}
