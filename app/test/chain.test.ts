import { zeroHash } from 'viem'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { answering } from '../testing/contracts.ts'
import { CHALLENGER, CLAIM, DISPUTE, liveDispute, small } from '../testing/rows.ts'
import { setStage, type Stage } from '../testing/stage.ts'

// What a node answers of dispute and job: like the index at first.
const turn = liveDispute['turn'] as { deadline: number }
const onChain = {
  ...{ disputeStatus: 2, solver: false, deadline: turn.deadline, jobStatus: 3, claimStatus: 1 },
  finalStateRoot: `0x${'d2'.repeat(32)}`,
}
const asked: unknown[] = []

const told =
  <Result>(name: string, result: () => Result) =>
  (...args: readonly unknown[]): Result => {
    asked.push([name, args])
    return result()
  }
const answer = answering({
  disputeOf: told('disputeOf', () => [0n, 0, CHALLENGER, onChain.disputeStatus, 0, zeroHash]),
  owedBy: told('owedBy', () => [onChain.solver, onChain.deadline]),
  jobs: told('jobs', () => ({
    ...{ status: onChain.jobStatus, claim: BigInt(CLAIM) },
    ...{ reward: 100n * 10n ** 18n, stake: 1000n * 10n ** 18n },
  })),
  statusOf: told('statusOf', () => onChain.claimStatus),
  claimOf: told('claimOf', () => ({ finalStateRoot: onChain.finalStateRoot })),
  computationOf: told('computationOf', () => ({})),
})

let stage: Stage
beforeAll(async () => {
  stage = await setStage(small, { answer })
})
afterAll(() => stage.close())

test('a dispute’s status and clock are read from the chain, and differences are named', async () => {
  const { page, close, errors } = await stage.open(`/disputes/${DISPUTE}`)
  await page.getByText('The chain says the same').waitFor()
  const position = [1, 2, 3, 4, 5, 6, 7].map((i) => `0x${String(i).padStart(2, '0').repeat(32)}`)
  expect(asked).toContainEqual(['owedBy', [BigInt(DISPUTE), position, { root: zeroHash, time: 0 }]])
  onChain.solver = true
  onChain.deadline += 60
  stage.indexer.set(small) // a block
  await page.getByText('The chain says otherwise').waitFor()
  const said = await page.locator('.chain-check').innerText()
  expect(said).toMatch(/Turn: the solver’s until 2027-\S+ \S+ UTC on the chain, the challenger’s/)
  expect(said).not.toContain('Status')
  onChain.disputeStatus = 3
  stage.indexer.set(small)
  await page.getByText('Status: won on the chain, live here').waitFor()
  expect(errors).toEqual([])
  await close()
})

test('a job’s money and claim are read from the chain; where there is none, the last of it stays', async () => {
  const { page, close } = await stage.open('/jobs/2')
  await page.getByText('The chain says the same').waitFor()
  onChain.jobStatus = 4
  stage.indexer.set(small)
  await page.getByText('Status: settled on the chain, claimed here').waitFor()
  onChain.claimStatus = 3
  onChain.finalStateRoot = zeroHash
  stage.indexer.set(small)
  await page.getByText('Claim: void on the chain, not void here').waitFor()
  await page.getByText(`Final state: ${zeroHash} on the chain, 0xd2d2`).waitFor()
  await page.route(`${stage.rpc.url}/**`, (route) => route.abort())
  stage.indexer.set(small)
  await page.getByText(/The chain says otherwise, \d+ s ago; it does not answer now/).waitFor()
  await close()
})
