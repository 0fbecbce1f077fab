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
  rootOfList,
  stateRoot,
  Tensor,
  tensorRoot,
  writeProgramFile,
} from '@lockstep/repops'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { answering } from '../testing/contracts.ts'
import { CLAIM, job, small } from '../testing/rows.ts'
import { setStage, type Stage } from '../testing/stage.ts'
import type { Rows } from '../testing/store.ts'

// A store as keepers run it, with a program that keeps a history of losses, and its final state.
const STEPS = 300
const losses = Tensor.f32(Array.from({ length: STEPS }, (_, i) => 4 / (1 + i / 16)))
const folder = mkdtempSync(join(tmpdir(), 'lockstep-loss-'))
const [PENDING, UPHELD, VOID] = [1, 2, 3]
let store: Awaited<ReturnType<typeof serve>>
let stage: Stage
let rows: Rows
// What the contracts say of the claim.
const onChain = { status: UPHELD, finalStateRoot: '' }
const AI = 10n ** 18n

beforeAll(async () => {
  const graph = new Graph()
  const history = graph.state(LOSS_HISTORY, 'f32', [STEPS])
  graph.setNext(history, graph.iota(STEPS).eq(graph.step()).where(graph.step().i2f(), history))
  const program = encodeProgram(graph.program())
  const files = new FolderStore(folder)
  const { root, nodes, states } = commitProgram(program)
  files.put({ kind: 'programs', root }, writeProgramFile(program))
  const finalStateRoot = stateRoot([losses])
  files.put({ kind: 'lists', root: finalStateRoot }, packHashes([tensorRoot(losses)]))
  files.put({ kind: 'tensors', root: tensorRoot(losses) }, leavesOf(losses))
  onChain.finalStateRoot = finalStateRoot
  const log = createLog('silent', 'test')
  store = await serve({ port: 0, host: '127.0.0.1', folder: files, maxBytes: 1 << 20, log })
  const answer = answering({
    jobs: () => ({ status: 4, claim: BigInt(CLAIM), reward: 100n * AI, stake: 1000n * AI }),
    statusOf: () => onChain.status,
    claimOf: () => ({ finalStateRoot: onChain.finalStateRoot }),
    computationOf: () => ({
      ...{ nodesRoot: nodes.root, statesRoot: states.root, constantEntriesRoot: rootOfList([]) },
      ...{ nodes: nodes.count, states: states.count, constants: 0 },
    }),
  })
  // The index is wrong about the program.
  rows = {
    ...small,
    Job: [job(1, { status: 'SETTLED', claim: CLAIM })],
    Claim: [{ ...small['Claim']![0], status: 'UPHELD', finalStateRoot }],
  }
  stage = await setStage(rows, { artifacts: [store.url], answer })
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
  expect(await page.locator('.chart path.line-0').getAttribute('d')).toMatch(/^M\d+(\.\d+)?,12L/)
  expect(errors).toEqual([])
  expect(await findings()).toEqual([])
  expect(await shift()).toBeLessThan(0.02)
  await screenshot('job-loss')
  await close()
})

test('a claim that was voided is no result, however well it hashes', async () => {
  onChain.status = VOID
  const { page, findings, screenshot, close } = await stage.open('/jobs/1')
  await page.getByText('Void: this is what was claimed').waitFor()
  await page.getByText('Claim: void on the chain, not void here').waitFor()
  expect(await page.getByText('Checked against').count()).toBe(0)
  expect(await findings()).toEqual([])
  await screenshot('job-loss-void')
  onChain.status = PENDING
  stage.indexer.set(rows)
  await page.getByText('The claim itself can still be disputed').waitFor()
  await close()
  onChain.status = UPHELD
})

test('without a chain nothing is checked, whatever the index says', async () => {
  const { page, close } = await stage.open('/')
  await page.route(`${stage.rpc.url}/**`, (route) => route.abort())
  await page.goto(`${stage.url}#/jobs/1`)
  await page.getByText('The chain does not say what was claimed').waitFor()
  expect(await page.locator('.chart').count()).toBe(0)
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
