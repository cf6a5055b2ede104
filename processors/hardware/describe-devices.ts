import { readdir, readFile, readlink } from 'node:fs/promises';
import { release } from 'node:os';
import { basename, join } from 'node:path';

/** Where Linux tells of its devices. */
export const PLACES = { proc: '/proc/driver/nvidia', drm: '/sys/class/drm', dev: '/dev' };

/**
 * Kernel, NVIDIA's driver and the GPUs it sees, and each render node with its driver and PCI ids: one line each. What
 * worked on other ones says nothing about these. Elsewhere than on Linux, the kernel alone.
 */
export async function describeDevices(places = PLACES): Promise<string[]> {
  const { proc, drm, dev } = places;
  const nvidia = (await text(join(proc, 'version'))).split('\n')[0];
  const gpus = (await names(join(proc, 'gpus'))).map((gpu) => `nvidia gpu ${gpu}`);
  // A container sees what the host's driver sees, but has the device files of its own GPUs only.
  const files = (await names(dev))
    .filter((name) => /^nvidia\d+$/.test(name))
    .map((name) => `nvidia file ${name}`);
  const nodes = (await names(join(dev, 'dri'))).filter((name) => name.startsWith('renderD'));
  const described = nodes.map(async (node) => {
    const device = join(drm, node, 'device');
    const driver = await readlink(join(device, 'driver')).then(basename, () => 'unknown driver');
    const ids = await Promise.all(['vendor', 'device'].map((name) => text(join(device, name))));
    return [node, driver, ...ids.map((id) => id.trim())].join(' ');
  });
  return [
    `kernel ${release()}`,
    ...(nvidia ? [nvidia] : []),
    ...gpus,
    ...files,
    ...(await Promise.all(described)),
  ];
}

const text = (path: string): Promise<string> => readFile(path, 'utf8').catch(() => '');
const names = async (folder: string): Promise<string[]> => (await readdir(folder).catch(() => [])).toSorted();
