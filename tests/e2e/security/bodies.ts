import { gzipSync } from 'node:zlib';
import type { TestFn } from 'ava';
import { multipart, type Part, rawRequest } from './raw-request.ts';
import { isRefusal, type World } from './world.ts';

/** Bodies that unpack, that are damaged, or that are not what they say. */
export function testBodies(test: TestFn, world: () => World): void {
  test.serial('bombs: small bodies that unpack to large ones are refused', async (t) => {
    const { system, video, stored } = world();
    const before = await stored();
    const bomb = gzipSync(Buffer.from(`{"name":"${'a'.repeat(50_000_000)}"}`));
    t.true(bomb.length < 64 * 1024);
    const headers = { 'Content-Type': 'application/json', 'Content-Encoding': 'gzip' };
    const response = await fetch(`${system.commandUrl}/api/keys`, {
      method: 'POST',
      headers: { ...headers, 'X-API-Key': system.apiKey },
      body: bomb,
    });
    isRefusal(t, { status: response.status, body: await response.text() }, 'gzip as JSON');
    const zipped = gzipSync(multipart([{ disposition: 'name="file"; filename="a.mp4"', body: video }]));
    const answer = await rawRequest(
      system.commandUrl,
      [
        'POST /api/upload HTTP/1.1',
        `X-API-Key: ${system.apiKey}`,
        'Content-Type: multipart/form-data; boundary=b',
        'Content-Encoding: gzip',
        `Content-Length: ${zipped.length}`,
      ],
      zipped,
    );
    isRefusal(t, answer, 'gzip as multipart');
    t.deepEqual(await stored(), before);
  });

  test.serial('multipart: too many, too large, doubled, damaged and poisonous parts', async (t) => {
    const { system, video, stored, upload } = world();
    const before = await stored();
    const file = { disposition: 'name="file"; filename="a.mp4"', body: video };
    const bodies: Record<string, Part[]> = {
      'a large field': [{ disposition: 'name="options"', body: 'x'.repeat(2_000_000) }, file],
      'a thousand fields': [
        ...Array.from({ length: 1_000 }, (_, n) => ({ disposition: `name="f${n}"`, body: '1' })),
        file,
      ],
      'a long name': [{ disposition: `name="${'n'.repeat(1_000_000)}"`, body: '1' }, file],
      'two files': [file, file],
      'options with a prototype': [
        { disposition: 'name="options"', body: '{"__proto__":{"priority":"high"}}' },
        file,
      ],
      'a file as options': [{ disposition: 'name="options"; filename="o.json"', body: '{}' }, file],
      'no file': [{ disposition: 'name="options"', body: '{}' }],
      'an empty file': [{ disposition: 'name="file"; filename="a.mp4"', body: '' }],
      'text as a file': [{ disposition: 'name="file"', body: 'not a file' }],
      'a script as the thumbnail': [
        file,
        { disposition: 'name="thumbnail"; filename="t.jpg"', body: '<svg onload="alert(1)"/>' },
      ],
    };
    for (const [what, parts] of Object.entries(bodies)) isRefusal(t, await upload(parts), what);
    const cutOff = multipart([file]).subarray(0, -40);
    const head = [
      'POST /api/upload HTTP/1.1',
      `X-API-Key: ${system.apiKey}`,
      'Content-Type: multipart/form-data; boundary=b',
      `Content-Length: ${cutOff.length}`,
    ];
    isRefusal(t, await rawRequest(system.commandUrl, head, cutOff), 'cut off');
    const without = head.map((line) => line.replace('; boundary=b', ''));
    isRefusal(t, await rawRequest(system.commandUrl, without, cutOff), 'no boundary');
    t.deepEqual(await stored(), before);
  });

  test.serial(
    'a playlist or script dressed as a video is no video, and nothing that it names is read',
    async (t) => {
      const { video, insidePort, reached, stored, upload } = world();
      const before = await stored();
      const url = `http://127.0.0.1:${insidePort}/x`;
      for (const [what, text] of Object.entries({
        'an HLS playlist': `#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n${url}.ts\n#EXT-X-ENDLIST\n`,
        'an ffconcat script': 'ffconcat version 1.0\nfile /etc/passwd\n',
        'a DASH manifest': `<?xml version="1.0"?><MPD><Period><AdaptationSet><Representation><BaseURL>${url}</BaseURL></Representation></AdaptationSet></Period></MPD>`,
        'an SDP': `v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nm=video ${insidePort} RTP/AVP 96\n`,
        'a SMIL': `<smil><body><video src="${url}"/></body></smil>`,
        'an SVG': `<svg xmlns="http://www.w3.org/2000/svg"><image href="${url}"/></svg>`,
        'a PLS': `[playlist]\nFile1=${url}\n`,
      })) {
        const answer = await upload([
          { disposition: 'name="file"; filename="holiday.mp4"', body: text.padEnd(5_000) },
        ]);
        isRefusal(t, answer, what);
        t.is(JSON.parse(answer.body).code, 'invalid_video_format', what);
        const thumbnail = await upload([
          { disposition: 'name="file"; filename="a.mp4"', body: video },
          { disposition: 'name="thumbnail"; filename="t.png"', body: text },
        ]);
        isRefusal(t, thumbnail, `${what} as the thumbnail`);
      }
      t.is(reached(), 0);
      t.deepEqual(await stored(), before);
    },
  );
}
