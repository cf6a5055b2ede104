import { type ChildProcess, spawn } from 'node:child_process';

/**
 * PostgreSQL does not notice the end of its parent. A shell does, by the end of its standard input, and shuts
 * the server down: after `kill -9` of Node it is gone in well under a second. (prctl's PDEATHSIG would serve
 * on Linux alone, and only through util-linux's `setpriv`.) Should both be killed, the next start
 * finds the orphan. `discard` removes a temporary database's folder as well, once the server has given up its
 * pid file (an orphan's pid may live on for seconds until init reaps it).
 */
const SCRIPT = `
read -r _
kill -"$2" "$1" 2>/dev/null
[ -n "$3" ] || exit 0
while [ -e "$3/cluster/postmaster.pid" ] && kill -0 "$1" 2>/dev/null; do sleep 0.05; done
rm -rf -- "$3"
`;

export interface Watchdog {
  close(): Promise<void>;
}

export function watchOver(pid: number, signal: 'INT' | 'QUIT', discard = ''): Watchdog {
  const shell = spawn('/bin/sh', ['-c', SCRIPT, 'transcodeflow-watchdog', String(pid), signal, discard], {
    stdio: ['pipe', 'ignore', 'ignore'],
    cwd: '/',
    env: { PATH: process.env.PATH ?? '/usr/bin:/bin' },
    detached: true,
  });
  shell.on('error', () => {});
  shell.unref();
  shell.stdin.on('error', () => {});
  unrefStream(shell.stdin);
  return { close: () => end(shell) };
}

async function end(shell: ChildProcess): Promise<void> {
  if (shell.exitCode !== null || shell.signalCode !== null) return;
  const ended = new Promise((resolve) => shell.once('exit', resolve));
  shell.ref();
  shell.kill('SIGKILL');
  await ended;
}

/** Lets the process end although this is open. (Pipes of child processes are sockets, their type does not say so.) */
export function unrefStream(stream: object): void {
  if ('unref' in stream && typeof stream.unref === 'function') stream.unref();
}

/** Takes `unrefStream` back. */
export function refStream(stream: object): void {
  if ('ref' in stream && typeof stream.ref === 'function') stream.ref();
}
