import { spawn } from 'node:child_process';

/**
 * Makes a child die with this process, even when that is killed with SIGKILL. ffmpeg does not notice by itself: it
 * ignores SIGPIPE, takes EPIPE on its progress pipe for nothing, and would go on for hours as an orphan (tried).
 * `setpriv --pdeathsig` is Linux only and missing from small images, so a one-line shell (under 1 MiB) waits on a
 * pipe that only this process holds open: the kernel closes it however this process ends, and the shell kills.
 * @returns ends the watch; call it as soon as the child has exited, before its id can be used again.
 */
export function endWithParent(pid: number): () => void {
  const watch = spawn(
    '/bin/sh',
    ['-c', 'read -r _; kill -KILL "$1" 2>/dev/null', 'end-with-parent', String(pid)],
    {
      stdio: ['pipe', 'ignore', 'ignore'],
      // Its own process group: a signal to the whole group of this process must not take the watch away first.
      detached: true,
    },
  );
  // Without a shell nothing watches; the child is then only as safe as an orderly shutdown makes it.
  watch.on('error', () => undefined);
  watch.stdin.on('error', () => undefined);
  watch.unref();
  return () => {
    watch.kill('SIGKILL');
  };
}
