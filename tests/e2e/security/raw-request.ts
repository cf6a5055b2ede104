import { connect } from 'node:net';
import { text } from 'node:stream/consumers';

export interface RawAnswer {
  status: number;
  head: string;
  body: string;
}

/** Sends bytes as they stand, which no HTTP client would, and reads until the server closes. */
export async function rawRequest(
  url: string,
  lines: readonly string[],
  body: string | Buffer = '',
): Promise<RawAnswer> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.write([...lines, `Host: ${hostname}:${port}`, 'Connection: close', '', ''].join('\r\n'));
  socket.write(body);
  const answer = await text(socket);
  const [head = '', ...rest] = answer.split('\r\n\r\n');
  return { status: Number(/^HTTP\/1\.1 (\d+)/.exec(head)?.[1] ?? 0), head, body: rest.join('\r\n\r\n') };
}

export interface Part {
  /** Of the Content-Disposition, as it stands. */
  disposition: string;
  body: string | Buffer;
}

/** Without a type a part is text, whatever its name. */
const typeOf = (disposition: string): string =>
  disposition.includes('filename=') ? 'Content-Type: video/mp4\r\n' : '';

/** A multipart body as it stands. */
export function multipart(parts: readonly Part[], boundary = 'b'): Buffer {
  const chunks = parts.flatMap(({ disposition, body }) => [
    Buffer.from(
      `--${boundary}\r\nContent-Disposition: form-data; ${disposition}\r\n${typeOf(disposition)}\r\n`,
    ),
    Buffer.from(body),
    Buffer.from('\r\n'),
  ]);
  return Buffer.concat([...chunks, Buffer.from(`--${boundary}--\r\n`)]);
}
