import type { ObjectStore } from '@transcodeflow/shared/objects/object-store.ts';

/** A running TranscodeFlow, whatever it runs on, as its clients see it. */
export interface SystemUnderTest {
  /** Takes everything but reads. */
  commandUrl: string;
  /** Takes GET and HEAD. */
  queryUrl: string;
  apiKey: string;
  /** The store behind it, to see what is really kept. */
  objects: ObjectStore;
  /** The process whose children the ffmpeg processes are. */
  processorPid(): number;
  /** Ends it cleanly and checks that it ended cleanly. */
  close(): Promise<void>;
}
