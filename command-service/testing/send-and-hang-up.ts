import { connect } from 'node:net';

/** Sends a whole request, and hangs up as soon as its last byte is with the system: nobody waits for the answer. */
export async function sendAndHangUp(
  port: number,
  request: string,
  headers: Readonly<Record<string, string>>,
  body: Buffer,
): Promise<void> {
  const all = { host: 'x', 'x-api-key': 'anna', 'content-length': String(body.length), ...headers };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  const socket = connect(port, '127.0.0.1').on('error', () => {});
  const head = Buffer.from(`${request} HTTP/1.1\r\n${lines.join('')}\r\n`);
  await new Promise<void>((resolve) => {
    socket.write(Buffer.concat([head, body]), () => resolve());
  });
  socket.destroy();
}
