import type { PartSize } from './sample-parts.ts';

const SERVICES = /service|projections|processors|all services/;
const MEDIA = /ffmpeg|speech/;

/** Whose memory a part's is: what we wrote, what the media takes, what we store in. */
const groupOf = (part: string): 'services' | 'media' | 'infrastructure' | 'other' => {
  if (MEDIA.test(part)) return 'media';
  if (SERVICES.test(part)) return 'services';
  return part === 'other' ? 'other' : 'infrastructure';
};

/** The highest of each figure, each at its own instant, over samples that are added one after the other. */
export class Peaks {
  readonly parts = new Map<string, PartSize>();
  readonly groups = new Map<string, number>();
  /** Sum of all parts at one instant. */
  together = 0;
  samples = 0;

  add(now: ReadonlyMap<string, PartSize>): void {
    this.samples += 1;
    const groups = new Map<string, number>();
    for (const [part, { bytes, processes }] of now) {
      const peak = this.parts.get(part) ?? { bytes: 0, processes: 0 };
      this.parts.set(part, {
        bytes: Math.max(peak.bytes, bytes),
        processes: Math.max(peak.processes, processes),
      });
      const group = groupOf(part);
      groups.set(group, (groups.get(group) ?? 0) + bytes);
    }
    for (const [group, bytes] of groups) this.groups.set(group, Math.max(this.groups.get(group) ?? 0, bytes));
    const sum = [...groups.values()].reduce((total, bytes) => total + bytes, 0);
    this.together = Math.max(this.together, sum);
  }
}
