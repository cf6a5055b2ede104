import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import featureServices from '@eventstore/db-client/generated/serverfeatures_grpc_pb.js';
import featureMessages from '@eventstore/db-client/generated/serverfeatures_pb.js';
import streamServices from '@eventstore/db-client/generated/streams_grpc_pb.js';
import type streamMessages from '@eventstore/db-client/generated/streams_pb.js';
import {
  type handleClientStreamingCall,
  type handleServerStreamingCall,
  type handleUnaryCall,
  Metadata,
  Server,
  ServerCredentials,
  status,
} from '@grpc/grpc-js';
import { EventLog, type Expected, type Proposed } from './log.ts';
import { appendMessage } from './messages.ts';
import { createReader } from './read.ts';

export interface EventStoreDbTestServer {
  url: string;
  log: EventLog;
  /** Events handed to connections so far. */
  sent(): number;
  /** The next append is stored, and its answer lost with the connection. */
  loseNextAnswer(): void;
  /** Every call is refused from now on. */
  denyAccess(): void;
  /** Cuts every connection and is gone. */
  stop(): Promise<void>;
  /** There again, at the same address with the same log. */
  start(): Promise<void>;
}

type Message = typeof streamMessages;
type AppendReq = InstanceType<Message['AppendReq']>;
type AppendResp = InstanceType<Message['AppendResp']>;
type ReadReq = InstanceType<Message['ReadReq']>;
type ReadResp = InstanceType<Message['ReadResp']>;

/**
 * A real gRPC server that speaks EventStoreDB's protocol (the client's own generated services) over a log in memory.
 * It shows that this system uses the client rightly; it is not EventStoreDB.
 * It offers `BatchAppend` as servers do from 21.10 on, and has none: a client that used it would fail.
 */
export async function startEventStoreDbServer(): Promise<EventStoreDbTestServer> {
  const log = new EventLog();
  let server: Server | undefined;
  let port = 0;
  let losing = false;
  let denied = false;
  const reader = createReader(log);

  const refusal = () => {
    const metadata = new Metadata();
    metadata.set('exception', 'access-denied');
    return { code: status.PERMISSION_DENIED, details: 'Access Denied', metadata };
  };
  const lose = () => {
    if (!losing) return false;
    losing = false;
    server?.forceShutdown();
    void start();
    return true;
  };

  const append: handleClientStreamingCall<AppendReq, AppendResp> = async (call, callback) => {
    if (denied) return callback(refusal());
    let options: ReturnType<AppendReq['getOptions']>;
    const proposed: Proposed[] = [];
    for await (const message of call as AsyncIterable<AppendReq>) {
      if (message.hasOptions()) options = message.getOptions();
      const event = message.getProposedMessage();
      if (event) proposed.push(proposal(event));
    }
    const expected: Expected = options?.hasNoStream()
      ? 'no_stream'
      : options?.hasRevision()
        ? BigInt(options.getRevision())
        : 'any';
    const result = log.append(nameOf(options?.getStreamIdentifier()), expected, proposed);
    if (!lose()) callback(null, appendMessage(result));
  };

  const read: handleServerStreamingCall<ReadReq, ReadResp> = async (call) => {
    if (denied) return void call.emit('error', refusal());
    const gone = new AbortController();
    call.on('cancelled', () => gone.abort());
    call.on('close', () => gone.abort());
    call.on('error', () => gone.abort());
    for await (const message of reader.read(call.request, gone.signal)) {
      if (gone.signal.aborted) break;
      if (!call.write(message)) await once(call, 'drain', { signal: gone.signal }).catch(() => {});
    }
    call.end();
  };

  const features: handleUnaryCall<unknown, InstanceType<typeof featureMessages.SupportedMethods>> = (
    _,
    callback,
  ) => {
    const supported = new featureMessages.SupportedMethods().setEventStoreServerVersion('24.10.0');
    const method = (name: string) =>
      new featureMessages.SupportedMethod()
        .setServiceName('event_store.client.streams.Streams')
        .setMethodName(name);
    supported.addMethods(method('batchappend'));
    callback(null, supported);
  };

  async function start(): Promise<void> {
    const next = new Server();
    next.addService(Object(streamServices.StreamsService), { append, read });
    next.addService(Object(featureServices.ServerFeaturesService), { getSupportedMethods: features });
    server = next;
    port = await new Promise<number>((resolve, reject) =>
      next.bindAsync(`127.0.0.1:${port}`, ServerCredentials.createInsecure(), (error, bound) =>
        error ? reject(error) : resolve(bound),
      ),
    );
  }

  // A new server has written about itself already.
  const own = { id: randomUUID(), metadata: [], customMetadata: new Uint8Array(), data: new Uint8Array() };
  log.append('$users', 'any', [own]);
  await start();
  return {
    url: `esdb://127.0.0.1:${port}?tls=false`,
    log,
    sent: reader.sent,
    loseNextAnswer: () => {
      losing = true;
    },
    denyAccess: () => {
      denied = true;
    },
    stop: async () => server?.forceShutdown(),
    start,
  };
}

interface ProposedMessage {
  getId(): { getString(): string } | undefined;
  getMetadataMap(): { entries(): { next(): { done?: boolean; value?: [string, string] } } };
  getCustomMetadata_asU8(): Uint8Array;
  getData_asU8(): Uint8Array;
}

function proposal(message: ProposedMessage): Proposed {
  const metadata: [string, string][] = [];
  const entries = message.getMetadataMap().entries();
  for (let entry = entries.next(); !entry.done && entry.value; entry = entries.next())
    metadata.push(entry.value);
  return {
    id: message.getId()?.getString() ?? '',
    metadata,
    customMetadata: message.getCustomMetadata_asU8(),
    data: message.getData_asU8(),
  };
}

export const nameOf = (identifier: { getStreamName_asU8(): Uint8Array } | undefined): string =>
  Buffer.from(identifier?.getStreamName_asU8() ?? []).toString();
