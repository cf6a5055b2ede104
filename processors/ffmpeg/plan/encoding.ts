import type { EncodeSpec } from '@transcodeflow/shared/contracts/encode-specs.ts';
import type { ChunkWindow } from './chunk-window.ts';

/** What one run encodes: a whole file, or the pictures of a part of it. */
export type Encoding = EncodeSpec & { window?: ChunkWindow };
