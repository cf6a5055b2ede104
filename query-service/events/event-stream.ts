import type { ServerResponse } from 'node:http';

/** One client's stream of server-sent events (HTML, 9.2). */
export interface EventStream {
  readonly ended: boolean;
  /** The client has not taken yet what was sent: whoever sends on regardless fills this process's memory. */
  readonly behind: boolean;
  /** Resolves when the client has taken it, or is gone. */
  drained(): Promise<void>;
  send(frame: string): void;
  /** News that nobody misses: dropped while the client is behind. */
  offer(frame: string): void;
  /** A comment; a client that has taken nothing since the last one is cut off. */
  beat(): void;
  /** Runs at the end, whoever ended it; at once where that has happened. */
  onEnd(release: () => void): void;
  /** Counts as ended, with the response left to whoever holds it. */
  release(): void;
  /** After everything that was sent. */
  end(): void;
  /** Of a client that is too slow, at once: it comes back with Last-Event-ID. */
  cutOff(): void;
}

/** @param onSlow called for a client that is cut off */
export function createEventStream(response: ServerResponse, onSlow: () => void): EventStream {
  const releases: (() => void)[] = [];
  let ended = false;
  let stuck = false;
  const close = () => {
    if (ended) return;
    ended = true;
    for (const release of releases.splice(0)) release();
  };
  const cutOff = () => {
    if (ended) return;
    onSlow();
    response.destroy();
    close();
  };
  response
    .on('close', close)
    .on('error', close)
    .on('drain', () => {
      stuck = false;
    });
  return {
    get ended() {
      return ended;
    },
    get behind() {
      return response.writableNeedDrain;
    },
    drained: () =>
      new Promise((resolve) => {
        if (ended || !response.writableNeedDrain) return resolve();
        const done = () => {
          response.off('drain', done).off('close', done);
          resolve();
        };
        response.on('drain', done).on('close', done);
      }),
    send(frame) {
      if (!ended) response.write(frame);
    },
    offer(frame) {
      if (!ended && !response.writableNeedDrain) response.write(frame);
    },
    beat() {
      // Before the first frame the answer may still become a refusal.
      if (ended || !response.headersSent) return;
      if (stuck) return cutOff();
      stuck = response.writableNeedDrain;
      response.write(':\n\n');
    },
    onEnd(release) {
      if (ended) release();
      else releases.push(release);
    },
    release: close,
    end() {
      if (ended) return;
      response.end();
      close();
    },
    cutOff,
  };
}

/** @param id absent: the client's Last-Event-ID stays as it is */
export const eventFrame = (type: string, json: string, id?: number): string =>
  `event: ${type}\n${id === undefined ? '' : `id: ${id}\n`}data: ${json}\n\n`;
