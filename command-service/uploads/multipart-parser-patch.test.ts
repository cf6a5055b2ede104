import { randomInt } from 'node:crypto';
import { Readable, type Transform } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import test from 'ava';
import { openCommandService, videoBytes } from '../testing/http.ts';

const BOUNDARY = 'x-y';
const HEAD = `--${BOUNDARY}\r\ncontent-disposition: form-data; name="file"; filename="a.mp4"\r\ncontent-type: video/mp4\r\n\r\n`;
const TAIL = `\r\n--${BOUNDARY}--\r\n`;

/** One upload whose body goes out in these pieces. */
const inPieces = (pieces: Iterable<Buffer>): RequestInit =>
  ({
    method: 'POST',
    headers: { 'content-type': `multipart/form-data; boundary=${BOUNDARY}` },
    body: Readable.toWeb(Readable.from(pieces)),
    duplex: 'half',
  }) as RequestInit;

/** The parser that koa-body uses, which formidable's types do not name. */
async function openParser(): Promise<Transform> {
  const parsers = new URL('parsers/Multipart.js', import.meta.resolve('formidable'));
  const { default: MultipartParser } = await import(parsers.href);
  const parser = new MultipartParser({});
  parser.initWithBoundary(BOUNDARY);
  return parser;
}

/** The patch of patches/formidable@3.5.4.patch: unpatched, each of them is a piece of its own. */
test("carriage returns are passed on together (pnpm's patch is applied)", async (t) => {
  const parser = await openParser();
  parser.end(Buffer.concat([Buffer.from(HEAD), Buffer.alloc(10_000, '\r'), Buffer.from(TAIL)]));
  const pieces: number[] = [];
  for await (const { name, start, end } of parser) if (name === 'partData') pieces.push(end - start);
  t.is(pieces.length, 1);
  t.is(pieces[0], 10_000);
});

test('what looks like a boundary and is none is stored as it came, however the body is cut', async (t) => {
  const { call, objects, keys } = await openCommandService(t, undefined, { mostUploadBytes: 10_000_000 });
  const boundary = `\r\n--${BOUNDARY}`;
  const tricky = () => {
    const bits = Array.from({ length: 400 }, () =>
      randomInt(3) === 0 ? 'z'.repeat(randomInt(40)) : boundary.slice(0, randomInt(boundary.length)),
    );
    // A whole boundary is one only where CRLF or two hyphens follow.
    if (randomInt(2) === 0) bits.splice(200, 0, `${boundary}-z`, `${boundary}z`, `${boundary}\rz`);
    return Buffer.from(bits.join(''));
  };
  for (let round = 0; round < 25; round += 1) {
    const known = new Set(await keys());
    const video = Buffer.concat([videoBytes(5_000), tricky()]);
    const body = Buffer.concat([Buffer.from(HEAD), video, Buffer.from(TAIL)]);
    const cut: Buffer[] = [];
    for (let at = 0; at < body.length; ) {
      const length = randomInt(4) === 0 ? randomInt(1, 10) : randomInt(1, 3_000);
      cut.push(body.subarray(at, at + length));
      at += length;
    }
    t.is((await call('/api/upload', inPieces(cut))).status, 200);
    const [key] = (await keys()).filter((one) => !known.has(one));
    const stored = await buffer((await objects.get(key ?? '')).body);
    if (!stored.equals(video)) t.is(stored.toString('base64'), video.toString('base64'), `round ${round}`);
  }
  t.pass();
});
