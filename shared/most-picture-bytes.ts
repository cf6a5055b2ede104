/** Of a thumbnail or watermark that a client brings along. */
export const MOST_PICTURE_BYTES = 50 * 1024 * 1024;
