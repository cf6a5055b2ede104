/** Something that ran a real tiny encode and decode on this machine. */
export interface Acceleration {
  kind: 'cuda' | 'vaapi' | 'qsv';
  /** e.g. `/dev/dri/renderD128`, where the kind has several devices. */
  device?: string;
  /** Decodes H.264 into device memory and scales it there. */
  decode: boolean;
  /** Encodes H.264. */
  encode: boolean;
}

/** `auto`: use what works, fall back to the CPU. `required`: refuse to start without. `off`: CPU only. */
export type HardwareMode = 'auto' | 'required' | 'off';

export interface HardwareReport {
  mode: HardwareMode;
  /** Best first. */
  usable: readonly Acceleration[];
  /** Candidates that did not work, and the end of what ffmpeg said. */
  rejected: readonly { candidate: string; reason: string }[];
}
