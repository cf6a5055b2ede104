import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** Why containers cannot run here; undefined where they can. */
export async function whyNoDocker(): Promise<string | undefined> {
  try {
    await promisify(execFile)('docker', ['info'], { timeout: 20_000 });
    return undefined;
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    return isMissing ? 'Docker is not installed' : 'no Docker daemon answers';
  }
}
