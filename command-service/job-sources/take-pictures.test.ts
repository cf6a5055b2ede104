import type { ErrorCode } from '@transcodeflow/shared/errors.ts';
import { LOOPBACK, webServer } from '@transcodeflow/shared/net/testing/web-server.ts';
import test, { type ExecutionContext } from 'ava';
import { openUploadState, QUOTA } from '../resumable/testing.ts';
import { animatedWebp, jpegBytes, videoBytes } from '../testing/http.ts';
import { refused } from '../testing/refused.ts';

const SIZE = 20_000;
const PICTURE = 5_000;
const idOf = (path: string) => path.split('/').at(-1) ?? '';

async function open(t: ExecutionContext, options: { allowAddresses?: readonly string[] } = {}) {
  const state = await openUploadState(t);
  const instance = await state.start(options);
  async function uploaded(body: Buffer<ArrayBuffer>, key?: string): Promise<string> {
    const path = await instance.begin(body.length, key);
    for (let offset = 0; offset < body.length; offset += 10_000_000)
      t.is(
        (await instance.patch(path, offset, body.subarray(offset, offset + 10_000_000), {}, key)).status,
        204,
      );
    return path;
  }
  return {
    ...state,
    ...instance,
    video: (size = SIZE, key?: string) => uploaded(videoBytes(size), key),
    picture: (size = PICTURE, key?: string, bytes = jpegBytes(size)) => uploaded(bytes, key),
    created: async (video: string, more: object, key?: string) => {
      const response = await instance.createJob(video, more, {}, key);
      const body = Object(await response.json());
      t.is(response.status, 201, JSON.stringify(body));
      return String(body.job_id);
    },
  };
}

const thumbnail = (path: string) => ({ thumbnail: { upload_id: idOf(path) } });
const watermark = (path: string, look = {}) => ({ watermark: { image: { upload_id: idOf(path) }, ...look } });
const holders = [{ kind: 'job' }];

test('thumbnail and watermark of a job are uploads too: copied below the job, counted for it, used up', async (t) => {
  const { video, picture, created, jobs, stored, held, rows, createJob, tus } = await open(t);
  const [thumb, mark] = [await picture(), await picture(6_000)];
  const more = { ...thumbnail(thumb), ...watermark(mark, { position: 'top-left' }) };
  const job_id = await created(await video(), more);
  const keys = [thumb, mark].map((path) => `jobs/${job_id}/pictures/${idOf(path)}`);
  t.like((await jobs())[0], {
    thumbnail: { key: keys[0], size_bytes: PICTURE },
    watermark: { key: keys[1], size_bytes: 6_000 },
    options: { watermark: { position: 'top-left', width: 0.15, margin: 0.03, opacity: 1 } },
  });
  t.deepEqual((await stored()).sort(), [...keys, `jobs/${job_id}/source`].sort());
  t.is(await held('anna'), SIZE + PICTURE + 6_000);
  t.deepEqual(await rows('select kind from storage.holder'), holders);
  const again = await refused(t, await createJob(await video(), thumbnail(thumb)), 409, 'upload_used');
  t.regex(again.detail, new RegExp(`a picture of job ${job_id}`));
  await refused(t, await createJob(thumb), 409, 'upload_used');
  t.is((await tus('HEAD', mark, {})).status, 410);
});

test('a picture and a source at once fill a quota exactly: nothing is counted twice on the way', async (t) => {
  const { video, picture, created, held, call } = await open(t);
  const [film, thumb] = [await video(QUOTA - 9_000, 'poor'), await picture(9_000, 'poor')];
  const job_id = await created(film, thumbnail(thumb), 'poor');
  t.is(await held('poor'), QUOTA);
  t.is((await call(`/api/jobs/${job_id}`, { method: 'DELETE' }, 'poor')).status, 200);
  t.is(await held('poor'), 0);
});

