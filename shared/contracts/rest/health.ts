import { z } from 'zod';

export const Alive = z.strictObject({ status: z.literal('ok') }).meta({ id: 'Alive' });

export const Ready = z
  .strictObject({
    status: z.enum(['ok', 'unavailable']),
    checks: z
      .record(z.string(), z.enum(['ok', 'unavailable']))
      .describe('Each thing that the service cannot do without.'),
  })
  .meta({ id: 'Ready' });
