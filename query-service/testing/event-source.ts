import { type IncomingHttpHeaders, request } from 'node:http';

export interface Frame {
  event: string;
  id?: string;
  data: string;
}

export interface OpenSource {
  status: number;
  headers: IncomingHttpHeaders;
  /** In the order of arrival. */
  frames: Frame[];
  /** Lines beginning with a colon. */
  comments: number;
  /** The last `retry`, in ms. */
  retry: number | undefined;
  ended: boolean;
  /** Stops and goes on reading, as a client does that is too slow. */
  pause(): void;
  resume(): void;
  close(): void;
}

export interface SourceOptions {
  key?: string;
  headers?: Record<string, string>;
  /** Takes the frames instead of keeping them. Nothing more is taken once it answers false. */
  onFrame?(frame: Frame): boolean;
  /** The server has ended the stream. */
  onEnd?(): void;
}

/** A client of server-sent events, as plain as can be: what comes over the wire and nothing else. */
export function openEventSource(
  url: string,
  { key = 'anna', headers = {}, onFrame, onEnd }: SourceOptions = {},
): Promise<OpenSource> {
  return new Promise((resolve, reject) => {
    const call = request(
      url,
      { agent: false, headers: { Accept: 'text/event-stream', 'X-API-Key': key, ...headers } },
      (response) => {
        let closed = false;
        const source: OpenSource = {
          status: response.statusCode ?? 0,
          headers: response.headers,
          frames: [],
          comments: 0,
          retry: undefined,
          ended: false,
          pause: () => response.pause(),
          resume: () => response.resume(),
          close: () => {
            closed = true;
            call.destroy();
          },
        };
        const take = (frame: Frame) => {
          if (!onFrame) source.frames.push(frame);
          else if (!onFrame(frame)) closed = true;
        };
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => {
          const blocks = `${text}${chunk}`.split('\n\n');
          text = blocks.pop() ?? '';
          for (const block of blocks) if (!closed) read(source, block, take);
        });
        response.on('error', () => {});
        response.on('close', () => {
          source.ended = true;
          if (!closed) onEnd?.();
        });
        resolve(source);
      },
    );
    call.on('error', reject).end();
  });
}

function read(source: OpenSource, block: string, take: (frame: Frame) => void): void {
  const frame: Frame = { event: 'message', data: '' };
  for (const line of block.split('\n')) {
    const [, name = '', value = ''] = /^([^:]*): ?(.*)$/.exec(line) ?? [];
    if (line.startsWith(':')) source.comments += 1;
    else if (name === 'retry') source.retry = Number(value);
    else if (name === 'event') frame.event = value;
    else if (name === 'id') frame.id = value;
    else if (name === 'data') frame.data = value;
  }
  if (frame.data) take(frame);
}