test('of a source by URL the pictures count beside the room that is kept', async (t) => {
  const film = videoBytes();
  const web = await webServer(t, (_, response) => {
    response.setHeader('content-length', film.length);
    response.end(film);
  });
  const { picture, call, held, rows, jobs } = await open(t, { allowAddresses: LOOPBACK });
  const thumb = await picture(9_000, 'poor');
  const response = await call(
    '/api/jobs',
    {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ source: { url: `${web.url}/a.mp4` }, ...thumbnail(thumb) }),
    },
    'poor',
  );
  const { job_id } = Object(await response.json());
  t.like((await jobs())[0], {
    thumbnail: { key: `jobs/${job_id}/pictures/${idOf(thumb)}`, size_bytes: 9_000 },
  });
  t.is(await held('poor'), film.length + 9_000);
  t.deepEqual(await rows('select kind from storage.holder'), holders);
});

test('what is wrong with a picture is told by its field, and everything stays as it was', async (t) => {
  const { video, picture, created, createJob, begin, stored, jobs } = await open(t);
  const film = await video();
  const wrong = async (more: object, status: number, code: ErrorCode) =>
    (await refused(t, await createJob(film, more), status, code)).errors;
  const unknown = '019b7a11-7000-7000-8000-0000000000ff';
  const [image, thumb] = ['watermark.image.upload_id', 'thumbnail.upload_id'];
  t.deepEqual(await wrong(thumbnail(unknown), 422, 'invalid_fields'), { [thumb]: 'no such upload' });
  t.deepEqual(await wrong(watermark('x'), 422, 'invalid_fields'), { [image]: 'Invalid UUID' });
  t.deepEqual(Object.keys((await wrong({ watermark: { width: 0.5 } }, 422, 'invalid_fields')) ?? {}), [
    'watermark.image',
  ]);
  const twice = { [thumb]: 'an upload is used once' };
  t.deepEqual(await wrong(thumbnail(film), 422, 'invalid_fields'), twice);
  const mark = await picture();
  t.deepEqual(await wrong({ ...thumbnail(mark), ...watermark(mark) }, 422, 'invalid_fields'), {
    [image]: 'an upload is used once',
  });
  const other = await video();
  const noPicture = { [image]: 'must be a JPEG, PNG, WebP or GIF image' };
  t.deepEqual(await wrong(watermark(other), 422, 'invalid_fields'), noPicture);
  const animated = await picture(PICTURE, undefined, animatedWebp());
  t.deepEqual(await wrong(watermark(animated), 422, 'invalid_fields'), {
    [image]: 'must be a still picture: an animated WebP cannot be read',
  });
  const large = await picture(50 * 2 ** 20 + 1);
  t.deepEqual(await wrong(watermark(large), 422, 'invalid_fields'), { [image]: 'must have at most 50 MB' });
  const theirs = await picture(PICTURE, 'bert');
  await refused(t, await createJob(film, watermark(theirs)), 403, 'upload_of_another_account');
  const started = await begin(PICTURE);
  t.deepEqual(Object.keys((await wrong(watermark(started), 409, 'upload_unfinished')) ?? {}), [image]);
  await created(other, {});
  await refused(t, await createJob(film, thumbnail(other)), 409, 'upload_used');
  t.is((await jobs()).length, 1);
  await created(film, watermark(mark));
  t.deepEqual((await stored()).filter((key) => key.includes('pictures')).length, 1);
});

test('a job that is refused takes no pictures; of two jobs at once one gets them', async (t) => {
  const { begin, patch, video, picture, created, createJob, stored, jobs, rows } = await open(t);
  const thumb = await picture();
  const text = await begin(SIZE);
  await patch(text, 0, Buffer.alloc(SIZE, 'no video '));
  await refused(t, await createJob(text, thumbnail(thumb)), 400, 'invalid_video_format');
  t.deepEqual(await rows('select claim, picture_of from uploads.upload'), [
    { claim: null, picture_of: null },
  ]);
  const films = [await video(), await video()];
  const answers = await Promise.all(films.map((film) => createJob(film, thumbnail(thumb))));
  t.deepEqual(answers.map(({ status }) => status).sort(), [201, 409]);
  t.is((await jobs()).length, 1);
  t.is((await stored()).filter((key) => key.includes('pictures')).length, 1);
  const [left] = films.filter((_, index) => answers[index]?.status === 409);
  await created(left ?? '', {});
});
