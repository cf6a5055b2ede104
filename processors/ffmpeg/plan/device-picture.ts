import type { VideoStream } from '@transcodeflow/shared/contracts/media.ts';
import type { Acceleration } from '../../hardware/hardware-report.ts';
import { deviceScale } from './device-scale.ts';
import { type Picture, type Size, tags } from './picture.ts';
import { isSame, type Route } from './route.ts';

/** How a CPU's picture reaches the encoder: NVENC takes it as it is, QSV knows no yuv420p. */
const TO_ENCODER: Record<Acceleration['kind'], string[]> = {
  cuda: [],
  vaapi: ['format=nv12', 'hwupload'],
  qsv: ['format=nv12'],
};

/** Clockwise, as ffmpeg itself would. */
const TURNS: Record<number, string[]> = {
  90: ['transpose=clock'],
  180: ['hflip', 'vflip'],
  270: ['transpose=cclock'],
};

export interface Shown {
  /** To which HDR is scaled before the tone mapping. */
  largest: Size;
  /** Something is laid on the picture, by the CPU. */
  overlaid?: boolean;
}

/** The picture's filters where frames live in device memory: they leave it scaled, for whatever is left to the CPU. */
export function devicePicture(
  picture: Picture,
  video: VideoStream,
  { frames, encoder }: Route,
  { largest, overlaid = false }: Shown,
): Picture {
  const upload = encoder ? TO_ENCODER[encoder.kind] : [];
  if (!frames) return { ...picture, toEncoder: upload };
  const coded = { width: video.coded_width, height: video.coded_height };
  const turn = TURNS[video.rotation] ?? [];
  const lies = video.rotation % 180 !== 0;
  const fetched = (size: Size, format: string) => [
    ...deviceScale(frames.kind, coded, lies ? { width: size.height, height: size.width } : size, format),
    'hwdownload',
    `format=${format}`,
    ...turn,
  ];
  const onDevice = deinterlacing(video);
  if (picture.toneMapping.length > 0)
    // From here on it is a picture like any other that the CPU has decoded.
    return {
      ...picture,
      shared: [...onDevice, ...fetched(largest, 'p010le'), ...picture.toneMapping],
      toEncoder: upload,
    };
  const format = frames.kind === 'cuda' ? 'yuv420p' : 'nv12';
  const untouched = turn.length === 0 && !overlaid && video.pixel_format !== 'yuvj420p';
  const stays = encoder !== undefined && isSame(frames, encoder) && untouched;
  return {
    ...picture,
    shared: onDevice,
    toEncoder: stays ? [] : upload,
    rendition: (size) =>
      stays
        ? [...deviceScale(frames.kind, coded, size, format), ...tags(video, false)]
        : [...fetched(size, format), ...picture.rendition(size)],
    still: (size) => [...fetched(size, format), ...picture.still(size)],
  };
}

/** As the CPU's `bwdif` is told to. */
function deinterlacing({ interlaced, unflagged_fields: fields }: VideoStream): string[] {
  if (!interlaced && !fields) return [];
  return [`bwdif_cuda=mode=send_frame:${fields ? `parity=${fields}:deint=all` : 'deint=interlaced'}`];
}
