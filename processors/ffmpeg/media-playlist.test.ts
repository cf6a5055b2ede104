import test from 'ava';
import { parseMasterPlaylist } from './master-playlist.ts';
import { formatMediaPlaylist, parseMediaPlaylist, targetDuration } from './media-playlist.ts';

const playlist = `#EXTM3U
#EXT-X-VERSION:7
#EXT-X-TARGETDURATION:2
#EXT-X-MAP:URI="init.mp4"
#EXTINF:2.002000,
segment-00001.m4s
#EXTINF:1.020417,
segment-00002.m4s
#EXT-X-ENDLIST
`;

test('segments, their durations and the init segment', (t) => {
  t.deepEqual(parseMediaPlaylist(playlist), {
    init: 'init.mp4',
    segments: [
      { uri: 'segment-00001.m4s', duration_s: 2.002 },
      { uri: 'segment-00002.m4s', duration_s: 1.020417 },
    ],
    target_s: 2,
    ended: true,
  });
});

test('a playlist that was written is read as it was', (t) => {
  const segments = [
    { uri: 'segment-00001.m4s', duration_s: 2.002 },
    { uri: 'segment-00002.m4s', duration_s: 2.52 },
  ];
  const target_s = targetDuration(segments);
  t.is(target_s, 3);
  const text = formatMediaPlaylist({ init: 'init.mp4', segments, target_s });
  t.deepEqual(parseMediaPlaylist(text), { init: 'init.mp4', segments, target_s, ended: true });
});

test('what is not a playlist is said to be none', (t) => {
  t.throws(() => parseMediaPlaylist('nothing'), { message: /does not begin with #EXTM3U/ });
  t.throws(() => parseMediaPlaylist('#EXTM3U\n#EXTINF:2,\na.m4s\n'), { message: /no EXT-X-TARGETDURATION/ });
});

test('variants and audio groups of a master playlist', (t) => {
  const master =
    '#EXTM3U\n#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",URI="audio/p.m3u8"\n#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="t",URI="captions/p.m3u8"\n#EXT-X-STREAM-INF:BANDWIDTH=1,AUDIO="a"\n360p/p.m3u8\n#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=1,URI="360p/i.m3u8"\n';
  t.deepEqual(parseMasterPlaylist(master), {
    variants: ['360p/p.m3u8'],
    audio: ['audio/p.m3u8'],
    texts: ['captions/p.m3u8'],
    iFrames: ['360p/i.m3u8'],
  });
});
