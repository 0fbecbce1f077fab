import { createLog } from '../../keepers/src/log.ts'
import { FolderStore } from '../../keepers/src/store/folder.ts'
import { serve } from '../../keepers/src/store/server.ts'
import { leavesOf } from '../../keepers/src/store/tensors.ts'
import {
  commitProgram,
  encodeProgram,
  Graph,
  LOSS_HISTORY,
  packHashes,
  stateRoot,
  Tensor,
  tensorRoot,
  writeProgramFile,
} from '@lockstep/repops'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { job, small } from '../testing/rows.ts'
import { setStage, type Stage } from '../testing/stage.ts'

// A store as keepers run it, with a program that keeps a history of losses, and its final state.
const STEPS = 300
const losses = Tensor.f32(Array.from({ length: STEPS }, (_, i) => 4 / (1 + i / 16)))
const folder = mkdtempSync(join(tmpdir(), 'lockstep-loss-'))
let store: Awaited<ReturnType<typeof serve>>
let stage: Stage
let roots: { program: string; finalStateRoot: string }

beforeAll(async () => {
  const graph = new Graph()
  const history = graph.state(LOSS_HISTORY, 'f32', [STEPS])
  graph.setNext(history, graph.iota(STEPS).eq(graph.step()).where(graph.step().i2f(), history))
  const program = encodeProgram(graph.program())
  const files = new FolderStore(folder)
  const program0 = commitProgram(program).root
  files.put({ kind: 'programs', root: program0 }, writeProgramFile(program))
  const finalStateRoot = stateRoot([losses])
  files.put({ kind: 'lists', root: finalStateRoot }, packHashes([tensorRoot(losses)]))
  files.put({ kind: 'tensors', root: tensorRoot(losses) }, leavesOf(losses))
  roots = { program: program0, finalStateRoot }
  const log = createLog('silent', 'test')
  store = await serve({ port: 0, host: '127.0.0.1', folder: files, maxBytes: 1 << 20, log })
  const [computation] = small['Computation']!
  stage = await setStage(
    {
      ...small,
      Computation: [{ ...computation, program: roots.program }],
      Job: [job(1, { status: 'SETTLED', finalStateRoot: roots.finalStateRoot })],
    },
    { artifacts: [store.url] },
  )
})
afterAll(async () => {
  await stage.close()
  await store.close()
  rmSync(folder, { recursive: true, force: true })
})

test('the loss curve is drawn from artifacts that are checked against the claim', async () => {
  const { page, errors, screenshot, findings, shift, close } = await stage.open('/jobs/1')
  await page.getByText('Checked against the claim’s root').waitFor()
  await page.getByText('As a table').click()
  const row = (step: number) => page.getByRole('row', { name: new RegExp(`^${step} `) })
  expect(await row(1).innerText()).toMatch(/^1\s+4\.000$/)
  expect(await row(17).innerText()).toMatch(/^17\s+2\.000$/)
  await page.getByText('As a table').click()
  expect(await page.locator('.chart path.line-0').getAttribute('d')).toMatch(/^M56,/)
  expect(errors).toEqual([])
  expect(await findings()).toEqual([])
  expect(await shift()).toBeLessThan(0.02)
  await screenshot('job-loss')
  await close()
})

test('one wrong bit in a store, and the curve is not drawn', async () => {
  const file = join(folder, 'tensors', tensorRoot(losses))
  const lied = leavesOf(losses)
  lied[0] ^= 1
  writeFileSync(file, lied)
  const { page, close } = await stage.open('/jobs/1')
  await page.getByText('The curve cannot be drawn now, nor checked').waitFor()
  expect(await page.locator('main').innerText()).toContain('serves other bytes, whose root is 0x')
  expect(await page.locator('.chart').count()).toBe(0)
  await close()
})
