import type { TaskSpec } from '@transcodeflow/shared/contracts/tasks.ts';

/** Whether the spec is one of an encode that the CPU alone is to do. */
export const isWithoutHardware = (spec: TaskSpec | undefined): boolean =>
  (spec?.kind === 'encode' || spec?.kind === 'encode-chunk') && spec.acceleration === 'off';

/** The same work by the CPU alone; other work has nothing to do with hardware. */
export const withoutHardware = (spec: TaskSpec): TaskSpec =>
  spec.kind === 'encode' || spec.kind === 'encode-chunk' ? { ...spec, acceleration: 'off' } : spec;
