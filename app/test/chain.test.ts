import { jobRegistryAbi, verdeAbi } from '@lockstep/deployments'
import {
  type Abi,
  decodeFunctionData,
  encodeFunctionResult,
  type Hex,
  zeroAddress,
  zeroHash,
} from 'viem'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { CHALLENGER, DISPUTE, liveDispute, small } from '../testing/rows.ts'
import { ADDRESSES, setStage, type Stage } from '../testing/stage.ts'

// What a node answers of dispute and job: like the index at first.
const turn = liveDispute['turn'] as { deadline: number }
const onChain = { disputeStatus: 2, solver: false, deadline: turn.deadline, jobStatus: 3 }
const asked: unknown[] = []

function answer(method: string, params: unknown): Hex | undefined {
  if (method !== 'eth_call') return undefined
  const [{ to, data }] = params as [{ to: string; data: Hex }]
  const abi = (to.toLowerCase() === ADDRESSES.verde ? verdeAbi : jobRegistryAbi) as Abi
  const { functionName, args } = decodeFunctionData({ abi, data })
  asked.push([functionName, args])
  const result = {
    disputeOf: [0n, 0, CHALLENGER, onChain.disputeStatus, 0, zeroHash],
    owedBy: [onChain.solver, onChain.deadline],
    jobs: {
      ...{ status: onChain.jobStatus, cancelling: false, submitter: zeroAddress, takenAt: 0 },
      ...{ deadline: 0, vault: zeroAddress, workSeconds: 0, attempt: 0, feeBps: 0, penaltyBps: 0 },
      ...{ reward: 100n * 10n ** 18n, stake: 1000n * 10n ** 18n, computation: zeroHash, claim: 0n },
    },
  }[functionName]
  return encodeFunctionResult({ abi, functionName, result })
}

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

test('a job’s money is read from the chain; where there is none, the last of it stays', async () => {
  const { page, close } = await stage.open('/jobs/2')
  await page.getByText('The chain says the same').waitFor()
  onChain.jobStatus = 4
  stage.indexer.set(small)
  await page.getByText('Status: settled on the chain, claimed here').waitFor()
  await page.route(`${stage.rpc.url}/**`, (route) => route.abort())
  stage.indexer.set(small)
  await page.getByText(/The chain says otherwise, \d+ s ago; it does not answer now/).waitFor()
  await close()
})
