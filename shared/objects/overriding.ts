import type { ObjectStore } from './object-store.ts';

/** A store of which some calls behave otherwise; all others reach `objects`. Its files do not count as in place. */
export const overriding = (objects: ObjectStore, other: Partial<ObjectStore>): ObjectStore => ({
  put: (...call) => objects.put(...call),
  get: (...call) => objects.get(...call),
  head: (...call) => objects.head(...call),
  list: (...call) => objects.list(...call),
  remove: (...call) => objects.remove(...call),
  removeUnfinished: (...call) => objects.removeUnfinished(...call),
  localFile: (...call) => objects.localFile(...call),
  putFile: (...call) => objects.putFile(...call),
  copy: (...call) => objects.copy(...call),
  ping: () => objects.ping(),
  close: () => objects.close(),
  ...other,
});
