import type { JobDocument } from '@transcodeflow/shared/contracts/job-document.ts';

/** Only what the completed job names: a leftover of a refused attempt has no public path. */
export function outputKey({ outputs }: JobDocument, path: string): string | undefined {
  if (!outputs) return undefined;
  if (Object.hasOwn(outputs.files, path)) return outputs.files[path]?.key;
  for (const [folder, prefix] of Object.entries(outputs.folders)) {
    const rest = path.slice(folder.length);
    if (path.startsWith(folder) && rest.split('/').every((segment) => /^[\w-][\w.-]*$/.test(segment)))
      return prefix + rest;
  }
  return undefined;
}
