import { expect, test } from 'vitest'
import type { Backend } from './backend.ts'
import { committedPrograms, committedVectors } from './committedVectors.ts'
import { proveBackend, provenBackend } from './conformance.ts'
import { native } from './native/native.ts'
import { provePrograms } from './provePrograms.ts'
import { reference } from './reference/index.ts'

const failures = async (backend: Backend): Promise<(string | undefined)[]> =>
  (await provePrograms(backend, committedPrograms())).map(({ failure }) => failure)

test('the reference proves them', async () => {
  expect(await failures(reference)).toEqual([undefined, undefined, undefined])
})

/** Right on every node alone; what a task of several nodes writes has one bit flipped. */
function wrongWhereFused(): Backend {
  const honest = native()
  return {
    ...honest,
    compile: async (plan) => {
      const executable = await honest.compile(plan)
      return {
        ...executable,
        read: (slot) => executable.read(slot),
        write: (slot, words) => executable.write(slot, words),
        roots: (slots) => executable.roots(slots),
        close: () => executable.close(),
        run: async (from, to, context) => {
          const roots: Uint8Array[] = []
          for (let i = from; i < to; i++) {
            roots.push(await executable.run(i, i + 1, context))
            const { nodes, outputs } = plan.tasks[i]
            if (nodes.length < 2) continue
            const words = await executable.read(outputs[0])
            words[0] ^= 1
            await executable.write(outputs[0], words)
          }
          return new Uint8Array(Buffer.concat(roots))
        },
      }
    },
  }
}

test('fusion that changes a bit is seen, and what is not fused is right', async () => {
  const wrong = wrongWhereFused()
  const rows = await proveBackend(wrong, committedVectors())
  expect(rows.filter(({ failure }) => failure !== undefined)).toEqual([])
  for (const failure of await failures(provenBackend(wrong, rows, reference)))
    expect(failure).toContain('the state root after the last step')
  const unfused = provenBackend(wrong, rows, reference, false)
  expect(await failures(unfused)).toEqual([undefined, undefined, undefined])
})

test('a backend that throws is refused with its words', async () => {
  const compile = () => Promise.reject(new Error('out of paper'))
  expect(await failures({ ...reference, name: 'broken', compile })).toEqual(
    Array(3).fill('out of paper'),
  )
})
