import { statSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Input, Outcome } from '../input.ts';

/**
 * `REAL_CLIPS=~/clips`: a folder with clips of the world outside, which are not ours to pass on. Without it, or where
 * one is not in it, their rows are skipped by name.
 */
const FOLDER = process.env.REAL_CLIPS;

/** @param bytes tells the clip from others of that name: what is expected holds for this one */
const clip = (file: string, bytes: number, what: string, gives: Outcome): Input => ({
  name: `real clip ${file}, ${what}`,
  file,
  make: (media, output) => copyFile(join(FOLDER ?? '', file), media.path(output)),
  missing: whyMissing(file, bytes),
  gives,
});

function whyMissing(file: string, bytes: number): string | undefined {
  if (!FOLDER) return 'REAL_CLIPS names no folder';
  const found = statSync(join(FOLDER, file), { throwIfNoEntry: false })?.size;
  if (found === undefined) return 'not in the folder of REAL_CLIPS';
  return found === bytes ? undefined : `another clip of that name, of ${found} bytes instead of ${bytes}`;
}

/** Clips that people's cameras and programs made, not our generator. */
export const real: readonly Input[] = [
  // Untagged 720p: BT.709 as a player guesses, in the 360p too.
  clip('bigbuckbunny.mp4', 1_055_736, 'animation in 720p with 5.1 sound', {
    renditions: { '360p': '640x360', '720p': '1280x720' },
    lasts: 5.312,
    lasts_within: 0.05,
    frames: 132,
    last_shown_at: 5.24,
    audio: { channels: 2 },
    quarters: ['#3f472f', '#7f8e9a', '#636e36', '#9ea33f'],
  }),
  // The 31st picture shown cannot be decoded.
  clip('corrupted.mp4', 47_294, 'a test pattern damaged at 3 s', {
    renditions: { '360p': '640x360', '720p': '1280x720' },
    lasts: 5,
    lasts_within: 0.05,
    frames: 49,
    last_shown_at: 4.9,
    audio: false,
    quarters: ['#4f3fb4', '#a8c24d', '#5c6090', '#99a172'],
  }),
  clip('realshort.mp4', 96_822, 'of a telephone, at 45000/1499 pictures a second', {
    renditions: { '240p': '320x240' },
    lasts: 1.199,
    lasts_within: 0.05,
    frames: 36,
    shown_at: [0.0333, 0.0333],
    last_shown_at: 1.1659,
    audio: { channels: 1, language: 'eng' },
    quarters: ['#aac7cb', '#9ba7a5', '#948476', '#948b86'],
  }),
  // A keyboard with its letters upright: the space bar makes the lower left the darkest, and no other turn does.
  clip('rotated-90.mov', 15_442, 'of a telephone held upright: stored lying', {
    renditions: { '320p': '320x568' },
    lasts: 0.1,
    lasts_within: 0.02,
    frames: 3,
    shown_at: [0.0333, 0.0333],
    last_shown_at: 0.0667,
    audio: false,
    quarters: ['#756c62', '#776d64', '#564b44', '#645951'],
  }),
];
