/** Which topics one subscription has paused. */
export class TopicGate {
  readonly #paused = new Set<string>();
  readonly #resumes = new Map<string, number>();

  isPaused(topic: string): boolean {
    return this.#paused.has(topic);
  }

  pause(topic: string): void {
    this.#paused.add(topic);
  }

  resume(topic: string): void {
    this.#paused.delete(topic);
    this.#resumes.set(topic, this.#resumesOf(topic) + 1);
  }

  /**
   * Call before a batch is handed over; call the answer when fewer messages than offered were taken. It pauses
   * the topic, unless `resume()` came while the handler was still returning: a slot that became free in that
   * gap would otherwise be forgotten and the topic stay paused for ever.
   * @returns pauses the topic if nothing resumed it meanwhile; true when it is paused now
   */
  watch(topic: string): () => boolean {
    const before = this.#resumesOf(topic);
    return () => {
      if (this.#resumesOf(topic) === before) this.pause(topic);
      return this.isPaused(topic);
    };
  }

  #resumesOf(topic: string): number {
    return this.#resumes.get(topic) ?? 0;
  }
}
