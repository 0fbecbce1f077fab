import type { EngineHost } from '../../src/backends/engine/host.ts'

/**
 * What a host asked of the engine and what it answered, as bytes that native/test/replay.cc runs again on any
 * processor. One session at a time. Numbers are little-endian.
 */
export class Recording {
  readonly #parts: Uint8Array[] = []
  #isOpen = false

  get bytes(): Uint8Array {
    return Buffer.concat(this.#parts)
  }

  /** Says what follows shows; printed where an answer differs. */
  label(text: string): void {
    const bytes = new TextEncoder().encode(text)
    this.#add('l', uint32s(bytes.length), bytes)
  }

  /** keccak-256 of messages of one length and its answer. */
  keccak(length: number, messages: Uint8Array, digests: Uint8Array): void {
    this.#add('k', uint32s(length, messages.length / length), messages, digests)
  }

  /** A host that does what `host` does and keeps account of it. */
  of<Session>(host: EngineHost<Session>): EngineHost<Session> {
    return {
      open: () => {
        if (this.#isOpen) throw new Error('a recording holds one session at a time')
        this.#isOpen = true
        this.#add('o')
        return host.open()
      },
      addMemory: (session, words, constant) => {
        this.#add('m', float64s(words), Uint8Array.of(constant))
        host.addMemory(session, words, constant)
      },
      addSlot: (session, memory, offset, count) => {
        this.#add('s', float64s(memory, offset, count))
        host.addSlot(session, memory, offset, count)
      },
      addTask: (session, numbers) => {
        this.#add('t', uint32s(numbers.length), float64s(...numbers))
        host.addTask(session, numbers)
      },
      write: (session, slot, words) => {
        this.#add('w', uint32s(slot), bytesOf(words))
        host.write(session, slot, words)
      },
      read: (session, slot, words) => {
        host.read(session, slot, words)
        this.#add('r', uint32s(slot), bytesOf(words))
      },
      run: async (session, from, to, step, seed) => {
        const roots = await host.run(session, from, to, step, seed)
        const context = [float64s(from, to, step), bytesOf(BigUint64Array.of(seed))]
        this.#add('x', ...context, uint32s(roots.length), roots)
        return roots
      },
      roots: async (session, slots) => {
        const roots = await host.roots(session, slots)
        slots.forEach((slot, i) => {
          this.#add('h', uint32s(slot), roots.subarray(32 * i, 32 * i + 32))
        })
        return roots
      },
      close: (session) => {
        this.#isOpen = false
        this.#add('c')
        host.close(session)
      },
    }
  }

  #add(command: string, ...parts: readonly Uint8Array[]): void {
    this.#parts.push(
      Uint8Array.of(command.charCodeAt(0)),
      ...parts.map((part) => Uint8Array.from(part)),
    )
  }
}

const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength)
const uint32s = (...numbers: readonly number[]): Uint8Array => bytesOf(Uint32Array.from(numbers))
const float64s = (...numbers: readonly number[]): Uint8Array => bytesOf(Float64Array.from(numbers))
