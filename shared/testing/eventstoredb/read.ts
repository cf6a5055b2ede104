import { randomUUID } from 'node:crypto';
import type streamMessages from '@eventstore/db-client/generated/streams_pb.js';
import type { EventLog, LogRecord } from './log.ts';
import { confirmationMessage, eventMessage, notFoundMessage } from './messages.ts';

type Options = NonNullable<ReturnType<InstanceType<(typeof streamMessages)['ReadReq']>['getOptions']>>;
type ReadReq = InstanceType<(typeof streamMessages)['ReadReq']>;
type ReadResp = InstanceType<(typeof streamMessages)['ReadResp']>;
const BACKWARDS = 1;

/** Answers `Read`: of a stream or of `$all`, in both directions, and subscriptions to `$all`. */
export function createReader(log: EventLog) {
  let sent = 0;
  const send = (record: LogRecord) => {
    sent += 1;
    return eventMessage(record);
  };

  function* page(records: LogRecord[], options: Options): Generator<ReadResp> {
    for (const record of records.slice(0, Number(options.getCount()))) yield send(record);
  }

  function ofStream(options: Options): { name: string; records: LogRecord[] } {
    const wanted = options.getStream();
    const name = Buffer.from(wanted?.getStreamIdentifier()?.getStreamName_asU8() ?? []).toString();
    const records = log.stream(name);
    if (options.getReadDirection() === BACKWARDS)
      return {
        name,
        records: records
          .toReversed()
          .filter(({ revision }) => !wanted?.hasRevision() || revision <= Number(wanted.getRevision())),
      };
    const from = wanted?.hasRevision() ? Number(wanted.getRevision()) : 0;
    return { name, records: records.slice(from) };
  }

  async function* follow(options: Options, signal: AbortSignal): AsyncGenerator<ReadResp> {
    const all = options.getAll();
    // A subscription begins after the position, a read at it.
    let after = all?.hasPosition() ? BigInt(all.getPosition()?.getCommitPosition() ?? 0) : -1n;
    const prefixes = options.getFilter()?.getStreamIdentifier()?.getPrefixList() ?? [''];
    yield confirmationMessage(randomUUID());
    for (let index = 0; !signal.aborted; ) {
      const record = log.records[index];
      if (!record) {
        await log.appended(signal);
        continue;
      }
      index += 1;
      if (record.position <= after) continue;
      after = record.position;
      if (prefixes.some((prefix) => record.stream.startsWith(prefix))) yield send(record);
    }
  }

  return {
    sent: () => sent,
    async *read(request: ReadReq, signal: AbortSignal): AsyncGenerator<ReadResp> {
      const options = request.getOptions();
      if (!options) return;
      if (options.hasSubscription()) return yield* follow(options, signal);
      if (options.hasStream()) {
        const { name, records } = ofStream(options);
        if (log.stream(name).length === 0) yield notFoundMessage(name);
        else yield* page(records, options);
        return;
      }
      const position = options.getAll()?.getPosition();
      const from = BigInt(position?.getCommitPosition() ?? 0);
      if (options.getReadDirection() === BACKWARDS) yield* page(log.records.toReversed(), options);
      else
        yield* page(
          log.records.filter((record) => record.position >= from),
          options,
        );
    },
  };
}
