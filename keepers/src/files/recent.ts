/** The values that were used last, at most so many. */
export class Recent<K, V> {
  readonly #most: number
  readonly #values = new Map<K, V>()

  constructor(most: number) {
    this.#most = most
  }

  get(key: K): V | undefined {
    const value = this.#values.get(key)
    if (value !== undefined) this.set(key, value)
    return value
  }

  set(key: K, value: V): V {
    this.#values.delete(key)
    this.#values.set(key, value)
    if (this.#values.size > this.#most) {
      for (const oldest of this.#values.keys()) {
        this.#values.delete(oldest)
        break
      }
    }
    return value
  }
}
