import type { MediaTools } from '@transcodeflow/processors/ffmpeg/media-tools.ts';
import type { HardwareReport } from '@transcodeflow/processors/hardware/hardware-report.ts';
import Table from 'cli-table3';
import type { EncoderChoice, RouteChoice } from './choices.ts';

const LONGEST_REASON = 90;
const plain = { style: { head: [], border: [] } };

interface Chosen {
  routes: readonly RouteChoice[];
  encoders: readonly EncoderChoice[];
  /** Who encodes long videos, where that is not who encodes the others. */
  chunks?: string | undefined;
}

/** What was tried, what works and why not, and what would be chosen, for a person. */
export function hardwareText(
  { ffmpeg, version, origin }: MediaTools,
  { mode, tried = [], usable, cached_from }: HardwareReport,
  { routes, encoders, chunks }: Chosen,
): string {
  const trials = new Table({ head: ['candidate', 'trial', 'works', 'why not'], ...plain });
  for (const { candidate, what, reason } of tried)
    trials.push([candidate, what, works(candidate, reason, usable), short(reason ?? '')]);
  const outputs = new Table({ head: ['output', 'encoder'], ...plain });
  for (const { codec, encoder, device } of encoders)
    outputs.push([codec, device ? `${encoder} (${device})` : encoder]);
  const sources = new Table({ head: ['source', 'runs on, for h264'], ...plain });
  for (const { source, route } of routes) sources.push([source, route]);
  return [
    `ffmpeg ${version} (${origin}): ${ffmpeg}`,
    `HARDWARE=${mode}${mode === 'required' && usable.length === 0 ? ': a processor would refuse to start' : ''}`,
    ...(cached_from ? [`Tried at ${cached_from}; --refresh tries anew.`] : []),
    tried.length > 0
      ? String(trials)
      : 'This ffmpeg has no hardware encoder, and no filter for device memory.',
    String(outputs),
    String(sources),
    ...(chunks ? [chunks] : []),
  ].join('\n');
}

/** What works but belongs to no device that plans make use of is said to be so. */
function works(candidate: string, reason: string | undefined, usable: HardwareReport['usable']): string {
  if (reason !== undefined) return 'no';
  const used = usable.some(({ kind, device }) => candidate === (device ? `${kind} ${device}` : kind));
  return used ? 'yes' : 'yes, not used';
}

/** One line, without what would move a terminal's cursor. */
function short(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is removed.
  const line = text.replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ').trim();
  return line.length > LONGEST_REASON ? `${line.slice(0, LONGEST_REASON - 1)}…` : line;
}
