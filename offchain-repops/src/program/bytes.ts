/** Little-endian reading and writing of the fields that encodings are made of. */

const U40 = 2 ** 40
const I40 = 2 ** 39

/** Reads fields one after the other; `fail` is called (and must throw) when the bytes run out. */
export class ByteReader {
  readonly #view: DataView
  readonly #fail: (what: string) => never
  #at = 0

  constructor(bytes: Uint8Array, fail: (what: string) => never) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    this.#fail = fail
  }

  get left(): number {
    return this.#view.byteLength - this.#at
  }

  u8(): number {
    return this.#view.getUint8(this.#take(1))
  }

  u16(): number {
    return this.#view.getUint16(this.#take(2), true)
  }

  u32(): number {
    return this.#view.getUint32(this.#take(4), true)
  }

  u40(): number {
    const at = this.#take(5)
    return this.#view.getUint32(at, true) + this.#view.getUint8(at + 4) * 2 ** 32
  }

  i40(): number {
    const value = this.u40()
    return value < I40 ? value : value - U40
  }

  bytes(length: number): Uint8Array {
    const at = this.#take(length)
    return new Uint8Array(this.#view.buffer, this.#view.byteOffset + at, length).slice()
  }

  #take(length: number): number {
    const at = this.#at
    if (length > this.left)
      this.#fail(`ends after ${this.#view.byteLength} bytes, ${at + length} or more are needed`)
    this.#at += length
    return at
  }
}

/** Collects fields; refuses a value that its field cannot hold. */
export class ByteWriter {
  readonly #bytes: number[] = []

  u8(value: number): this {
    return this.#put(value, 1, 0)
  }

  u16(value: number): this {
    return this.#put(value, 2, 0)
  }

  u32(value: number): this {
    return this.#put(value, 4, 0)
  }

  u40(value: number): this {
    return this.#put(value, 5, 0)
  }

  i40(value: number): this {
    return this.#put(value, 5, I40)
  }

  finish(): Uint8Array {
    return Uint8Array.from(this.#bytes)
  }

  #put(value: number, width: number, bias: number): this {
    const limit = 2 ** (8 * width)
    if (!Number.isInteger(value) || value < -bias || value >= limit - bias)
      throw new RangeError(`${value} does not fit a field of ${width} bytes`)
    let rest = value < 0 ? value + limit : value
    for (let i = 0; i < width; i++) {
      this.#bytes.push(rest % 256)
      rest = Math.floor(rest / 256)
    }
    return this
  }
}
