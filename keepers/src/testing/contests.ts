import {
  type DecoderConfig,
  evaluationJob,
  type Evaluator,
  flatten,
  gpt2,
  perplexityEvaluator,
  randomWeights,
  reference,
  runJob,
  type Tensor,
} from '@lockstep/repops'
import { join } from 'node:path'
import { privateKeyToAccount } from 'viem/accounts'
import { parseEther } from 'viem'
import { Attester } from '../contest/attester.ts'
import type { Office } from '../contest/office.ts'
import type { ContestOrder } from '../contest/open.ts'
import { Secrets } from '../contest/secrets.ts'
import { rubricHash } from '../contest/terms.ts'
import { createLog } from '../log.ts'
import { EvaluatorRole, type EvaluatorRoleTerms } from '../roles/evaluator.ts'
import type { Keeper } from '../roles/keeper.ts'
import { FolderStore } from '../store/folder.ts'
import { Mirror } from '../store/mirror.ts'
import { serve } from '../store/server.ts'
import type { Actor, TestNetwork } from './network.ts'

const TINY = gpt2({ vocabulary: 12, context: 6, width: 8, layers: 1, heads: 2 })
export const LIMITS = { maxJobBytes: 2 ** 24, maxJobNodes: 2000 }
const MOST_BYTES = 2 ** 20

/** A language model of 12 tokens, and what scores such models; two steps. */
export const tinyPerplexity = perplexityEvaluator({
  config: TINY,
  batch: 2,
  length: 5,
  batches: 2,
})

export const tinyModel = (seed: bigint, config: DecoderConfig = TINY): Tensor =>
  flatten([...randomWeights(config, seed).values()])

/** The score of an entry, computed on the reference. */
export async function scoreOnReference(
  evaluator: Evaluator,
  entry: Tensor,
  testSet: Tensor,
): Promise<number> {
  let score = 0
  for await (const { state } of runJob(evaluationJob(evaluator, entry, testSet), {
    backend: reference,
  }))
    score = state[evaluator.scoreState].words[0]
  return score
}

/** What an actor acts in contests with; its home is one of its own. */
export function officeOf(network: TestNetwork, actor: Actor): Office {
  const home = join(network.home(actor), 'contests')
  const log = createLog('silent', actor)
  return {
    contracts: network.contracts,
    sender: network.sender(actor),
    mirror: new Mirror(new FolderStore(join(home, 'store')), [], MOST_BYTES, log),
    secrets: new Secrets(join(home, 'secrets')),
    limits: LIMITS,
    log,
  }
}

/** An evaluator role of an actor with the secrets of its office. */
export function evaluatorRole(
  { secrets }: Office,
  keeper: Keeper,
  terms: Partial<EvaluatorRoleTerms> = {},
): EvaluatorRole {
  const all = { contests: undefined, uri: undefined, limits: LIMITS, once: false, ...terms }
  return new EvaluatorRole(keeper, secrets, all)
}

/** Serves a folder. */
export async function serveStore(
  folder: FolderStore,
): Promise<{ url: string; close: () => unknown }> {
  const log = createLog('silent', 'store')
  return serve({ port: 0, host: '127.0.0.1', folder, maxBytes: MOST_BYTES, log })
}

/** An attester over a store, listening. */
export async function startAttester(
  network: TestNetwork,
  actor: Actor,
  { mirror }: Pick<Office, 'mirror'>,
  limits = LIMITS,
  contracts = network.contracts,
): Promise<{ uri: string; attester: Attester; close: () => Promise<void> }> {
  const log = createLog(process.env['LOCKSTEP_TEST_LOG'] ?? 'silent', 'attest')
  const account = privateKeyToAccount(network.privateKey(actor))
  const folder = join(network.home(actor), 'attested')
  const terms = { ...limits, openers: undefined }
  const attester = new Attester({ contracts, account, mirror, folder, terms, log })
  const server = await serve({
    ...{ port: 0, host: '127.0.0.1', folder: mirror.folder, posts: attester },
    maxBytes: MOST_BYTES,
    log,
  })
  return { uri: server.url, attester, close: server.close }
}

export const HOUR = 3600
export const DAY = 24 * HOUR

/** Terms of a contest with rounds of an hour, an hour apart; the first opens two hours from now. */
export async function hourlyContest(
  network: TestNetwork,
  terms: Pick<ContestOrder, 'attester' | 'uri'>,
  testSets: readonly Tensor[],
): Promise<ContestOrder> {
  const { time } = await network.contracts.chain.head()
  const now = Number(time)
  return {
    ...terms,
    evaluator: { evaluator: tinyPerplexity, rubric: rubricHash('perplexity') },
    maxEntrants: 4,
    entriesClose: now + HOUR,
    workSeconds: HOUR,
    solveSeconds: DAY,
    reward: parseEther('10'),
    stake: parseEther('1000'),
    rounds: testSets.map((testSet, i) => ({
      testSet,
      opensAt: now + 2 * HOUR * (i + 1),
      orderBy: now + 2 * HOUR * (i + 1) + HOUR,
    })),
  }
}

/** Lets the chain's clock come to a second. */
export async function passTo(network: TestNetwork, second: number): Promise<void> {
  const { time } = await network.contracts.chain.head()
  await passSeconds(network, Math.max(0, second - Number(time)))
}

export async function passSeconds(network: TestNetwork, seconds: number): Promise<void> {
  await network.devnet.rpc.call('evm_increaseTime', seconds)
  await network.devnet.rpc.call('evm_mine')
}
