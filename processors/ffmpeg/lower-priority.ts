import { writeFile } from 'node:fs/promises';
import { constants, setPriority } from 'node:os';

/** Ahead of everything that does not ask for it itself; 1000 is the most. */
const FIRST_TO_GO = '800';

/**
 * Interactive work on the machine comes first, and a machine that runs out of memory ends this child and not the
 * services or the database beside it (Linux). Call it before the child starts threads, which inherit the priority.
 */
export function lowerPriority(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    setPriority(pid, constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // It has ended already, or the platform does not let us: only politeness is lost.
  }
  writeFile(`/proc/${pid}/oom_score_adj`, FIRST_TO_GO).catch(() => undefined);
}
