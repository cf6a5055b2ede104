import { z } from 'zod';

/** Work classes, each a topic of its own; higher first, lower never starved. */
export const Priority = z.enum(['high', 'normal', 'low']).meta({
  id: 'Priority',
  description: 'Work classes, each a topic of its own; higher first, lower never starved.',
});
export type Priority = z.infer<typeof Priority>;
