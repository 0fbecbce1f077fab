/** Which of some groups have to come before which: a bit for each pair. Groups may become one. */
export class Precedence {
  readonly #words: number
  /** `#before[i]`: the groups that come before group i; undefined where it has become part of another. */
  readonly #before: (Uint32Array | undefined)[] = []

  constructor(size: number) {
    this.#words = Math.ceil(size / 32)
  }

  /** Adds the next group, behind some others and all that come before those. Returns its number. */
  add(behind: Iterable<number>): number {
    const before = new Uint32Array(this.#words)
    for (const other of behind) this.#include(before, other)
    return this.#before.push(before) - 1
  }

  comesBefore(first: number, second: number): boolean {
    const before = this.#before[second]
    return before !== undefined && has(before, first)
  }

  /** Whether two groups can be one: nothing has to come behind the one and before the other. */
  canJoin(a: number, b: number): boolean {
    const [first, second] = this.comesBefore(a, b) ? [a, b] : [b, a]
    if (!this.comesBefore(first, second)) return true
    return this.#before.every(
      (_, between) =>
        between === first ||
        between === second ||
        !this.comesBefore(between, second) ||
        !this.comesBefore(first, between),
    )
  }

  /** Makes `b` part of `a`, which must be allowed. */
  join(a: number, b: number): void {
    const joint = this.#bits(a)
    unite(joint, this.#bits(b))
    clear(joint, a)
    clear(joint, b)
    this.#before[b] = undefined
    for (const before of this.#before) {
      if (before === undefined || before === joint) continue
      if (!has(before, a) && !has(before, b)) continue
      clear(before, b)
      this.#include(before, a)
    }
  }

  #include(before: Uint32Array, other: number): void {
    unite(before, this.#bits(other))
    before[other >> 5] |= 1 << (other & 31)
  }

  #bits(group: number): Uint32Array {
    const bits = this.#before[group]
    if (bits === undefined) throw new Error(`group ${group} is part of another`)
    return bits
  }
}

const has = (bits: Uint32Array, i: number): boolean => ((bits[i >> 5] >>> (i & 31)) & 1) === 1

function clear(bits: Uint32Array, i: number): void {
  bits[i >> 5] &= ~(1 << (i & 31))
}

function unite(bits: Uint32Array, others: Uint32Array): void {
  for (let word = 0; word < bits.length; word++) bits[word] |= others[word]
}
