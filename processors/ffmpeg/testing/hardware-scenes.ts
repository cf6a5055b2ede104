import type { Step } from './fake-ffmpeg.ts';

const moving = (frame: number): Step => ({
  do: 'report',
  text: `frame=${frame}\nfps=25.0\nout_time_us=${frame * 40_000}\nspeed=1x\nprogress=continue\n`,
});

/** Whatever a progress pipe may carry but reports: bytes, no line ends, numbers out of this world, no end of block. */
const GARBAGE: Step[] = [
  { do: 'report', text: '\u0000\u00ff\u00fe=\u0001'.repeat(4_000), times: 100 },
  { do: 'report', text: '\nframe=-5\nfps=-3\nout_time_us=-1e300\nspeed=NaNx\nprogress=continue\n' },
  { do: 'report', text: 'frame=1e308\nfps=Infinity\nout_time_us=N/A\nprogress=\n=\n===\n' },
  { do: 'report', text: 'a=1\nb\nframe=zwölf\nprogress=continue' },
];

/** How hardware fails, in ffmpeg's own words where it has any. */
export const scenes = {
  'has no device': [
    {
      do: 'say',
      text: '[AVHWDeviceContext @ 0x55d0c0ffee00] Cannot load libcuda.so.1\nDevice creation failed: -1.\n',
    },
    { do: 'exit', status: 1 },
  ],
  'has no free session': [
    {
      do: 'say',
      text:
        '[h264_nvenc @ 0x55d0c0ffee00] OpenEncodeSessionEx failed: out of memory (10): (no details)\n' +
        '[vost#0:0/h264_nvenc @ 0x55d0c0ffee40] Error while opening encoder - maybe incorrect parameters.\n',
    },
    { do: 'exit', status: 1 },
  ],
  'dies half-way': [moving(10), { do: 'write', bytes: 2_000 }, moving(20), { do: 'kill-itself' }],
  'reports garbage and fails': [
    ...GARBAGE,
    { do: 'say', text: 'Conversion failed!\n' },
    { do: 'exit', status: 1 },
  ],
  'cannot take another resolution': [
    moving(25),
    { do: 'say', text: '  Metadata:\n    encoder         : Lavc61.3.100 rawvideo\n' },
    { do: 'say', text: '[fc#0 @ 0x55d0c0ffee00] Reconfiguring filter graph because hwaccel ' },
    { do: 'say', text: 'changed\n' },
    { do: 'hang' },
  ],
  hangs: [moving(5), { do: 'write', bytes: 100 }, { do: 'hang' }],
  'hangs and refuses TERM': [{ do: 'refuse-term' }, moving(5), { do: 'hang' }],
  'succeeds without a file': [moving(25), { do: 'exit', status: 0 }],
  'succeeds with empty files': [moving(25), { do: 'write', bytes: 0 }, { do: 'exit', status: 0 }],
  'reports garbage and succeeds': [...GARBAGE, { do: 'exit', status: 0 }],
} satisfies Record<string, Step[]>;
