import { isAccountEventType } from './account-events.ts';
import { accountEventVersion } from './versions/account-event-upcasters.ts';
import { dataSchema } from './versions/data-schema.ts';
import { jobEventVersion } from './versions/job-event-upcasters.ts';

/** The version that a stored event's data is written in, whichever kind of stream it belongs to. */
export const storedEventVersion = (type: string): number =>
  isAccountEventType(type) ? accountEventVersion(type) : jobEventVersion(type);

/** CloudEvents' `source` and `dataschema` of what is published from the event store. */
export const publishedAs = (type: string, version: number): { source: string; dataschema: string } =>
  isAccountEventType(type)
    ? { source: '/transcodeflow/accounts', dataschema: dataSchema('account-event', type, version) }
    : { source: '/transcodeflow/jobs', dataschema: dataSchema('job-event', type, version) };
