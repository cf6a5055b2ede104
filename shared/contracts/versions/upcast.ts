/** Turns data of one version into data of the next. Pure: it runs on every read of an old event. */
export type Upcaster = (data: unknown) => unknown;

/**
 * The history of one message type: the upcaster at index 0 leads from version 1 to version 2, and so on. Its length
 * says which version is current, so there can be no version without the way to it.
 */
export type Upcasters = Upcaster[];

export const currentVersion = (upcasters: Upcasters): number => upcasters.length + 1;

/**
 * Brings data of any published version to the current one.
 * @throws {NewerVersionError} for a version that this program does not know yet
 * @throws {RangeError} for what is no version
 */
export function upcast(type: string, upcasters: Upcasters, version: number, data: unknown): unknown {
  if (!Number.isInteger(version) || version < 1) throw new RangeError(`${type} has no version ${version}`);
  if (version > currentVersion(upcasters))
    throw new NewerVersionError(type, version, currentVersion(upcasters));
  return upcasters.slice(version - 1).reduce((older, toNext) => toNext(older), data);
}

export class NewerVersionError extends Error {
  override name = 'NewerVersionError';
  constructor(type: string, version: number, known: number) {
    super(
      `${type} was written in version ${version}, this program knows versions up to ${known}: ` +
        'update the readers before the writers',
    );
  }
}
