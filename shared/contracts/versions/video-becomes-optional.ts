/**
 * To version 2 of the messages that describe a source: `media.video` is absent where the source is sound alone. Whatever
 * was written before has one, so it stays as it is.
 */
export const videoBecomesOptional = (data: unknown): unknown => data;
