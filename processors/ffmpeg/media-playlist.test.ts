import test from 'ava';
import { parseMasterPlaylist } from './master-playlist.ts';
import { parseMediaPlaylist, withLastDuration } from './media-playlist.ts';

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

test('the last segment lasts until the end, and the target duration with it', (t) => {
  const { segments, target_s } = parseMediaPlaylist(withLastDuration(playlist, 5));
  t.deepEqual(
    segments.map(({ duration_s }) => duration_s),
    [2.002, 2.998],
  );
  t.is(target_s, 3);
});

test('what is not a playlist is said to be none', (t) => {
  t.throws(() => parseMediaPlaylist('nothing'), { message: /does not begin with #EXTM3U/ });
  t.throws(() => parseMediaPlaylist('#EXTM3U\n#EXT-X-TARGETDURATION:2\n'), { message: /no EXT-X-MAP/ });
});

test('variants and audio groups of a master playlist', (t) => {
  const master =
    '#EXTM3U\n#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",URI="audio/p.m3u8"\n#EXT-X-STREAM-INF:BANDWIDTH=1,AUDIO="a"\n360p/p.m3u8\n';
  t.deepEqual(parseMasterPlaylist(master), { variants: ['360p/p.m3u8'], audio: ['audio/p.m3u8'] });
});
