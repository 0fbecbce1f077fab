import type { EngineHost } from '../engine/host.ts'
import { webAssembly, type WasmModule } from './webAssembly.ts'

/** An address in the instance's memory; 0 is none. */
type Address = number

/** What native/binding/wasm.cc exports. */
interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer }
  _initialize(): void
  sources(): Address
  renew(): void
  take(bytes: number): Address
  give(memory: Address): void
  addMemory(words: number, constant: number): Address
  addSlot(memory: number, offset: number, count: number): Address
  addTask(numbers: Address, length: number): Address
  slots(): number
  slotWords(slot: number): Address
  slotCount(slot: number): number
  written(slot: number): void
  commits(from: number, to: number): number
  run(from: number, to: number, step: number, seed: bigint, roots: Address): void
  root(slot: number, into: Address): void
}

/** Every open session has an instance of its own. */
export interface WasmSession {
  exports: Exports | undefined
}

/** The memory of an instance goes when a garbage collector finds it unused, so that it is better used again. */
const MOST_IDLE = 2

export interface WasmHost extends EngineHost<WasmSession> {
  /** Digest of what the module was compiled from. */
  readonly sources: string
  /** Lets go of memory that waits for the next session. */
  forget(): void
}

/** Runs the engine in linear memory, in the thread of the caller. Wrong numbers throw an Error. */
export function wasmHost(module: WasmModule): WasmHost {
  let idle: Exports[] = []
  const engineOf = (): Exports => {
    const engine = untilTrap(new webAssembly.Instance(module).exports as Exports)
    engine._initialize()
    return engine
  }
  const first = engineOf()
  idle.push(first)

  return {
    sources: textAt(first, first.sources()) ?? '',

    forget: () => {
      idle = []
    },

    open: () => ({ exports: idle.pop() ?? engineOf() }),

    addMemory(session, words, constant) {
      const engine = exportsOf(session)
      const problem = textAt(engine, engine.addMemory(words, constant))
      if (problem !== undefined) throw new Error(`${problem} for ${words} words in WebAssembly`)
    },

    addSlot(session, memory, offset, count) {
      const engine = exportsOf(session)
      check(textAt(engine, engine.addSlot(memory, offset, count)))
    },

    addTask(session, numbers) {
      const engine = exportsOf(session)
      const address = take(engine, 8 * numbers.length)
      new Float64Array(engine.memory.buffer, address, numbers.length).set(numbers)
      const problem = textAt(engine, engine.addTask(address, numbers.length))
      engine.give(address)
      check(problem)
    },

    read(session, slot, words) {
      words.set(slotWords(exportsOf(session), slot, words.length))
    },

    write(session, slot, words) {
      const engine = exportsOf(session)
      slotWords(engine, slot, words.length).set(words)
      engine.written(slot)
    },

    run(session, from, to, step, seed) {
      const engine = exportsOf(session)
      const roots = engine.commits(from, to)
      if (roots < 0) throw new Error(`no tasks ${from} to ${to}`)
      return digests(engine, roots, (address) => {
        engine.run(from, to, step, BigInt.asIntN(64, seed), address)
      })
    },

    roots(session, slots) {
      const engine = exportsOf(session)
      slots.forEach((slot) => {
        checkSlot(engine, slot)
      })
      return digests(engine, slots.length, (address) => {
        slots.forEach((slot, i) => {
          engine.root(slot, address + 32 * i)
        })
      })
    },

    close(session) {
      const engine = session.exports
      session.exports = undefined
      if (engine === undefined || idle.length >= MOST_IDLE) return
      try {
        engine.renew()
        idle.push(engine)
      } catch {
        // It trapped, before or now: it is not used again.
      }
    },
  }
}

/**
 * Exports that all throw after one of them threw: the module imports nothing, so that was a trap, which leaves its
 * stack and whatever it was writing as they were.
 */
function untilTrap(exports: Exports): Exports {
  let trap: unknown
  const guarded = Object.entries(exports).map(([name, value]: [string, unknown]) => {
    if (typeof value !== 'function') return [name, value]
    const call = (...operands: readonly unknown[]): unknown => {
      if (trap !== undefined) throw new Error('the WebAssembly instance trapped', { cause: trap })
      try {
        return Reflect.apply(value, undefined, operands)
      } catch (error) {
        trap = error
        throw error
      }
    }
    return [name, call]
  })
  return Object.fromEntries(guarded) as Exports
}

function exportsOf({ exports }: WasmSession): Exports {
  if (exports === undefined) throw new Error('the session is closed')
  return exports
}

function take(engine: Exports, bytes: number): Address {
  const address = engine.take(bytes)
  if (address === 0 && bytes > 0) throw new Error(`no memory for ${bytes} bytes in WebAssembly`)
  return address >>> 0
}

/** `count` digests of 32 bytes, written by `compute` from the given address on. */
function digests(engine: Exports, count: number, compute: (address: Address) => void): Uint8Array {
  const address = take(engine, 32 * count)
  compute(address)
  const bytes = new Uint8Array(engine.memory.buffer, address, 32 * count).slice()
  engine.give(address)
  return bytes
}

function checkSlot(engine: Exports, slot: number): void {
  if (!(Number.isInteger(slot) && slot >= 0 && slot < engine.slots()))
    throw new Error(`no slot ${slot}`)
}

/** A view of a slot's words, good until the instance takes memory. */
function slotWords(engine: Exports, slot: number, count: number): Int32Array {
  checkSlot(engine, slot)
  const actual = engine.slotCount(slot)
  if (actual !== count) throw new Error(`slot ${slot} has ${actual} words, not ${count}`)
  return new Int32Array(engine.memory.buffer, engine.slotWords(slot) >>> 0, count)
}

/** The text that ends with a zero byte at an address. */
function textAt(engine: Exports, address: Address): string | undefined {
  if (address === 0) return undefined
  const bytes = new Uint8Array(engine.memory.buffer, address >>> 0)
  return String.fromCharCode(...bytes.subarray(0, bytes.indexOf(0)))
}

function check(problem: string | undefined): void {
  if (problem !== undefined) throw new Error(problem)
}
