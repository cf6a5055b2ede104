import { GATE_FAILED } from '@transcodeflow/shared/contracts/task-error.ts';
import type { GateCheck } from '@transcodeflow/shared/contracts/task-results.ts';
import { TaskError } from '../../task-error.ts';

/** Collects what was looked at, passed or not: one failure must not hide the others. */
export class Gate {
  readonly checks: GateCheck[] = [];

  /** @param detail the measured figures, also where they are fine */
  check(output: string, check: string, passed: boolean, detail: string): void {
    this.checks.push({ output, check, passed, detail });
  }

  /** @throws {TaskError} `gate_failed`: the same outputs would fail again, so trying again is of no use. */
  assertPassed(): void {
    const failed = this.checks.filter(({ passed }) => !passed);
    const [first] = failed;
    if (!first) return;
    const more = failed.length > 1 ? ` (and ${failed.length - 1} more)` : '';
    throw new TaskError({
      code: GATE_FAILED,
      message: `The finished ${first.output} did not pass its check: ${first.check}, ${first.detail}${more}.`,
      detail: failed.map(({ output, check, detail }) => `${output}: ${check}: ${detail}`).join('\n'),
      retryable: false,
    });
  }
}

/** How far from its original a copy may begin: a package keeps the timeline of what it was cut from. */
export const START_S = 0.002;

export const seconds = (value: number) => `${value.toFixed(3)} s`;
