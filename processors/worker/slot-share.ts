import { availableParallelism } from 'node:os';

export interface Machine {
  cores: number;
}

/** What a process may use: `availableParallelism` counts the cores of its cpuset and of its cgroup's `cpu.max`. */
export const thisMachine = (): Machine => ({ cores: availableParallelism() });

/** Half the cores, so that ffmpeg's own threads have some; at least two, so that a transcript runs beside an encode. */
export const defaultSlots = ({ cores }: Machine): number => Math.max(2, Math.floor(cores / 2));

/**
 * Threads for each codec and filter graph of a slot's ffmpeg. A run still spreads over more cores than that: its decoder,
 * filters, encoders and muxer are threads beside each other. With one thread each, a 1080p source into 360p and 720p took
 * 1.9 s on 2 cores and 3.1 CPU-s; with as many as each liked (three for x264) 2.1 s and 3.5 CPU-s.
 */
export const threadsPerSlot = ({ cores }: Machine, slots: number): number =>
  Math.max(1, Math.ceil(cores / slots));
