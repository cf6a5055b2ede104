import sharedMessages from '@eventstore/db-client/generated/shared_pb.js';
import streamMessages from '@eventstore/db-client/generated/streams_pb.js';
import type { Appended, LogRecord } from './log.ts';

const { AppendResp, ReadResp } = streamMessages;

export const streamNamed = (name: string) =>
  new sharedMessages.StreamIdentifier().setStreamName(Buffer.from(name));

export function eventMessage(record: LogRecord) {
  const event = new ReadResp.ReadEvent.RecordedEvent()
    .setId(new sharedMessages.UUID().setString(record.id))
    .setStreamIdentifier(streamNamed(record.stream))
    .setStreamRevision(String(record.revision))
    .setCommitPosition(String(record.position))
    .setPreparePosition(String(record.position))
    .setCustomMetadata(record.customMetadata)
    .setData(record.data);
  for (const [name, value] of record.metadata) event.getMetadataMap().set(name, value);
  return new ReadResp().setEvent(
    new ReadResp.ReadEvent().setEvent(event).setCommitPosition(String(record.position)),
  );
}

export const notFoundMessage = (stream: string) =>
  new ReadResp().setStreamNotFound(new ReadResp.StreamNotFound().setStreamIdentifier(streamNamed(stream)));

export const confirmationMessage = (id: string) =>
  new ReadResp().setConfirmation(new ReadResp.SubscriptionConfirmation().setSubscriptionId(id));

export function appendMessage(result: Appended) {
  if (result.ok) {
    const position = String(result.last.position);
    return new AppendResp().setSuccess(
      new AppendResp.Success()
        .setCurrentRevision(String(result.last.revision))
        .setPosition(new AppendResp.Position().setCommitPosition(position).setPreparePosition(position)),
    );
  }
  const refusal = new AppendResp.WrongExpectedVersion();
  if (result.current === undefined) refusal.setCurrentNoStream(new sharedMessages.Empty());
  else refusal.setCurrentRevision(String(result.current));
  return new AppendResp().setWrongExpectedVersion(refusal);
}
