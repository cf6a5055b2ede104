import { SingleBar } from 'cli-progress';
import type { Progress } from '../rebuild/catch-up.ts';

const LINE_EVERY_MS = 2_000;

/** A bar on a terminal, a line every two seconds elsewhere. By position: it has gaps, so events are told beside it. */
export function createProgress(stream: NodeJS.WriteStream): { show(progress: Progress): void; stop(): void } {
  let bar: SingleBar | undefined;
  let lastLine = performance.now();
  return {
    show({ projection, events, position, frontier }) {
      const percent = frontier === 0n ? 100 : Number((100n * position) / frontier);
      if (stream.isTTY) {
        bar ??= startBar(stream, projection);
        bar.update(percent, { events: events.toLocaleString('en') });
      } else if (performance.now() - lastLine >= LINE_EVERY_MS) {
        lastLine = performance.now();
        stream.write(`${projection}: ${events} events, ${percent} %\n`);
      }
    },
    stop() {
      bar?.stop();
      bar = undefined;
    },
  };
}

function startBar(stream: NodeJS.WriteStream, projection: string): SingleBar {
  const bar = new SingleBar({
    stream,
    hideCursor: true,
    barsize: 30,
    etaBuffer: 50,
    format: `${projection.padEnd(8)} {bar} {percentage}% {events} events, {duration_formatted}`,
  });
  bar.start(100, 0, { events: '0' });
  return bar;
}
