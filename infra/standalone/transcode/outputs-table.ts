import { join } from 'node:path';
import Table from 'cli-table3';
import { z } from 'zod';
import type { JobView } from './client.ts';

const Row = z.looseObject({
  size_bytes: z.number().optional(),
  width: z.number().optional(),
  height: z.number().optional(),
  compression_ratio: z.number().optional(),
  quality: z.looseObject({ ssim: z.number(), psnr: z.number(), vmaf: z.number().optional() }).optional(),
  download_url: z.string().optional(),
  master_url: z.string().optional(),
  manifest_url: z.string().optional(),
  image_url: z.string().optional(),
  formats: z.looseObject({ txt: z.string() }).optional(),
});

/** Each output of a finished job: how large, how good, where it lies. */
export function outputsTable(job: JobView, folder: string): string {
  const table = new Table({
    head: ['output', 'size', 'resolution', 'ratio', 'quality', 'where'],
    style: { head: [], border: [] },
  });
  for (const [name, output] of Object.entries(job.outputs)) {
    if (!output.available) {
      table.push([name, { content: `not available: ${output.reason ?? ''}`, colSpan: 5 }]);
      continue;
    }
    const row = Row.parse(output);
    const { download_url, master_url, manifest_url, image_url, formats } = row;
    const url = download_url ?? master_url ?? manifest_url ?? image_url ?? formats?.txt;
    const path = url ? decodeURIComponent(new URL(url).pathname).split('/outputs/')[1] : undefined;
    table.push([
      name,
      bytes(row.size_bytes),
      row.width ? `${row.width}x${row.height}` : '',
      row.compression_ratio?.toFixed(3) ?? '',
      quality(row.quality),
      path ? join(folder, path) : '',
    ]);
  }
  return table.toString();
}

const quality = (figures: z.infer<typeof Row>['quality']): string =>
  figures
    ? [
        `SSIM ${figures.ssim.toFixed(4)}`,
        `PSNR ${figures.psnr.toFixed(1)}`,
        ...(figures.vmaf === undefined ? [] : [`VMAF ${figures.vmaf.toFixed(1)}`]),
      ].join(', ')
    : '';

function bytes(size: number | undefined): string {
  if (size === undefined) return '';
  if (size < 1024) return `${size} B`;
  return size < 1024 ** 2 ? `${(size / 1024).toFixed(1)} KiB` : `${(size / 1024 ** 2).toFixed(2)} MiB`;
}
