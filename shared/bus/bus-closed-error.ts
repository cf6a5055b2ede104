/** The bus, or the subscription a message waited for, was closed before the message was taken: publish it again. */
export class BusClosedError extends Error {
  override readonly name = 'BusClosedError';
}
