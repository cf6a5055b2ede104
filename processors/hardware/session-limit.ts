/**
 * NVENC refuses sessions beyond its limit: consumer cards by the driver's count (`incompatible client key` before driver
 * 530), all of them by memory. Capacity, which says nothing about the video nor about the machine an hour later.
 */
export const isSessionLimit = (log: string): boolean =>
  /OpenEncodeSessionEx failed: (out of memory|incompatible client key)/.test(log);
