import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants, createReadStream } from 'node:fs';
import { mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { openDirectoryStore } from '@transcodeflow/shared/objects/directory-store.ts';
import test from 'ava';
import { execa } from 'execa';
import { openSource } from '../source/open-source.ts';
import { remoteStore } from '../source/testing/remote-store.ts';
import { findMediaTools } from './find-media-tools.ts';
import { untrustedInput, untrustedPicture, untrustedProbe } from './untrusted-input.ts';

const tools = await findMediaTools();
const folder = await mkdtemp(join(tmpdir(), 'untrusted-input-'));
test.after.always(() => rm(folder, { recursive: true, force: true }));

/** Whoever opens it waits for a writer: that is seen, and never ends by itself. */
const secret = join(folder, 'secret.ts');
test.before(async () => {
  await promisify(execFile)('mkfifo', [secret]);
});

/** Whether somebody reads the pipe: only then can it be opened for writing without waiting. */
async function isBeingRead(): Promise<boolean> {
  try {
    await (await open(secret, constants.O_WRONLY | constants.O_NONBLOCK)).close();
    return true;
  } catch {
    return false;
  }
}

/** Runs a tool until it ends or reads the secret. */
async function readsSecret(tool: string, args: readonly string[], input?: string): Promise<boolean> {
  const child = spawn(tool, args, { stdio: [input === undefined ? 'ignore' : 'pipe', 'ignore', 'ignore'] });
  child.stdin?.on('error', () => {}).end(input);
  let ended = false;
  const exited = once(child, 'exit').then(() => {
    ended = true;
  });
  try {
    while (!ended) {
      if (await isBeingRead()) return true;
      await sleep(5);
    }
    return false;
  } finally {
    child.kill('SIGKILL');
    // Its end of the pipe must not pass for the next one's.
    await exited;
  }
}

const hls = (uri: string) => `#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\n${uri}\n#EXT-X-ENDLIST\n`;
const dash = `<?xml version="1.0"?>
<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" mediaPresentationDuration="PT2S" profiles="urn:mpeg:dash:profile:isoff-on-demand:2011">
 <Period duration="PT2S"><AdaptationSet mimeType="video/mp4"><Representation id="1" bandwidth="1000" codecs="avc1.64001f" width="320" height="180">
  <BaseURL>file:${secret}</BaseURL><SegmentBase indexRange="0-100"><Initialization range="0-50"/></SegmentBase>
 </Representation></AdaptationSet></Period>
</MPD>`;

/** Files that make an ffmpeg without restrictions read another one. */
const lures: Record<string, string> = {
  'HLS playlist': hls(secret),
  'HLS playlist with a file: URL': hls(`file:${secret}`),
  'HLS playlist with a subfile: URL': hls(`subfile,,start,0,end,0,,:${secret}`),
  'concat list': `ffconcat version 1.0\nfile '${secret}'\n`,
  'DASH manifest': dash,
};

const careless = ['-protocol_whitelist', 'file,pipe,subfile,concat,data,crypto'];
const decode = ['-f', 'null', '-'];
const CARELESS: Record<string, string[]> = {
  HLS: ['-f', 'hls', '-allowed_extensions', 'ALL'],
  concat: ['-f', 'concat', '-safe', '0'],
  DASH: ['-f', 'dash'],
};

for (const [what, content] of Object.entries(lures)) {
  const file = join(folder, `${what.replaceAll(/\W/g, '-')}.mp4`);

  test.serial(`a ${what} reads nothing`, async (t) => {
    await writeFile(file, content);
    t.false(await readsSecret(tools.ffmpeg, ['-nostdin', ...untrustedInput(file), ...decode]));
    t.false(await readsSecret(tools.ffprobe, untrustedProbe(file)));
    t.false(await readsSecret(tools.ffmpeg, [...untrustedPicture(), ...decode], content));
  });
}

for (const what of ['HLS playlist with a file: URL', 'concat list', 'DASH manifest'])
  test.serial(`(the same ${what} does make a careless ffmpeg read)`, async (t) => {
    const file = join(folder, `control-${what.slice(0, 4)}`);
    await writeFile(file, lures[what] ?? '');
    const demuxer = CARELESS[what.split(' ')[0] ?? ''] ?? [];
    t.true(await readsSecret(tools.ffmpeg, ['-nostdin', ...careless, ...demuxer, '-i', file, ...decode]));
  });

test.serial('a QuickTime track whose data lies in another file is not followed there', async (t) => {
  const file = join(folder, 'reference.mov');
  const picture = ['-f', 'lavfi', '-i', 'testsrc2=size=64x64:rate=5:duration=1'];
  await execa(tools.ffmpeg, ['-v', 'error', '-y', ...picture, '-c:v', 'libx264', file]);
  await writeFile(file, referring(await readFile(file), secret));
  const follow = ['-enable_drefs', '1', '-use_absolute_path', '1', '-protocol_whitelist', 'file'];
  t.true(
    await readsSecret(tools.ffmpeg, ['-nostdin', ...follow, '-i', file, ...decode]),
    'a careless one follows',
  );
  t.false(await readsSecret(tools.ffmpeg, ['-nostdin', ...untrustedInput(file), ...decode]));
  t.false(await readsSecret(tools.ffprobe, untrustedProbe(file)));
});

/** Counts who comes; answers nobody. */
async function openTrap() {
  let visits = 0;
  const server = createServer((socket) => {
    visits += 1;
    socket.destroy();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/secret.ts`, visits: () => visits, close: () => server.close() };
}

test.serial('what is served from the object store opens no other address, and no file', async (t) => {
  const trap = await openTrap();
  t.teardown(trap.close);
  const objects = remoteStore(await openDirectoryStore(join(folder, 'objects')));
  const plain = join(folder, 'plain.mov');
  const pictures = ['-f', 'lavfi', '-i', 'testsrc2=size=64x64:rate=5:duration=1'];
  await execa(tools.ffmpeg, ['-v', 'error', '-y', ...pictures, '-c:v', 'libx264', plain]);
  const movie = await readFile(plain);
  const elsewhere: Record<string, string | Buffer> = {
    'HLS playlist': hls(trap.url),
    'concat list': `ffconcat version 1.0\nfile '${trap.url}'\n`,
    'DASH manifest': dash.replace(`file:${secret}`, trap.url),
  };
  const files = { ...lures, 'QuickTime reference to a file': referring(movie, secret) };
  for (const [what, content] of Object.entries({ ...files, ...elsewhere })) {
    const file = join(folder, 'lure');
    await writeFile(file, content);
    const { key } = await objects.put(`lures/${what}.mp4`, createReadStream(file));
    const signal = AbortSignal.timeout(100_000);
    await using source = await openSource(key, { objects, workFolder: folder, signal, tools });
    t.true(source.place.startsWith('http://127.0.0.1:'));
    const run = [...untrustedInput(source.place), ...decode];
    t.false(await readsSecret(tools.ffmpeg, ['-nostdin', ...run]), what);
    t.false(await readsSecret(tools.ffprobe, untrustedProbe(source.place)), what);
    t.true(objects.sent(key).bytes > 0, 'it was looked at');
    t.is(trap.visits(), 0, what);
  }

  const file = join(folder, 'careless.m3u8');
  await writeFile(file, hls(trap.url));
  await readsSecret(tools.ffmpeg, [
    '-nostdin',
    ...['-protocol_whitelist', 'http,tcp,file'],
    '-i',
    file,
    ...decode,
  ]);
  t.true(trap.visits() > 0, 'a careless one does');
});

/** The same file with its data reference made one by path (type 2 of an `alis` record), as QuickTime writes it. */
function referring(movie: Buffer, path: string): Buffer {
  const at = movie.indexOf('dref') - 4;
  const old = movie.readUInt32BE(at);
  const name = Buffer.from(path);
  const record = Buffer.concat([
    Buffer.alloc(10),
    Buffer.from([0]),
    Buffer.alloc(27),
    Buffer.alloc(12),
    Buffer.from([0]),
    Buffer.alloc(63),
    Buffer.alloc(16),
    Buffer.from([0, 1, 0, 1]),
    Buffer.alloc(16),
    Buffer.from([0, 2, 0, 0]),
    name,
    Buffer.alloc(name.length % 2),
    Buffer.from([0xff, 0xff, 0, 0]),
  ]);
  record.writeUInt16BE(name.length, record.length - 4 - (name.length % 2) - name.length - 2);
  const entry = Buffer.alloc(12);
  entry.writeUInt32BE(12 + record.length);
  entry.write('alis', 4);
  const head = Buffer.from(movie.subarray(at, at + 16));
  const made = Buffer.concat([head, entry, record]);
  made.writeUInt32BE(made.length);
  const grown = made.length - old;
  const result = Buffer.concat([movie.subarray(0, at), made, movie.subarray(at + old)]);
  // The boxes around it have grown; the movie box comes last, so that no offset into the media has moved.
  for (const type of ['moov', 'trak', 'mdia', 'minf', 'dinf']) {
    const box = result.lastIndexOf(type, at) - 4;
    result.writeUInt32BE(result.readUInt32BE(box) + grown, box);
  }
  return result;
}

test('no demuxer that reads other files, addresses or devices is on the list', (t) => {
  const args = untrustedInput('/a');
  const allowed = new Set(args[args.indexOf('-format_whitelist') + 1]?.split(','));
  const others = [
    ...[
      'hls',
      'applehttp',
      'dash',
      'concat',
      'concatf',
      'imf',
      'image2',
      'image2pipe',
      'sdp',
      'rtsp',
      'rtp',
      'sap',
    ],
    ...['vobsub', 'webm_dash_manifest', 'avisynth', 'vapoursynth', 'dvdvideo', 'lavfi', 'ffmetadata', 'tty'],
    ...[
      'libgme',
      'libopenmpt',
      'srt',
      'webvtt',
      'ass',
      'svg_pipe',
      'v4l2',
      'x11grab',
      'fbdev',
      'alsa',
      'pulse',
    ],
  ];
  t.deepEqual(
    others.filter((name) => allowed.has(name)),
    [],
  );
  t.is(args[args.indexOf('-protocol_whitelist') + 1], 'file,pipe');
});
