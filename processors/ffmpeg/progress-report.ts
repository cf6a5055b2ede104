/** One report of `ffmpeg -progress`, a block of `key=value` lines ending in `progress=continue|end`. */
export interface ProgressReport {
  /** Seconds of output written, absent before the first packet. */
  out_time_s?: number;
  frame?: number;
  fps?: number;
  /** Multiples of real time. */
  speed?: number;
}

const LONGEST_LINE = 4_096;
const KEYS = new Set(['out_time_us', 'frame', 'fps', 'speed']);

/** Feeds on the progress pipe in any chunks and answers the reports that are complete. */
export class ProgressParser {
  #rest = '';
  #values = new Map<string, string>();

  add(chunk: string): ProgressReport[] {
    const lines = (this.#rest + chunk).split('\n');
    // No line of a report is this long: what goes on without an end is none, and must not pile up.
    this.#rest = (lines.pop() ?? '').slice(0, LONGEST_LINE);
    const reports: ProgressReport[] = [];
    for (const line of lines) {
      const at = line.indexOf('=');
      if (at < 0) continue;
      const key = line.slice(0, at).trim();
      if (key === 'progress') {
        reports.push(reportOf(this.#values));
        this.#values = new Map();
      } else {
        if (KEYS.has(key)) this.#values.set(key, line.slice(at + 1).trim());
      }
    }
    return reports;
  }
}

function reportOf(values: ReadonlyMap<string, string>): ProgressReport {
  // out_time_us is `N/A` before the first packet; out_time_ms holds microseconds too, an old mistake of ffmpeg's.
  const microseconds = number(values.get('out_time_us'));
  const frame = number(values.get('frame'));
  const fps = number(values.get('fps'));
  const speed = number(values.get('speed')?.replace(/x$/, ''));
  return {
    ...(microseconds !== undefined && { out_time_s: microseconds / 1e6 }),
    ...(frame !== undefined && { frame }),
    ...(fps !== undefined && { fps }),
    ...(speed !== undefined && { speed }),
  };
}

function number(text: string | undefined): number | undefined {
  if (!text) return undefined;
  const value = Number(text);
  return Number.isFinite(value) ? Math.max(0, value) : undefined;
}
