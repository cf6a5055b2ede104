import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Client, JobView } from './client.ts';

/** Downloads every output of a job into a folder, HLS with all that its playlists name. */
export async function saveOutputs(client: Client, job: JobView, folder: string): Promise<void> {
  const root = `/api/jobs/${job.job_id}/outputs/`;
  const seen = new Set<string>();
  const save = async (url: string): Promise<void> => {
    const path = decodeURIComponent(new URL(url).pathname);
    if (seen.has(path)) return;
    seen.add(path);
    const file = join(folder, path.slice(root.length));
    if (!path.startsWith(root) || !file.startsWith(folder + sep))
      throw new Error(`Unexpected output URL ${url}`);
    await mkdir(dirname(file), { recursive: true });
    const response = await client.download(url);
    if (file.endsWith('.m3u8')) {
      const playlist = await response.text();
      await pipeline(Readable.from([playlist]), createWriteStream(file));
      for (const link of links(playlist)) await save(new URL(link, url).href);
    } else if (response.body) {
      await pipeline(Readable.fromWeb(response.body), createWriteStream(file));
    }
  };
  for (const url of urlsIn(job.outputs)) await save(url);
}

/** URIs in a playlist: lines that are no tags, and `URI` attributes of tags (RFC 8216, 4.1 and 4.2). */
const links = (playlist: string): string[] =>
  playlist
    .split(/\r?\n/)
    .flatMap((line) =>
      line.startsWith('#') ? (/URI="([^"]+)"/.exec(line)?.slice(1) ?? []) : line.trim() || [],
    );

function urlsIn(value: unknown): string[] {
  if (typeof value === 'string') return /^https?:\/\//.test(value) ? [value] : [];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(urlsIn) : [];
}
