import { jobRegistryAbi } from '@lockstep/deployments'
import {
  encodeProgram,
  Graph,
  type Hash,
  keccak,
  MerkleTree,
  stateRoot,
  Tensor,
} from '@lockstep/repops'
import { Random } from '@lockstep/repops/testing'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { zeroAddress } from 'viem'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { disputeAt, readClaim } from '../chain/claims.ts'
import { readDispute } from '../chain/disputes.ts'
import { reportDispute } from '../chain/dispute-report.ts'
import { readJob, readVault } from '../chain/jobs.ts'
import { transact } from '../chain/transact.ts'
import type { Order } from '../roles/submitter.ts'
import { cheatedJob } from '../testing/cheats.ts'
import { randomJob } from '../testing/jobs.ts'
import { TestNetwork } from '../testing/network.ts'
import { valuesOf } from '../testing/open-metrics.ts'
import type { Place } from '../trace/place.ts'
import { Trace } from '../trace/trace.ts'

let network: TestNetwork

beforeAll(async () => {
  network = await TestNetwork.start()
}, 900_000)

afterAll(() => network.stop())

const job = async (id: bigint) => readJob(network.contracts, id)
const claimOf = async (id: bigint) => readClaim(network.contracts, (await job(id)).claim)
const isVoid = (id: bigint) => async () => (await claimOf(id)).status === 'void'
const firstDispute = async (id: bigint) =>
  readDispute(network.contracts, disputeAt((await job(id)).claim, 0), network.contracts.fromBlock)

/** Takes a job and claims whatever roots, as no honest keeper would. */
async function claimAnything(id: bigint, leaves: readonly Hash[]): Promise<void> {
  const sender = network.sender('cheat')
  const registry = { abi: jobRegistryAbi, address: network.contracts.jobRegistry } as const
  const { computation } = await job(id)
  const vault = (await readVault(network.contracts, sender.address))!.address
  await transact(sender, `take:${id}`, {
    ...registry,
    functionName: 'take',
    args: [id, computation, vault],
  })
  const tree = new MerkleTree(leaves)
  const last = tree.count - 1
  await transact(sender, `commit:${id}`, {
    ...registry,
    functionName: 'commit',
    args: [id, tree.root, tree.leaf(last), tree.open(0), tree.open(last), zeroAddress],
  })
}

const garbage = (text: string): Hash => keccak(new TextEncoder().encode(text))

test('a solver that claims roots of nothing loses by its clock', async () => {
  const order = { ...randomJob(new Random(1)), steps: 9, interval: 2 }
  const id = await network.post(order)
  const leaves = [
    stateRoot(order.initialState),
    ...Array.from({ length: 5 }, (_, i) => garbage(`state ${i}`)),
  ]
  await claimAnything(id, leaves)
  const { tick } = network.challenger(network.keeper('challenger'), [], [(await job(id)).claim])
  await network.play([tick], async () => (await claimOf(id)).disputes === 1)
  await network.passDeadlines()
  await network.play([tick], isVoid(id))
  const dispute = await firstDispute(id)
  expect(dispute.status).toBe('won')
  expect(dispute.moves.map(({ name }) => name)).toEqual(['challenge'])
})

