import { descendants, partOf, processTable, proportionalSetSize } from './process-tree.ts';

/** What a part of the system holds at one instant. */
export interface PartSize {
  bytes: number;
  processes: number;
}

/**
 * What every part below this process holds now, and every container.
 * @param containers their first processes, by the name that they are reported under
 */
export async function sampleParts(
  containers: ReadonlyMap<string, number> = new Map(),
): Promise<Map<string, PartSize>> {
  const parts = new Map<string, PartSize>();
  const add = async (pid: number, part: string) => {
    const bytes = await proportionalSetSize(pid);
    if (bytes === 0) return;
    const { bytes: sum = 0, processes = 0 } = parts.get(part) ?? {};
    parts.set(part, { bytes: sum + bytes, processes: processes + 1 });
  };
  const all = await processTable();
  const own = await descendants(process.pid, all);
  const contained = await Promise.all(
    [...containers].map(async ([part, root]) =>
      [root, ...(await descendants(root, all)).map(({ pid }) => pid)].map((pid) => ({ pid, part })),
    ),
  );
  await Promise.all([
    ...own.map(({ pid, command }) => add(pid, partOf(command))),
    ...contained.flat().map(({ pid, part }) => add(pid, part)),
  ]);
  return parts;
}
