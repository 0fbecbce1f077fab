import type { Plan, Slot } from '../../execute/plan/types.ts'
import { inSlices } from '../../inSlices.ts'
import type { Backend, Executable, StepContext } from '../backend.ts'
import { encodeTask } from './encodeTask.ts'
import { engineNeeds } from './engineNeeds.ts'
import type { EngineHost } from './host.ts'

/** A backend that runs plans in the C++ engine, on so many threads. */
export function engineBackend<Session>(
  name: string,
  host: EngineHost<Session>,
  threads = 1,
): Backend {
  return {
    name,
    fuses: true,
    needs: (plan) => engineNeeds(plan, threads),
    compile: (plan) => EngineExecutable.compile(host, plan),
    close: () => Promise.resolve(),
  }
}

const STEP_MEMORY = 0
const ARENA_MEMORY = 1

class EngineExecutable<Session> implements Executable {
  readonly #host: EngineHost<Session>
  readonly #session: Session
  readonly #slots: readonly Slot[]

  static async compile<Session>(host: EngineHost<Session>, plan: Plan): Promise<Executable> {
    const session = host.open()
    try {
      await inSlices(filling(host, session, plan))
      return new EngineExecutable(host, session, plan)
    } catch (error) {
      host.close(session)
      throw error
    }
  }

  private constructor(host: EngineHost<Session>, session: Session, plan: Plan) {
    this.#host = host
    this.#session = session
    this.#slots = plan.slots
  }

  async run(from: number, to: number, { step, seed }: StepContext): Promise<Uint8Array> {
    return await this.#host.run(this.#session, from, to, step, seed)
  }

  read(slot: number): Promise<Int32Array> {
    return Promise.resolve().then(() => {
      const words = new Int32Array(this.#slots[slot].count)
      this.#host.read(this.#session, slot, words)
      return words
    })
  }

  write(slot: number, words: Int32Array): Promise<void> {
    return Promise.resolve().then(() => {
      this.#host.write(this.#session, slot, words)
    })
  }

  async roots(slots: readonly number[]): Promise<Uint8Array> {
    return await this.#host.roots(this.#session, Float64Array.from(slots))
  }

  close(): Promise<void> {
    this.#host.close(this.#session)
    return Promise.resolve()
  }
}

/** Tells a session all of a plan, slot by slot and task by task. */
function* filling<Session>(
  host: EngineHost<Session>,
  session: Session,
  plan: Plan,
): Generator<void, void> {
  host.addMemory(session, 1, 0)
  host.addMemory(session, plan.arenaWords, 0)
  const memories = new Map<string, number>()
  for (const { place, count } of plan.slots) {
    yield
    if (place.kind === 'arena') {
      host.addSlot(session, ARENA_MEMORY, place.offset, count)
      continue
    }
    const key = memoryKey(place)
    let memory = place.kind === 'step' ? STEP_MEMORY : memories.get(key)
    if (memory === undefined) {
      memory = ARENA_MEMORY + 1 + memories.size
      memories.set(key, memory)
      host.addMemory(session, count, place.kind === 'state' ? 0 : 1)
    }
    host.addSlot(session, memory, 0, count)
  }
  for (const [slot, { place }] of plan.slots.entries()) {
    if (place.kind === 'immediate') host.write(session, slot, Int32Array.of(place.bits))
    yield
  }
  for (const task of plan.tasks) {
    host.addTask(session, encodeTask(task))
    yield
  }
}

/** Slots of the same state, constant or immediate share a memory. */
function memoryKey(place: Exclude<Slot['place'], { kind: 'arena' }>): string {
  if (place.kind === 'step') return 'step'
  return `${place.kind} ${place.kind === 'immediate' ? place.bits : place.ref}`
}
