import { z } from 'zod';

/** An object in the object store, named by its key. */
export const ObjectRef = z
  .object({
    key: z.string().min(1),
    size_bytes: z.number().int().nonnegative(),
    content_type: z.string(),
  })
  .meta({ id: 'ObjectRef', description: 'An object in the object store, named by its key.' });
export type ObjectRef = z.infer<typeof ObjectRef>;
