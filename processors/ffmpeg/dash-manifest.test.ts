import test from 'ava';
import { formatManifest, type VideoRepresentation } from './dash-manifest.ts';

/** Two segments of a second. */
const video = (start: number): VideoRepresentation => ({
  ...{ id: '720p', codecs: 'avc1.64001f', bandwidth: 1_000_000, timescale: 1000, width: 1280, height: 720 },
  ...{ start, ticks: [1000, 1000] },
});

const manifest = (start: number) => formatManifest({ videos: [video(start)], sounds: [], texts: [] });

test('a first sample that is late by less than a frame or two leaves no instant without a segment', (t) => {
  t.regex(manifest(0), /<S t="0" d="1000" r="1"\/><\/SegmentTimeline>/);
  t.regex(manifest(3), /<S t="0" d="1003"\/><S d="1000"\/><\/SegmentTimeline>/);
  t.regex(manifest(3), /maxSegmentDuration="PT1\.003000S"/, 'no segment is longer than the longest');
  t.regex(manifest(3), /mediaPresentationDuration="PT2\.003000S"/, 'the end stays');
});

test('where the pictures really begin late, the manifest says so', (t) => {
  t.regex(manifest(500), /<S t="500" d="1000" r="1"\/><\/SegmentTimeline>/);
});
