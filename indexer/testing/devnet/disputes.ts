// Disputes of a devnet: each on a claim of its own, that a cheat made.
import { stakeVaultAbi, stakeVaultFactoryAbi, verdeAbi } from '@lockstep/deployments'
import { type Corruption, Graph, type Job, segments, Tensor } from '@lockstep/repops'
import { type Address, encodeFunctionData, parseEther, zeroAddress } from 'viem'
import { disputeAt, readClaim } from '../../../keepers/src/chain/claims.ts'
import { readJob } from '../../../keepers/src/chain/jobs.ts'
import { Challenger } from '../../../keepers/src/roles/challenger.ts'
import { TracePeer } from '../../../keepers/src/trace/peer.ts'
import { cheatedJob } from '../../../keepers/src/testing/cheats.ts'
import type { Actor, TestNetwork } from '../../../keepers/src/testing/network.ts'
import { Account } from './account.ts'
import { Relay } from './relay.ts'

/** A job and what a cheat did to one bit in the run of it. */
export interface Lie {
  readonly job: Job
  readonly corruption: Corruption
}

export interface Disputes {
  /** What each of those that were won is about. */
  readonly lies: ReadonlyMap<bigint, Lie>
  /** Won by a proof. */
  readonly won: bigint
  /** Won in the same way, by moves that a contract passed on. */
  readonly relayed: bigint
  /** Won over a part of a reduction, against a vault whose delegated stake was leaving. */
  readonly partial: bigint
  /** Its first answer is given. */
  readonly live: bigint
  /** Two of those on the same claim, opened in one transaction that took so much gas. */
  readonly twins: readonly bigint[]
  readonly twinGas: bigint
  /** Who left that vault, too late. */
  readonly leaver: Address
}

export async function playDisputes(network: TestNetwork): Promise<Disputes> {
  const { contracts, devnet } = network
  const leaver = new Account(devnet, 7)
  const isVoid = async (claim: bigint) => (await readClaim(contracts, claim)).status === 'void'
  const lies = [await cheatedJob(2, SHORT), await cheatedJob(4, SHORT), longSearch()] as const
  const won = await dispute(network, lies[0], { done: isVoid })
  const relay = await Relay.place(devnet, contracts.verde)
  const relayed = await dispute(network, lies[1], { done: isVoid, relay })

  const vault = await backed(network, 'defender', leaver)
  const partial = await dispute(network, lies[2], {
    cheat: 'defender',
    done: isVoid,
    claimed: async () => {
      await leave(vault, leaver, LITTLE * 1_000n)
    },
    isShared: true,
  })
  // What it had is lost; it begins anew.
  await leaver.call(stakeVaultAbi, vault, 'deposit', [LITTLE, leaver.address])
  await leave(vault, leaver, LITTLE * 400n)

  // Two that ask the same, and are answered at once.
  const ofClaim = (claim: bigint) => ({
    ...{ abi: verdeAbi, address: contracts.verde, args: { claim } },
    fromBlock: contracts.fromBlock,
  })
  const { client } = contracts.chain
  const live = await dispute(network, await cheatedJob(3, SHORT), {
    isShared: true,
    opened: async (claim) => {
      const [{ transactionHash: hash }] = await client.getContractEvents({
        ...ofClaim(claim),
        eventName: 'Challenged',
      })
      await relay.pays((await readClaim(contracts, claim)).bondWei)
      await leaver.send(relay.address, relay.data((await client.getTransaction({ hash })).input))
    },
    done: async (claim) => {
      const answers = { ...ofClaim(claim), eventName: 'StepsCommitted' } as const
      return (await client.getContractEvents(answers)).length > 0
    },
  })
  const claim = live >> 32n
  const open = encodeFunctionData({
    abi: verdeAbi,
    functionName: 'challengeByDemand',
    args: [claim, zeroAddress],
  })
  const twinGas = await leaver.send(relay.address, relay.data(open, open))
  const twins = [disputeAt(claim, 2), disputeAt(claim, 3)]
  return {
    ...{ won, relayed, partial, live, twins, twinGas, leaver: leaver.address },
    lies: new Map([won, relayed, partial].map((id, i) => [id, lies[i]])),
  }
}

const SHORT = { steps: 6, interval: 3 }
/** Half of what a job locks. */
const LITTLE = parseEther('500')

/** The only challenge of a claim that a cheat makes is played until it is `done`. */
async function dispute(
  network: TestNetwork,
  { job, corruption }: Lie,
  options: {
    readonly done: (claim: bigint) => Promise<boolean>
    readonly cheat?: Actor
    readonly relay?: Relay
    readonly isShared?: boolean
    readonly claimed?: () => Promise<void>
    /** Called before the solver sees the challenge. */
    readonly opened?: (claim: bigint) => Promise<void>
  },
): Promise<bigint> {
  const { cheat = 'cheat', relay, isShared = false, claimed, opened } = options
  const id = await network.post(job)
  const cheater = network.keeper(cheat, { corruption })
  const solver = network.solver(cheater, { jobs: [id] })
  const read = async () => readJob(network.contracts, id)
  await network.play([solver.tick], async () => (await read()).status === 'claimed')
  await claimed?.()
  const { claim } = await read()
  const keeper = network.keeper('challenger')
  const challenger = new Challenger(
    relay === undefined ? keeper : { ...keeper, sender: relay.through(keeper.sender) },
    {
      delegate: relay?.address,
      claims: [claim],
      peers: isShared ? [new TracePeer(await network.share(cheater))] : [],
    },
  )
  const isOpen = async () => (await readClaim(network.contracts, claim)).disputes > 0
  await network.play([challenger.tick], isOpen)
  await opened?.(claim)
  await network.play([challenger.tick, solver.tick], () => options.done(claim))
  return disputeAt(claim, 0)
}

/** s' = the largest of 70,000 values, which is the 69,000th: in segment 269 of two blocks. And half of that instead. */
function longSearch(): Lie {
  const graph = new Graph()
  const x = graph.constant('x', 'f32', [70_000])
  const s = graph.state('s', 'f32', [1])
  graph.setNext(s, x.reduceMax([0], true))
  const program = graph.program()
  const job = {
    program,
    constants: [
      Tensor.f32(Array.from({ length: 70_000 }, (_, i) => (i === 69_000 ? 1_024 : i % 500))),
    ],
    initialState: [Tensor.zeros('f32', 1)],
    seed: 0n,
    ...{ steps: 2, interval: 2 },
  }
  const node = program.nodes.findIndex((one) => segments(one) > 256)
  return { job, corruption: { step: 1, node, element: 0, bit: 23 } }
}

/** A vault with a small bond and as much of somebody else's: just enough for a job. */
async function backed(network: TestNetwork, actor: Actor, other: Account): Promise<Address> {
  await network.stake(actor, LITTLE)
  const { chain, stakeVaultFactory: address } = network.contracts
  const vault = await chain.client.readContract({
    ...{ abi: stakeVaultFactoryAbi, address, functionName: 'vaultOf' },
    args: [network.address(actor)],
  })
  await other.approve(vault)
  await other.call(stakeVaultAbi, vault, 'deposit', [LITTLE, other.address])
  return vault
}

const leave = async (vault: Address, owner: Account, shares: bigint) =>
  owner.call(stakeVaultAbi, vault, 'requestRedeem', [shares, owner.address, owner.address])
