/**
 * The results of work that goes on side by side. Where one fails, the others end before that is told: nothing may go on
 * in a work folder that is swept. @throws the failure of the first in order
 */
export async function allEnded<T extends readonly unknown[] | []>(
  work: T,
): Promise<{ -readonly [K in keyof T]: Awaited<T[K]> }> {
  await Promise.allSettled(work);
  return Promise.all(work);
}
