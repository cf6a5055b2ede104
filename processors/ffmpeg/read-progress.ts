import { bytesRead } from './bytes-read.ts';

const LOOK_MS = 500;
/** Of the program, its libraries and the file's headers, which are read again. */
const OVERHEAD_BYTES = 2 ** 20;
/** What was read is not yet encoded. */
const MOST = 0.95;

/**
 * Tells how much of its source a child has read, as a fraction, until closed: ffmpeg reports nothing before each of its
 * outputs has had a packet, which a sound that starts minutes after the pictures holds back as long. Reading keeps
 * step with encoding, as the queues between them are short. It is seen on Linux only, and not of small files.
 */
export function watchReading(
  pid: number,
  source_bytes: number,
  onRead: (fraction: number) => void,
): { close(): void } {
  let closed = false;
  const timer = setInterval(async () => {
    const bytes = await bytesRead(pid);
    if (closed || bytes === undefined || bytes <= OVERHEAD_BYTES) return;
    onRead(Math.min(MOST, (bytes - OVERHEAD_BYTES) / source_bytes));
  }, LOOK_MS);
  timer.unref();
  return {
    close() {
      closed = true;
      clearInterval(timer);
    },
  };
}
