import { type ChildProcess, spawn } from 'node:child_process';
import { Socket } from 'node:net';

/** Reads whom to watch, and kills all of them that are left when there is nothing more to read: this process is gone. */
const KEEPER = `
left=' '
while read -r what pid; do
  case $what in
    watch) left="$left$pid " ;;
    ended) case $left in *" $pid "*) left="\${left%% "$pid" *} \${left#* "$pid" }" ;; esac ;;
  esac
done
for pid in $left; do kill -KILL "$pid" 2>/dev/null; done`;

const watched = new Set<number>();
let keeper: ChildProcess | undefined;

/**
 * Makes a child die with this process, even when that is killed with SIGKILL. ffmpeg does not notice by itself: it
 * ignores SIGPIPE, takes EPIPE on its progress pipe for nothing, and would go on for hours as an orphan (tried).
 * `setpriv --pdeathsig` is Linux only and missing from small images, so a small shell (under 1 MiB) waits on a pipe
 * that only this process holds open: the kernel closes it however this process ends, and the shell kills. One shell for
 * all children: a job starts some twenty, and each start of a process blocks this one for 5 to 20 ms.
 * @returns ends the watch; call it as soon as the child has exited, before its id can be used again.
 */
export function endWithParent(pid: number): () => void {
  if (keeper === undefined) startKeeper();
  watched.add(pid);
  tell(`watch ${pid}\n`);
  return () => {
    if (watched.delete(pid)) tell(`ended ${pid}\n`);
  };
}

/** A pipe takes so little at once, within the call: nothing is told too late. */
const tell = (line: string) => keeper?.stdin?.write(line);

function startKeeper(): void {
  const child = spawn('/bin/sh', ['-c', KEEPER, 'end-with-parent'], {
    stdio: ['pipe', 'ignore', 'ignore'],
    // Its own process group: a signal to the whole group of this process must not take the watch away first.
    detached: true,
  });
  keeper = child;
  // Without a shell nothing watches; a child is then only as safe as an orderly shutdown makes it.
  child.on('error', () => lose(child));
  child.on('exit', () => lose(child));
  child.stdin.on('error', () => undefined);
  // Neither may keep this process running.
  child.unref();
  if (child.stdin instanceof Socket) child.stdin.unref();
  for (const pid of watched) tell(`watch ${pid}\n`);
}

/** Somebody killed it: the next one to be watched brings another, which watches all. */
function lose(child: ChildProcess): void {
  if (keeper === child) keeper = undefined;
}
