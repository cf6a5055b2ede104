import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { makeVideo } from '../media/make-video.ts';
import { startChild } from '../systems/child-service.ts';
import { startEmbedded } from '../systems/embedded.ts';
import { ffmpegBelow } from '../systems/ffmpeg-processes.ts';
import { until } from '../systems/until.ts';

async function place(t: ExecutionContext) {
  const folder = await mkdtemp(join(tmpdir(), 'transcodeflow-cli-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const env = { DATA_DIR: join(folder, 'data'), INIT_CWD: folder, BOOTSTRAP_API_KEY: '', LOG_LEVEL: '' };
  return { folder, transcode: (...args: string[]) => startChild('infra/standalone/transcode.ts', env, args) };
}

test('transcode: writes the package, prints the table, exits 0', async (t) => {
  const { folder, transcode } = await place(t);
  await makeVideo(join(folder, 'clip.mp4'), { seconds: 2, size: '1280x720' });
  const command = transcode('clip.mp4', '--output', 'out');
  t.is(await command.exited, 0, command.output());
  const [jobId = ''] = await readdir(join(folder, 'out'));
  t.regex(command.output(), new RegExp(`Job ${jobId}`));
  t.regex(command.output(), /720p .*1280x720.*SSIM/);
  const saved = await readdir(join(folder, 'out', jobId), { recursive: true });
  for (const file of [
    '360p.mp4',
    '720p.mp4',
    'audio.m4a',
    'thumbnail.jpg',
    'storyboard.vtt',
    'hls/master.m3u8',
    'hls/720p/segment-00001.m4s',
  ])
    t.true(saved.includes(file), `${file} is among ${saved}`);
  t.true((await stat(join(folder, 'out', jobId, '720p.mp4'))).size > 0);
  t.is((await stat(join(folder, 'data', 'bootstrap-api-key'))).mode & 0o777, 0o600);
});

test('transcode: a file that is no video is refused with a sentence, exit 1', async (t) => {
  const { folder, transcode } = await place(t);
  await writeFile(join(folder, 'notes.mp4'), 'not a video at all');
  const refused = transcode('notes.mp4');
  t.is(await refused.exited, 1);
  t.regex(refused.output(), /Invalid video format: The file is not of any known video type/);
  const missing = transcode('nowhere.mp4');
  t.is(await missing.exited, 1);
  t.regex(missing.output(), /There is no file .*nowhere\.mp4/);
});

test('transcode: Ctrl-C cancels the job and leaves nothing running', async (t) => {
  const { folder, transcode } = await place(t);
  await makeVideo(join(folder, 'long.mp4'), { seconds: 60, size: '1280x720' });
  const command = transcode('long.mp4');
  await command.printed(/encode: running/, 120_000);
  await until(
    'ffmpeg encodes',
    () => ffmpegBelow(command.pid),
    (pids) => pids.length > 0,
  );
  const encoders = await ffmpegBelow(command.pid);
  command.kill('SIGINT');
  t.is(await command.exited, 130, command.output());
  t.regex(command.output(), /The job was cancelled/);
  for (const pid of encoders) t.throws(() => process.kill(pid, 0), { code: 'ESRCH' });
  const logs = await readFile(join(folder, 'data', 'postgres', 'cluster', 'postmaster.pid'), 'utf8').catch(
    () => 'gone',
  );
  t.is(logs, 'gone', 'the database was stopped');
});

test('transcode: uses the server that runs on the data folder', async (t) => {
  const { folder, transcode } = await place(t);
  const server = await startEmbedded(join(folder, 'data'), { BOOTSTRAP_API_KEY: '' });
  await makeVideo(join(folder, 'clip.mp4'), { seconds: 1, silent: true });
  const command = transcode('clip.mp4', '-o', 'out');
  t.is(await command.exited, 0, command.output());
  t.true(command.output().includes(`Using the server at ${server.queryUrl}`));
  await server.stop();
});
