import { z } from 'zod';
import { ObjectRef } from './object-ref.ts';

/** How a picture of the client's lies on each rendition. */
export const WatermarkLook = z.strictObject({
  position: z
    .enum(['top-left', 'top-right', 'bottom-left', 'bottom-right', 'center'])
    .default('bottom-right'),
  width: z.number().min(0.02).max(1).default(0.15).describe("Share of the video's width."),
  margin: z.number().min(0).max(0.25).default(0.03).describe('To the edges, as a share of the short side.'),
  opacity: z.number().min(0.05).max(1).default(1),
});
export type WatermarkLook = z.infer<typeof WatermarkLook>;

export const Watermark = WatermarkLook.extend({ image: ObjectRef }).meta({ id: 'Watermark' });
export type Watermark = z.infer<typeof Watermark>;
