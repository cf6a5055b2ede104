import type { HardwareMode } from './hardware-report.ts';

/** `HARDWARE=auto|required|off`; `auto` where it is not set. @throws Error on any other value */
export function hardwareMode(env: NodeJS.ProcessEnv = process.env): HardwareMode {
  const value = env.HARDWARE || 'auto';
  if (value === 'auto' || value === 'required' || value === 'off') return value;
  throw new Error(`HARDWARE=${value} is none of auto, required, off`);
}
