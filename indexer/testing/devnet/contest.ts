// A contest of a devnet that is decided: of three entries two are scored, by jobs that nobody challenges.
import { jobRegistryAbi, judgeAbi, stakeVaultFactoryAbi } from '@lockstep/deployments'
import { DEVNET_ACCOUNTS } from '@lockstep/deployments/devnet'
import { MerkleTree, packHashes } from '@lockstep/repops'
import { type Hex, keccak256, parseEther, toHex, zeroAddress, zeroHash } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { readJob } from '../../../keepers/src/chain/jobs.ts'
import { transact } from '../../../keepers/src/chain/transact.ts'
import { signAttestation } from '../../../keepers/src/contest/attestation.ts'
import {
  contestId,
  entryCommitment,
  evaluatorId,
  testSetCommitment,
} from '../../../keepers/src/contest/commitments.ts'
import { pass } from '../../../keepers/src/testing/markets.ts'
import type { Actor, TestNetwork } from '../../../keepers/src/testing/network.ts'
import { Account } from './account.ts'

/** Who opens it, and attests. */
const OPENER = 8
const WORK_SECONDS = 60
const ENTRIES = [
  { owner: 'solver', score: -7, provenance: zeroHash },
  { owner: 'other', score: 1_000, provenance: keccak256('0x01') },
] as const satisfies readonly { owner: Actor; score: number; provenance: Hex }[]

export async function playContest(network: TestNetwork): Promise<bigint> {
  const { contracts, devnet } = network
  const { judge, chain } = contracts
  const opener = new Account(devnet, OPENER)
  const attester = privateKeyToAccount(DEVNET_ACCOUNTS[OPENER].privateKey)
  await opener.approve(judge)

  const evaluator = {
    ...{ nodesRoot: hash('nodes'), statesRoot: hash('states'), initialStateRoot: hash('begin') },
    ...{ constantEntriesRoot: hash('constants'), weightsRoot: zeroHash, rubric: hash('rubric') },
    ...{ nodes: 1, states: 1, steps: 1, interval: 1, seed: 5n, scoreState: 0 },
  }
  await opener.call(judgeAbi, judge, 'registerEvaluator', [evaluator])
  const now = Number((await chain.head()).time)
  const testSet = testSetCommitment(hash('test set'), zeroHash)
  const terms = {
    ...{ evaluator: evaluatorId(evaluator), attester: opener.address, maxEntrants: 4 },
    ...{ entriesClose: now + 100, workSeconds: WORK_SECONDS, solveSeconds: 3_000 },
    ...{ reward: parseEther('3'), stake: parseEther('150'), uri: 'http://127.0.0.1:9001' },
    rounds: [{ testSet, opensAt: now + 101, orderBy: now + 900 }],
  }
  await opener.call(judgeAbi, judge, 'open', [terms, zeroHash])
  const contest = contestId(opener.address, terms, zeroHash)
  const roots = ENTRIES.map(({ owner }) => hash(`model of ${owner}`))
  for (const [i, { owner, provenance }] of ENTRIES.entries()) {
    const commitment = entryCommitment(network.address(owner), roots[i], zeroHash)
    const entry = [contest, network.address(owner), commitment, provenance] as const
    await opener.call(judgeAbi, judge, 'enter', entry)
  }
  const never = [contest, network.address('cheat'), hash('never shown'), zeroHash] as const
  await opener.call(judgeAbi, judge, 'enter', never)

  await pass(network, 105)
  const attest = async (constant: 0 | 1, root: Hex): Promise<Hex> =>
    signAttestation(attester, { chainId: chain.id, address: judge }, { contest, constant, root })
  for (const [i, root] of roots.entries()) {
    const entry = [contest, BigInt(i), root, zeroHash, await attest(0, root)] as const
    await opener.call(judgeAbi, judge, 'revealEntry', entry)
  }
  const set = hash('test set')
  const shown = [contest, 0n, set, zeroHash, await attest(1, set)] as const
  await opener.call(judgeAbi, judge, 'revealTestSet', shown)
  const jobs: bigint[] = []
  for (const [i, { score }] of ENTRIES.entries()) {
    await opener.call(judgeAbi, judge, 'order', [contest, BigInt(i), 0n, evaluator])
    const job = await chain.client.readContract({
      ...{ abi: judgeAbi, address: judge, functionName: 'jobOf' },
      args: [contest, BigInt(i), 0n],
    })
    await solve(network, job, evaluator.initialStateRoot, rootOf(score))
    jobs.push(job)
  }
  // Until nobody can challenge any more, nor order.
  await pass(network, 4_000)
  for (const [i, { score }] of ENTRIES.entries()) {
    await opener.call(jobRegistryAbi, contracts.jobRegistry, 'settle', [jobs[i]])
    const report = [contest, BigInt(i), 0n, evaluator, score, []] as const
    await opener.call(judgeAbi, judge, 'report', report)
  }
  await opener.call(judgeAbi, judge, 'conclude', [contest])
  await opener.call(judgeAbi, judge, 'returnEscrow', [contest, 2n])
  return contest
}

/** Claims that one step leads from the one state to the other; what is computed does not matter to the contracts. */
async function solve(network: TestNetwork, job: bigint, begin: Hex, end: Hex): Promise<void> {
  const { contracts } = network
  const sender = network.sender('solver')
  const at = { abi: jobRegistryAbi, address: contracts.jobRegistry } as const
  const vault = await contracts.chain.client.readContract({
    ...{ abi: stakeVaultFactoryAbi, address: contracts.stakeVaultFactory, functionName: 'vaultOf' },
    args: [network.address('solver')],
  })
  const { computation } = await readJob(contracts, job)
  const take = { ...at, functionName: 'take', args: [job, computation, vault] } as const
  await transact(sender, `take ${job}`, take)
  const { root } = new MerkleTree(packHashes([begin, end]))
  const args = [job, root, end, [end], [begin], zeroAddress] as const
  await transact(sender, `commit ${job}`, { ...at, functionName: 'commit', args })
}

const hash = (text: string): Hex => keccak256(toHex(text))

/** Root of a state that is one i32: little-endian, in a leaf of zeros (docs/spec/repops.md, section 5). */
function rootOf(score: number): Hex {
  const leaf = new Uint8Array(1024)
  new DataView(leaf.buffer).setInt32(0, score, true)
  return keccak256(leaf)
}
