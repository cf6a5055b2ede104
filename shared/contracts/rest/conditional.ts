import { z } from 'zod';
import { empty } from './answers.ts';

export const ETag = z.string().describe('Of these very bytes, for If-None-Match.');

/** Headers of a call that answers 304 to those who have the answer already. */
export const conditional = z.object({
  'If-None-Match': z.string().optional().describe('ETags that you have: 304 where nothing has changed.'),
});

export const unchanged = empty('You have it already (If-None-Match).', z.object({ ETag }));
