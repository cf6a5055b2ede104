/** One `publish` call: settles once every group has taken each of its messages, or one of them never will. */
export class Delivery {
  readonly #settled = Promise.withResolvers<void>();
  #open = 1;

  /** @param count copies (messages × groups) that have yet to be taken */
  expect(count: number): void {
    this.#open += count;
  }

  taken(): void {
    this.#open -= 1;
    if (this.#open === 0) this.#settled.resolve();
  }

  refused(error: Error): void {
    this.#settled.reject(error);
  }

  /** Call once, when every copy has been handed to its queue. */
  finish(): Promise<void> {
    this.taken();
    return this.#settled.promise;
  }
}
