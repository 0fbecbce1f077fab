import { type Program, programCost } from '@lockstep/repops'
import { Random } from '@lockstep/repops/testing'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createLog } from '../log.ts'
import { storeOrder } from '../roles/submitter.ts'
import type { Address } from '../store/artifact.ts'
import { FolderStore } from '../store/folder.ts'
import { Mirror } from '../store/mirror.ts'
import { asOrder, randomJob } from '../testing/jobs.ts'
import { fetchWork, jobBytes } from './work.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lockstep-work-'))
})
afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
})

test('a job takes its states and constants in whole leaves, and the outputs of a step', () => {
  const program: Program = {
    nodes: [],
    states: [{ name: 's', type: 'f32', count: 257, next: undefined }],
    constants: [
      { name: 'a', type: 'f32', count: 1 },
      { name: 'b', type: 'i32', count: 256 },
    ],
  }
  expect(jobBytes(program)).toBe(4 * 1024)
  const { program: real } = randomJob(new Random(12))
  const leaves = [...real.states, ...real.constants].map(({ count }) => Math.ceil(count / 256))
  expect(jobBytes(real)).toBe(
    1024 * leaves.reduce((a, b) => a + b, 0) + programCost(real).graphBytes,
  )
})

test('a job that takes too much is refused before more than its program is fetched', async () => {
  const order = asOrder(randomJob(new Random(12)))
  const store = new FolderStore(join(folder, 'there'))
  const { programRoot, computation } = storeOrder(order, store)
  const asked: string[] = []
  class Watched extends FolderStore {
    override get(address: Address, limit: number): Promise<Uint8Array | undefined> {
      asked.push(address.kind)
      return super.get(address, limit)
    }
  }
  const fetch = (maxBytes: number) => {
    const here = new FolderStore(join(folder, 'here'))
    const mirror = new Mirror(
      here,
      [new Watched(store.folder)],
      2 ** 30,
      createLog('silent', 'test'),
    )
    return fetchWork(mirror, '0x00', programRoot, computation, maxBytes)
  }
  const bytes = jobBytes(randomJob(new Random(12)).program)
  const refused = fetch(bytes - 1)
  await expect(refused).rejects.toMatchObject({ code: 'artifact-too-large' })
  await expect(refused).rejects.toThrow(/--max-job-mib/)
  expect(asked).toEqual(['programs'])
  expect(jobBytes((await fetch(bytes)).job.program)).toBe(bytes)
})
