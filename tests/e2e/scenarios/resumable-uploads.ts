import { createHash, randomBytes } from 'node:crypto';
import { request } from 'node:http';
import { until } from '@transcodeflow/shared/testing/until.ts';
import test, { type ExecutionContext } from 'ava';
import { type DetailedError, Upload } from 'tus-js-client';
import { type OpenStores, openUploadState, QUOTA } from '../../../command-service/resumable/testing.ts';
import { videoBytes } from '../../../command-service/testing/http.ts';

/** A video to whoever looks at its first bytes only, and another one each time. */
function randomVideo(size: number): Buffer<ArrayBuffer> {
  const bytes = videoBytes(size);
  randomBytes(size - 100).copy(bytes, 100);
  return bytes;
}

interface Sent {
  url: string;
  /** Over the wire, as the client counts them. */
  bytes: number;
}

/** Sends `body` as tus-js-client does. @param stopAfter hangs up once so many bytes are on their way */
function send(
  endpoint: string,
  body: Buffer,
  options: Partial<ConstructorParameters<typeof Upload>[1]> & { key?: string; stopAfter?: number } = {},
): Promise<Sent> {
  const { key = 'anna', stopAfter, ...rest } = options;
  return new Promise((resolve, reject) => {
    let from: number | undefined;
    let last = 0;
    const upload: Upload = new Upload(body, {
      endpoint: `${endpoint}/api/uploads`,
      headers: { 'X-API-Key': key },
      metadata: { filename: 'Größe.mp4' },
      retryDelays: null,
      ...rest,
      onProgress(sent) {
        from ??= sent;
        last = sent;
        if (stopAfter !== undefined && sent > stopAfter)
          void upload.abort().then(() => resolve({ url: upload.url ?? '', bytes: last - (from ?? 0) }));
      },
      onError: reject,
      onSuccess: () => resolve({ url: upload.url ?? '', bytes: last - (from ?? 0) }),
    });
    upload.start();
  });
}

const status = (error: unknown) => (error as DetailedError).originalResponse?.getStatus();