test('a solver that stops answering loses wherever it stops', async () => {
  for (const stop of ['steps', 'graph'] as const) {
    const { job: order, corruption } = await cheatedJob(2, { steps: 6, interval: 3 })
    const id = await network.post(order)
    const keeper = network.keeper('cheat', { corruption })
    const solver = network.solver(keeper, { jobs: [id] })
    await network.play([solver.tick], async () => (await job(id)).status === 'claimed')
    // Its next look shares what it claimed; from then on it is silent.
    await solver.tick(await network.contracts.chain.head())
    const peers = [await network.share(keeper)]
    const { claim } = await job(id)
    const watcher = network.keeper('challenger')
    const { tick } = network.challenger(watcher, peers, [claim])
    const awaits = (phase: string) => async () => {
      if ((await claimOf(id)).disputes === 0) return false
      const { position, turn } = await firstDispute(id)
      return position.phase === phase && turn?.solver === true
    }
    await network.play([tick], awaits('steps'))
    const { turn } = await firstDispute(id)
    await solver.tick({
      ...(await network.contracts.chain.head()),
      time: BigInt(turn!.deadline) + 1n,
    })
    expect(await valuesOf(keeper.metrics.ownDeadline)).toEqual([{ value: turn!.deadline }])
    expect(await valuesOf(watcher.metrics.ownDeadline)).toEqual([])
    if (stop === 'graph') {
      await solver.tick(await network.contracts.chain.head())
      await network.play([tick], awaits('graph'))
    }
    await network.passDeadlines()
    await network.play([tick], isVoid(id))
    expect((await firstDispute(id)).position.phase).toBe(stop)
    await tick(await network.contracts.chain.head())
    const won = await valuesOf(watcher.metrics.decidedDisputes)
    expect(won).toContainEqual({ outcome: 'won', value: 1 })
    await solver.tick(await network.contracts.chain.head())
    const decided = await valuesOf(keeper.metrics.decidedClaims)
    expect(decided).toContainEqual({ outcome: 'void', value: 1 })
    const lost = await valuesOf(keeper.metrics.decidedDisputes)
    expect(lost).toContainEqual({ outcome: 'lost', value: 1 })
  }
})

/** The honest run, but the final state holds another tensor than the graph's. */
class StateLiar extends Trace {
  readonly #lie = garbage('another tensor')

