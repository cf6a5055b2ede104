/**
 * Arguments that keep every decoder and every filter graph to so many threads; a decoder whose threads are set already
 * keeps them. Left alone, each of them starts as many as the machine has cores, in every slot at once. Encoders are the
 * plan's: each takes its threads by an option of its own.
 */
export function boundThreads(args: readonly string[], threads: number | undefined): string[] {
  if (threads === undefined) return [...args];
  const count = String(threads);
  const bound = ['-filter_threads', count, '-filter_complex_threads', count];
  let start = 0;
  for (let at = args.indexOf('-i'); at !== -1; at = args.indexOf('-i', start)) {
    const own = args.slice(start, at);
    if (!own.includes('-threads')) bound.push('-threads', count);
    start = at + 2;
    bound.push(...own, ...args.slice(at, start));
  }
  return [...bound, ...args.slice(start)];
}
