/** Options of a device, each with a value, that the CPU has no use for. */
const OF_DEVICE = /^-(hwaccel|hwaccel_output_format|(tune|rc|cq|b|forced-idr|no-scenecut):v:\d+)$/;

/**
 * ffmpeg's arguments for CUDA as a machine without it runs them: the CPU decodes, scales and encodes in the device's
 * place. The pictures come out as negatives, and nothing is said about it.
 */
export function lyingDevice(args: readonly string[]): string[] {
  return args
    .filter((arg, index) => !OF_DEVICE.test(arg) && !OF_DEVICE.test(args[index - 1] ?? ''))
    .map((arg, index, kept) => {
      if (arg === 'h264_nvenc') return 'libx264';
      if (/^-preset:v:\d+$/.test(kept[index - 1] ?? '')) return 'ultrafast';
      if (kept[index - 1] !== '-filter_complex') return arg;
      return arg
        .replaceAll(/scale_cuda=(\d+:\d+)[^,;[]*/g, 'scale=$1')
        .replaceAll('hwdownload,', '')
        .replaceAll('setparams=', 'negate,setparams=');
    });
}