  override get checkpoints(): MerkleTree {
    const honest = super.checkpoints
    const leaves = Array.from({ length: honest.count }, (_, i) => honest.leaf(i))
    return new MerkleTree(leaves.with(-1, this.#stateRoot!))
  }

  #stateRoot: Hash | undefined

  override async run(onStep?: Parameters<Trace['run']>[0]): Promise<void> {
    await super.run(onStep)
    this.#stateRoot = (await this.tree({ tree: 'state', step: this.job.steps - 1 })).root
  }

  override async tree(place: Place): Promise<MerkleTree> {
    const honest = await super.tree(place)
    const last = this.job.steps - 1
    const leaves = Array.from({ length: honest.count }, (_, i) => honest.leaf(i))
    if (place.tree === 'state' && place.step === last)
      return new MerkleTree(leaves.with(-1, this.#lie))
    const interval = Math.floor(last / this.job.interval)
    if (place.tree === 'steps' && place.interval === interval) {
      return new MerkleTree(leaves.with(-1, this.#stateRoot!))
    }
    return honest
  }
}

test.each([
  ['shared', true],
  ['withheld', false],
])('a state that is not what the graph gave is shown as a mismatch, data %s', async (_, shared) => {
  const id = await network.post({
    ...randomJob(new Random(shared ? 11 : 12)),
    steps: 5,
    interval: 2,
  })
  const keeper = network.keeper('cheat', { traceClass: StateLiar })
  const solver = network.solver(keeper, { jobs: [id] })
  await network.play([solver.tick], async () => (await job(id)).status === 'claimed')
  const { claim } = await job(id)
  const peers = shared ? [await network.share(keeper)] : []
  const { tick } = network.challenger(network.keeper('challenger'), peers, [claim])
  await network.play([tick, solver.tick], isVoid(id))
  const { transactions } = await reportDispute(
    network.contracts,
    disputeAt(claim, 0),
    network.contracts.fromBlock,
  )
  expect(transactions.at(-1)?.move).toBe('mismatch')
})

describe('a program that breaks a rule loses for whoever claims its result', () => {
  /** y' = y + c, z unchanged: four entries to spoil. */
  function base(): Order {
    const graph = new Graph()
    const y = graph.state('y', 'f32', [3])
    graph.state('z', 'i32', [2])
    graph.setNext(y, y.add(graph.constant('c', 'f32', [3])).mul(2))
    const program = graph.program()
    const filled = Tensor.f32([1, 2, 3])
    return {
      encoded: encodeProgram(program),
      initialState: [filled, Tensor.i32([4, 5])],
      constants: [filled],
      seed: 0n,
      steps: 2,
      interval: 1,
    }
  }

  const spoil = (
    table: 'nodes' | 'states' | 'constants',
    index: number,
    change: (entry: Uint8Array) => void,
  ): Order => {
    const order = base()
    const entries = order.encoded[table].map((entry) => entry.slice())
    change(entries[index])
    return { ...order, encoded: { ...order.encoded, [table]: entries } }
  }

  test.each([
    ['malformedNode', spoil('nodes', 0, (entry) => (entry[0] = 0xff))],
    ['malformedNode', spoil('nodes', 1, (entry) => (entry[4] = 9))],
    ['malformedState', spoil('states', 0, (entry) => (entry[7] = 9))],
    ['malformedState', spoil('states', 1, (entry) => (entry[0] = 2))],
    ['malformedConstant', spoil('constants', 0, (entry) => (entry[0] = 7))],
    ['malformedInput', spoil('constants', 0, (entry) => (entry[1] = 4))],
    ['malformedInput', spoil('states', 0, (entry) => (entry[0] = 1))],
    ['malformedSource', spoil('states', 1, (entry) => ((entry[6] = 0), (entry[7] = 1)))],
  ])('%s', async (move, order) => {
    const id = await network.postOrder(order)
    const keeper = network.keeper('solver')
    const warnings: unknown[] = []
    keeper.log.warn = ((fields: unknown) => warnings.push(fields)) as typeof keeper.log.warn
    const solver = network.solver(keeper, { jobs: [id] })
    await network.play([solver.tick], () => Promise.resolve(warnings.length > 0))
    expect(warnings).toMatchObject([{ code: 'malformed-program' }])
    expect((await job(id)).status).toBe('open')

    const initial = stateRoot(order.initialState)
    await claimAnything(id, [initial, garbage('1'), garbage('2')])
    const { claim } = await job(id)
    const { tick } = network.challenger(network.keeper('challenger'), [], [claim])
    await network.play([tick], isVoid(id))
    const { transactions } = await reportDispute(
      network.contracts,
      disputeAt(claim, 0),
      network.contracts.fromBlock,
    )
    expect(transactions.map(({ move: name }) => name)).toEqual(['challenge', move])
  })
})

describe('peers are asked, never believed', () => {
  /** Claims a wrong result and lets the challenger use this peer. */
  async function playWith(
    seed: number,
    peer: (honest: string) => Promise<string>,
  ): Promise<string[]> {
    const { job: order, corruption } = await cheatedJob(seed)
    const id = await network.post(order)
    const keeper = network.keeper('cheat', { corruption })
    const solver = network.solver(keeper, { jobs: [id] })
    await network.play([solver.tick], async () => (await job(id)).status === 'claimed')
    const { claim } = await job(id)
    const peers = [await peer(await network.share(keeper))]
    const { tick } = network.challenger(network.keeper('challenger'), peers, [claim])
    await network.play([tick, solver.tick], isVoid(id))
    const { transactions } = await reportDispute(
      network.contracts,
      disputeAt(claim, 0),
      network.contracts.fromBlock,
    )
    return transactions.map(({ move }) => move)
  }

  const proxies: { close(): void }[] = []
  afterAll(() => {
    for (const proxy of proxies) proxy.close()
  })

  /** Passes answers on, changed. */
  async function proxy(
    target: string,
    change: (bytes: Buffer, served: number) => Buffer | undefined,
  ): Promise<string> {
    let served = 0
    const server = createServer((request, response) => {
      void (async () => {
        const answer = await fetch(target + (request.url ?? ''))
        const bytes = change(Buffer.from(await answer.arrayBuffer()), served++)
        if (bytes === undefined) request.socket.destroy()
        else response.writeHead(answer.status).end(bytes)
      })()
    })
    proxies.push(server)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  }

  test('one that lies about every row makes the data come over the chain', async () => {
    const flip = (bytes: Buffer) => ((bytes[0] ^= 1), bytes)
    expect(await playWith(21, (honest) => proxy(honest, flip))).toContain('reveal')
  })

  test('one that goes away in the middle does as well', async () => {
    expect(
      await playWith(22, (honest) =>
        proxy(honest, (bytes, served) => (served < 2 ? bytes : undefined)),
      ),
    ).toContain('demand')
  })

  test('one that was never there does as well', async () => {
    expect(await playWith(23, () => Promise.resolve('http://127.0.0.1:1'))).toContain('reveal')
  })
})
