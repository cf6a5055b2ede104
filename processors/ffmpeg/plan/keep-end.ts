import { OWN_CLOCK, sampleDurations } from './sample-durations.ts';

/**
 * Arguments that copy an MP4 with its last sample, in the order of decoding, moved to where it is shown (less the delay
 * that all pictures have) and lasting until the end: then that order adds up to what is shown.
 */
export function keepEnd({
  input,
  output,
  frames,
  end_s,
  movflags,
}: {
  input: string;
  output: string;
  frames: number;
  /** When the picture that is shown last has been shown, on the clock of the file. */
  end_s: number;
  movflags: readonly string[];
}): string[] {
  const dts = `if(eq(N\\,${frames - 1})\\,max(DTS\\,PTS-STARTPTS+STARTDTS)\\,DTS)`;
  // biome-ignore format: an option and its value belong on one line
  return [
    '-protocol_whitelist', 'file', '-copyts', ...OWN_CLOCK, '-i', `file:${input}`, '-map', '0', '-c', 'copy', '-bsf:v', sampleDurations(end_s, dts),
    '-map_metadata', '0', ...movflags, '-f', 'mp4', output,
  ];
}
