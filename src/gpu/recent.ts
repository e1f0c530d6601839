/** Keeps the last few resources that were asked for, by name; the one longest unused makes room for a new one. */
export class Recent<Resource extends { dispose(): void }> {
  readonly #most: number;
  readonly #kept = new Map<string, Resource>();

  /** @param most resources kept. */
  constructor(most: number) {
    this.#most = most;
  }

  /** The resource of this name, made where it is not there. */
  async get(name: string, make: () => Promise<Resource>): Promise<Resource> {
    const kept = this.#kept.get(name);
    if (kept !== undefined) {
      this.#kept.delete(name);
      this.#kept.set(name, kept);
      return kept;
    }
    const made = await make();
    this.#kept.set(name, made);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > this.#most && oldest !== undefined) {
      this.#kept.get(oldest)?.dispose();
      this.#kept.delete(oldest);
    }
    return made;
  }

  dispose(): void {
    for (const resource of this.#kept.values()) resource.dispose();
    this.#kept.clear();
  }
}
