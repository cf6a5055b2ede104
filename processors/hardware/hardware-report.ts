/** Codecs that renditions may have. */
export const OUTPUT_CODECS = ['h264', 'hevc', 'av1'] as const;
export type OutputCodec = (typeof OUTPUT_CODECS)[number];

/** Something that ran a real tiny encode or decode on this machine. */
export interface Acceleration {
  kind: 'cuda' | 'vaapi' | 'qsv';
  /** e.g. `/dev/dri/renderD128`, where the kind has several devices. */
  device?: string;
  /** Decodes H.264 into device memory and scales it there. */
  decode: boolean;
  /** Decodes HEVC of 10 bits into device memory, and scales it there to 8 bits. */
  decode10?: boolean;
  /** Deinterlaces what it has decoded. */
  deinterlace?: boolean;
  /** Encodes H.264. */
  encode: boolean;
  /** All that it encodes; absent: H.264 alone, where `encode` says so. */
  codecs?: readonly OutputCodec[];
  /** Those in which VAAPI or QSV kept a rate below its cap when it was tried; NVENC always gets one. */
  capped?: readonly OutputCodec[];
}

/** `auto`: use what works, fall back to the CPU. `required`: refuse to start without. `off`: CPU only. */
export type HardwareMode = 'auto' | 'required' | 'off';

/** One trial: a tiny encode or decode that was run. */
export interface Tried {
  /** e.g. `vaapi /dev/dri/renderD128`. */
  candidate: string;
  /** e.g. `encode hevc`, `decode 10-bit hevc and scale`. */
  what: string;
  /** Why it does not work, in ffmpeg's words; absent where it does. */
  reason?: string;
}

export interface HardwareReport {
  mode: HardwareMode;
  /** Best first. */
  usable: readonly Acceleration[];
  /** Candidates that did not work, and what ffmpeg said first. */
  rejected: readonly { candidate: string; reason: string }[];
  /** Every trial, in order. */
  tried?: readonly Tried[];
  /** When the trials ran (ISO 8601), if that was in another process. */
  cached_from?: string;
}
