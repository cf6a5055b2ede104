import { availableParallelism, totalmem } from 'node:os';

export interface Machine {
  cores: number;
  memory_bytes: number;
}

/**
 * What this process may use: `availableParallelism` looks at its cpuset and at the `cpu.max` of its cgroup,
 * `constrainedMemory` at that cgroup's `memory.max` (0 or more than there is: no limit).
 */
export const thisMachine = (): Machine => ({
  cores: availableParallelism(),
  memory_bytes: Math.min(totalmem(), process.constrainedMemory() || Number.POSITIVE_INFINITY),
});

/** Half the cores, so that ffmpeg's own threads have some; at least two, so that a transcript runs beside an encode. */
export const defaultSlots = ({ cores }: Machine): number => Math.max(2, Math.floor(cores / 2));

/**
 * Threads for each codec and filter graph of a slot's ffmpeg. A run still spreads over more cores than that: its decoder,
 * filters, encoders and muxer are threads beside each other. With one thread each, a 1080p source into 360p and 720p took
 * 1.9 s on 2 cores and 3.1 CPU-s; with as many as each liked (three for x264) 2.1 s and 3.5 CPU-s.
 */
export const threadsPerSlot = ({ cores }: Machine, slots: number): number =>
  Math.max(1, Math.ceil(cores / slots));

/** Of all memory, for the runs of ffmpeg in all slots; the rest is for the services, the speech model and the system. */
const FOR_FFMPEG = 0.8;
/** 8K sources take it, whatever the machine has. */
const LEAST_BYTES = 2 * 1_024 ** 3;

/** Memory that a slot's ffmpeg may take. */
export const memoryPerSlot = ({ memory_bytes }: Machine, slots: number): number =>
  Math.max(LEAST_BYTES, Math.floor((memory_bytes * FOR_FFMPEG) / slots));
