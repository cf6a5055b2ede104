import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { release, tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { describeDevices } from './describe-devices.ts';

test('a machine is told by its kernel, its NVIDIA driver and GPUs, and its render nodes with drivers and ids', async (t) => {
  const root = await mkdtemp(join(tmpdir(), 'devices-'));
  t.teardown(() => rm(root, { recursive: true, force: true }));
  const places = { proc: join(root, 'proc'), drm: join(root, 'drm'), dev: join(root, 'dev') };
  const node = join(places.drm, 'renderD128', 'device');
  await Promise.all(
    [join(places.proc, 'gpus', '0000:65:00.0'), join(places.dev, 'dri'), node].map((folder) =>
      mkdir(folder, { recursive: true }),
    ),
  );
  await writeFile(join(places.proc, 'version'), 'NVRM version: 550.54\nGCC version: 12\n');
  for (const file of ['nvidia0', 'nvidiactl', 'null', 'dri/renderD128', 'dri/card0'])
    await writeFile(join(places.dev, file), '');
  await writeFile(join(node, 'vendor'), '0x8086\n');
  await writeFile(join(node, 'device'), '0x56a0\n');
  await symlink('/sys/bus/pci/drivers/xe', join(node, 'driver'));
  t.deepEqual(await describeDevices(places), [
    `kernel ${release()}`,
    'NVRM version: 550.54',
    'nvidia gpu 0000:65:00.0',
    'nvidia file nvidia0',
    'renderD128 xe 0x8086 0x56a0',
  ]);
});

test('a machine without any of it is told by its kernel', async (t) => {
  const none = join(tmpdir(), 'no-such-folder');
  t.deepEqual(await describeDevices({ proc: none, drm: none, dev: none }), [`kernel ${release()}`]);
});
