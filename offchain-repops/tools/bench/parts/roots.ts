import { readFileSync } from 'node:fs'
import { BACKENDS } from '../../../src/backends/byName.ts'
import { openCuda } from '../../../src/backends/cuda/openCuda.ts'
import { stubDriver } from '../../../src/backends/cuda/stubDriver.ts'
import { openDevice, webgpu } from '../../../src/backends/webgpu/index.ts'
import { transformerJob } from '../../../src/models/transformer.ts'
import type { Part } from '../part.ts'
import { rootRows, type Contender } from '../rootRows.ts'

/** One root: the demonstration's training job on every backend and instruction set of this machine. */
export const part: Part = async function* ({ quick, threads: counts }) {
  const text = readFileSync(new URL('../../../data/licences.txt', import.meta.url))
  const [steps, interval] = quick ? [2, 1] : [12, 4]
  const job = transformerJob({ text, steps, interval, seed: 0x0123456789abcdefn })
  const threads = Math.max(...counts)
  const contenders = BACKENDS.map((entry): Contender => {
    const { name } = entry
    if (name === 'webgpu') return { name, open: openWebGpu }
    return { name, open: async () => ({ backend: await entry.open({ threads }) }) }
  })
  const stub: Contender = {
    name: 'cuda on a stub driver',
    open: () => Promise.resolve().then(() => ({ backend: openCuda(stubDriver().path) })),
  }
  yield* rootRows(job, [...contenders, stub], (name, reason) => {
    console.error(`${name}: ${reason instanceof Error ? reason.message : String(reason)}`)
  })
}

/** A device that nobody closes would keep the process alive. */
async function openWebGpu() {
  const opened = await openDevice()
  const close = (): void => {
    opened.close()
  }
  return { backend: await webgpu(opened.device), close }
}
