import type { Slot, Task } from '../execute/plan/types.ts'
import type { StepPlan } from '../execute/plan/planStep.ts'
import type { Input } from '../program/types.ts'

/** Whose value some words hold. */
type Content = string

/** The words of one place, as runs that hold the same. */
class Memory {
  #runs: { from: number; to: number; content: Content }[] = []

  write(from: number, to: number, content: Content): void {
    const met = this.#runs.filter((run) => run.from < to && run.to > from)
    if (met.length > 0) this.#runs = this.#runs.filter((run) => !met.includes(run))
    for (const run of met) {
      if (run.from < from) this.#runs.push({ ...run, to: from })
      if (run.to > to) this.#runs.push({ ...run, from: to })
    }
    this.#runs.push({ from, to, content })
  }

  /** What all of the words hold; undefined where they hold different things. */
  read(from: number, to: number): Content | undefined {
    const met = this.#runs.filter((run) => run.from < to && run.to > from)
    return met.length === 1 && met[0].from <= from && met[0].to >= to ? met[0].content : undefined
  }
}

/**
 * Plays a plan without computing anything and throws where a task would read words that do not hold the value which its
 * nodes read, where an output lies on words that the task still needs, or where the step ends with a wrong value in a
 * state or in what was to be kept. Knows nothing of how the plan was made.
 */
export function checkPlan(plan: StepPlan, advance: boolean): void {
  const { program, slots, tasks } = plan
  const memories = new Map<string, Memory>()
  const regionOf = ({ count, place }: Slot): [memory: Memory, from: number, to: number] => {
    const key = place.kind === 'arena' ? 'arena' : JSON.stringify(place)
    const memory = memories.get(key) ?? new Memory()
    memories.set(key, memory)
    const from = place.kind === 'arena' ? place.offset : 0
    return [memory, from, from + count]
  }
  const contentOf = (slot: number): Content | undefined => {
    const [memory, from, to] = regionOf(slots[slot])
    return memory.read(from, to)
  }
  const fill = (slot: number, content: Content): void => {
    const [memory, from, to] = regionOf(slots[slot])
    memory.write(from, to, content)
  }
  const expect = (holds: boolean, what: string): void => {
    if (!holds) throw new Error(what)
  }

  program.states.forEach((_, i) => {
    fill(i, `state ${i}`)
  })
  program.constants.forEach((_, i) => {
    fill(program.states.length + i, `constant ${i}`)
  })
  slots.forEach(({ place, count }, i) => {
    if (place.kind === 'immediate') fill(i, `immediate ${place.bits | 0}`)
    if (place.kind === 'step') fill(i, 'step')
    if (place.kind !== 'arena') return
    expect(place.offset % 256 === 0, `slot ${i} begins at ${place.offset}`)
    expect(place.offset + count <= plan.arenaWords, `slot ${i} ends behind the arena`)
  })

  for (const [index, task] of tasks.entries()) {
    const { kernel, nodes, inputs, outputs } = task
    const made = madeBy(task)
    expect(made.length === outputs.length, `task ${index} makes ${made.length} values`)
    if (kernel.kind === 'copy') {
      const content = contentOf(inputs[0])
      expect(content?.startsWith('node') === true, `task ${index} copies ${content}`)
      fill(outputs[0], String(content))
      continue
    }
    const inside = new Set(nodes)
    const wanted = new Set(
      nodes.flatMap((node) =>
        program.nodes[node].inputs.flatMap((input) =>
          input.kind === 'node' && inside.has(input.ref) ? [] : nameOf(input),
        ),
      ),
    )
    const found = new Set(inputs.map((slot) => String(contentOf(slot))))
    expect(
      [...wanted].every((content) => found.has(content)) &&
        [...found].every((content) => wanted.has(content)),
      `task ${index} (${kernel.kind} of nodes ${nodes.join(', ')}) reads ${[...found].join(', ')}, not ${[...wanted].join(', ')}`,
    )
    outputs.forEach((slot, k) => {
      const [memory, from, to] = regionOf(slots[slot])
      for (const input of inputs) {
        const [other, start, end] = regionOf(slots[input])
        if (other !== memory || end <= from || start >= to) continue
        const isSame = start === from && end === to && kernel.kind === 'rows'
        expect(isSame, `task ${index} writes slot ${slot} over its input ${input}`)
      }
      memory.write(from, to, `node ${made[k]}`)
    })
    outputs.forEach((slot, k) => {
      expect(contentOf(slot) === `node ${made[k]}`, `task ${index} writes slot ${slot} twice`)
    })
  }

  program.states.forEach(({ next }, i) => {
    const wanted = advance && next !== undefined ? `node ${next}` : `state ${i}`
    expect(contentOf(i) === wanted, `state ${i} ends as ${contentOf(i)}, not as ${wanted}`)
  })
  for (const [node, slot] of plan.kept)
    expect(contentOf(slot) === `node ${node}`, `node ${node} is not kept: ${contentOf(slot)}`)
}

function nameOf(input: Input): Content {
  if (input.kind === 'step') return 'step'
  return input.kind === 'immediate' ? `immediate ${input.bits | 0}` : `${input.kind} ${input.ref}`
}

/** The nodes whose outputs a task writes. */
function madeBy({ kernel, nodes }: Task): number[] {
  if (kernel.kind === 'copy') return [-1]
  return kernel.kind === 'rows' ? kernel.stores.map((index) => nodes[index]) : [Math.max(...nodes)]
}
