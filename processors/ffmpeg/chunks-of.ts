/** execa takes a stream without a file descriptor of its own (as S3's are) only as a generator. */
export async function* chunksOf(stream: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* stream;
}
