import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** The first Chromium on PATH; undefined where there is none. */
export async function findBrowser(): Promise<string | undefined> {
  for (const name of NAMES) {
    const works = await promisify(execFile)(name, ['--version']).then(
      () => true,
      () => false,
    );
    if (works) return name;
  }
  return undefined;
}