/** What resumable uploads do, over whichever stores. */
export function testResumableUploads(name: string, openStores?: (t: ExecutionContext) => OpenStores): void {
  const open = (t: ExecutionContext) => openUploadState(t, openStores?.(t));

  test(`${name}: an upload that broke off goes on after the server was started anew, and becomes a job`, async (t) => {
    const { start, objects, stored, held } = await open(t);
    const body = randomVideo(30_000_000);
    const first = await start();
    const { url } = await send(first.url, body, { stopAfter: 18_000_000 });
    const path = new URL(url).pathname;
    const there = await until('the server has what came', async () => {
      const offset = Number((await first.tus('HEAD', path, {})).headers.get('upload-offset'));
      return offset > 5_000_000 && offset;
    });
    await first.close();

    const second = await start();
    const again = await second.tus('HEAD', path, {});
    t.is(Number(again.headers.get('upload-offset')), there);
    t.is(again.headers.get('upload-length'), '30000000');
    const resumed = await send(second.url, body, { uploadUrl: second.url + path });
    t.true(resumed.bytes <= body.length - there, `${resumed.bytes} bytes sent again, ${there} were there`);
    t.is(await held('anna'), 30_000_000);

    const created = await second.createJob(path, { metadata: { from: 'tus' } });
    t.is(created.status, 201);
    const job = (await created.json()) as { job_id: string; filename: string };
    t.like(job, { filename: 'Größe.mp4', size_bytes: 30_000_000 });
    t.deepEqual(await stored(), [`jobs/${job.job_id}/source`]);
    const hash = createHash('sha256');
    for await (const piece of (await objects.get(`jobs/${job.job_id}/source`)).body) hash.update(piece);
    t.is(hash.digest('hex'), createHash('sha256').update(body).digest('hex'));
    t.is(await held('anna'), 30_000_000);
  });

  test(`${name}: many small chunks over two instances, with the length told at the end`, async (t) => {
    const { start, jobs, stored } = await open(t);
    const [one, two] = [await start(), await start()];
    const body = randomVideo(12_000_001);
    const created = await one.tus('POST', '/api/uploads', { 'Upload-Defer-Length': '1' });
    const path = created.headers.get('location') ?? '';
    const step = 2_000_000;
    for (let offset = 0, turn = 0; offset < body.length; offset += step, turn += 1) {
      const isLast = offset + step >= body.length;
      const answer = await [one, two][turn % 2]!.patch(
        path,
        offset,
        body.subarray(offset, offset + step),
        isLast ? { 'Upload-Length': String(body.length) } : {},
      );
      t.is(answer.status, 204);
      t.is(Number(answer.headers.get('upload-offset')), Math.min(offset + step, body.length));
    }
    t.is((await two.createJob(path)).status, 201);
    t.like((await jobs())[0], { source: { size_bytes: body.length } });
    t.is((await stored()).length, 1);
  });

  test(`${name}: one job comes of an upload, however many ask for it at once`, async (t) => {
    const { start, jobs, stored, held } = await open(t);
    const [one, two] = [await start(), await start()];
    const { url } = await send(one.url, randomVideo(6_000_000));
    const answers = await Promise.all(
      [one, two, one, two, one, two].map((instance) => instance.createJob(new URL(url).pathname)),
    );
    t.deepEqual(answers.map((answer) => answer.status).toSorted(), [201, 409, 409, 409, 409, 409]);
    t.is((await jobs()).length, 1);
    t.is((await stored()).length, 1);
    t.is(await held('anna'), 6_000_000);
  });

  test(`${name}: two requests at once on one upload: each byte is stored once`, async (t) => {
    const { start, objects } = await open(t);
    const [one, two] = [await start(), await start()];
    const body = randomVideo(8_000_000);
    const path = await one.begin(body.length);
    const answers = await Promise.all([one, two, one].map((instance) => instance.patch(path, 0, body)));
    const codes = answers.map((answer) => answer.status).toSorted();
    t.is(codes[0], 204);
    t.true(
      codes.slice(1).every((code) => code === 409 || code === 423),
      codes.join(),
    );
    const { job_id } = (await (await one.createJob(path)).json()) as { job_id: string };
    const kept = await (await objects.get(`jobs/${job_id}/source`)).body.toArray();
    t.true(Buffer.concat(kept).equals(body));
  });

  test(`${name}: a connection that hangs is pushed out by the next one, and what it sends late is not stored`, async (t) => {
    const { start, objects } = await open(t);
    const [one, two] = [await start(), await start()];
    const body = randomVideo(20_000_000);
    const path = await one.begin(body.length);
    const hanging = request(one.url + path, {
      method: 'PATCH',
      headers: {
        'X-API-Key': 'anna',
        'Tus-Resumable': '1.0.0',
        'Upload-Offset': '0',
        'Content-Type': 'application/offset+octet-stream',
        'Content-Length': body.length,
      },
    });
    const ended = new Promise((resolve) => hanging.once('close', resolve).once('error', resolve));
    await new Promise((resolve) => hanging.write(body.subarray(0, 9_000_000), resolve));
    const offset = await until(
      'the bytes are there and the upload is free',
      async () => {
        const answer = await two.tus('HEAD', path, {});
        const offset = Number(answer.headers.get('upload-offset'));
        return offset > 0 && offset;
      },
      30_000,
    );
    t.true(offset > 0 && offset <= 9_000_000);
    t.is((await two.patch(path, offset, body.subarray(offset))).status, 204);
    hanging.end(Buffer.alloc(11_000_000, 'late'));
    await ended;
    const { job_id } = (await (await two.createJob(path)).json()) as { job_id: string };
    const kept = await (await objects.get(`jobs/${job_id}/source`)).body.toArray();
    t.true(Buffer.concat(kept).equals(body));
  });

  test(`${name}: what belongs to another account is neither told nor changed`, async (t) => {
    const { start } = await open(t);
    const { url, tus, patch, createJob } = await start();
    const sent = await send(url, randomVideo(200_000));
    const path = new URL(sent.url).pathname;
    for (const answer of [
      await tus('HEAD', path, {}, undefined, 'bert'),
      await patch(path, 200_000, Buffer.alloc(0), {}, 'bert'),
      await tus('DELETE', path, {}, undefined, 'bert'),
      await createJob(path, {}, {}, 'bert'),
      await tus('HEAD', path, {}, undefined, 'reader'),
    ])
      t.is(answer.status, 403);
    t.is((await tus('HEAD', path, {})).headers.get('upload-offset'), '200000');
  });

  test(`${name}: a quota is checked before the first byte, and while they come where nobody said how many`, async (t) => {
    const { start, stored, held } = await open(t);
    const { url, tus, patch } = await start();
    const refused = await t.throwsAsync(send(url, randomVideo(QUOTA + 1), { key: 'poor' }));
    t.is(status(refused), 413);
    t.deepEqual(await stored(), []);
    t.is(await held('poor'), 0);

    const created = await tus('POST', '/api/uploads', { 'Upload-Defer-Length': '1' }, undefined, 'poor');
    const path = created.headers.get('location') ?? '';
    const over = await patch(path, 0, randomVideo(QUOTA + 5_000_000), {}, 'poor').catch(() => undefined);
    t.true(over === undefined || over.status === 413);
    t.true((await held('poor')) <= QUOTA);
    t.is((await tus('DELETE', path, {}, undefined, 'poor')).status, 204);
    t.is(await held('poor'), 0);
    await until('nothing is left', async () => (await stored()).length === 0);
  });

  test(`${name}: an upload that is ended gives everything back, begun or finished`, async (t) => {
    const { start, stored, held } = await open(t);
    const { url, begin, patch, tus, createJob } = await start();
    const begun = await begin(9_000_000);
    await patch(begun, 0, randomVideo(7_000_000));
    const done = new URL((await send(url, randomVideo(6_000_000))).url).pathname;
    t.is(await held('anna'), 15_000_000);
    for (const path of [begun, done]) {
      t.is((await tus('DELETE', path, {})).status, 204);
      t.is((await tus('HEAD', path, {})).status, 404);
      t.is((await createJob(path)).status, 422);
    }
    t.is(await held('anna'), 0);
    t.deepEqual(await stored(), []);
  });

  test(`${name}: uploads that nobody makes a job of expire, finished or not`, async (t) => {
    const { start, stored, held, rows } = await open(t);
    const { url, begin, patch } = await start({ uploadExpiryMs: 400 });
    await patch(await begin(9_000_000), 0, randomVideo(6_000_000)).catch(() => undefined);
    await send(url, randomVideo(5_500_000)).catch(() => undefined);
    await until('nothing is left', async () => (await rows('select id from uploads.upload')).length === 0);
    t.deepEqual(await stored(), []);
    t.is(await held('anna'), 0);
  });

  test(`${name}: bytes that are no video are refused when they are to become a job, and removed`, async (t) => {
    const { start, stored, held, jobs } = await open(t);
    const { url, createJob } = await start();
    for (const size of [0, 3, 6_000_000]) {
      const { url: at } = await send(url, Buffer.alloc(size, 'not a video '));
      const refused = await createJob(new URL(at).pathname);
      t.is(refused.status, 400);
      t.like(await refused.json(), { code: 'invalid_video_format', title: 'Invalid video format' });
    }
    t.deepEqual([await stored(), await held('anna'), await jobs()], [[], 0, []]);
  });
}
