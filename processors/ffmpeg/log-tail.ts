/** Keeps the end of a log in bounded memory, cut at a line. */
export class LogTail {
  readonly #limit: number;
  #text = '';
  #cut = false;

  /** @param limit characters kept */
  constructor(limit = 8192) {
    this.#limit = limit;
  }

  add(chunk: string): void {
    this.#text += chunk;
    if (this.#text.length <= this.#limit * 2) return;
    this.#text = this.#text.slice(-this.#limit);
    this.#cut = true;
  }

  toString(): string {
    const tail = this.#text.slice(-this.#limit).trimEnd();
    if (!this.#cut && this.#text.length <= this.#limit) return tail;
    return `…\n${tail.slice(tail.indexOf('\n') + 1)}`;
  }
}
