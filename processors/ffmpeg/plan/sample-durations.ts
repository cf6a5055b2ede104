/** Before a bitstream filter ffmpeg would round time stamps to the frame rate: this keeps the clock of the file. */
export const OWN_CLOCK = ['-copytb', '1'];

/**
 * A bitstream filter that gives each picture of a copied MP4 the time until the next one is decoded, and the last one the
 * time until the end. Where pictures are reordered ffmpeg's demuxer says nothing of that and guesses by the mean rate,
 * and the muxers take its word for the last sample of a file or fragment, and for where the next fragment begins.
 * @param end_s when the picture shown last has been shown, on the clock of the packets @param dts of the copy
 */
export const sampleDurations = (end_s: number | undefined, dts = 'DTS'): string => {
  const last = end_s === undefined ? 'DURATION' : `${end_s.toFixed(6)}/TB-PTS`;
  // There is no next packet: its time stamp is far below zero.
  return `setts=pts=PTS:dts=${dts}:duration=if(lt(NEXT_DTS\\,DTS)\\,${last}\\,NEXT_DTS-DTS)`;
};
