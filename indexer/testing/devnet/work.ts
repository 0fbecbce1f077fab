// Jobs of a devnet that end in the other ways: paid, abandoned, taken back.
import { jobRegistryAbi, stakeVaultFactoryAbi } from '@lockstep/deployments'
import { Random } from '@lockstep/repops/testing'
import { readJob } from '../../../keepers/src/chain/jobs.ts'
import { transact } from '../../../keepers/src/chain/transact.ts'
import { randomJob } from '../../../keepers/src/testing/jobs.ts'
import type { TestNetwork } from '../../../keepers/src/testing/network.ts'

export interface Work {
  /** Solved, unchallenged, paid. */
  readonly paid: bigint
  /** Taken by the same solver, which let its time pass. */
  readonly abandoned: bigint
  /** Taken back by its submitter. */
  readonly cancelled: bigint
  /** Ends the first two; not before their times are over. */
  readonly end: () => Promise<void>
}

/** Until the claim, and as much longer than usual that it can be challenged. */
const WORK_SECONDS = 60

export async function playWork(network: TestNetwork): Promise<Work> {
  const { contracts } = network
  const { chain, jobRegistry, stakeVaultFactory } = contracts
  const work = { ...randomJob(new Random(5)), steps: 5, interval: 2 }
  const terms = { workSeconds: WORK_SECONDS }
  const [paid, abandoned, cancelled] = [
    await network.post(work, terms),
    await network.post(work, terms),
    await network.post(work, terms),
  ]
  const solver = network.solver(network.keeper('solver'), { jobs: [paid] })
  const is = (status: string) => async () => (await readJob(contracts, paid)).status === status
  await network.play([solver.tick], is('claimed'))

  const { client } = chain
  const vault = await client.readContract({
    ...{ abi: stakeVaultFactoryAbi, address: stakeVaultFactory, functionName: 'vaultOf' },
    args: [network.address('solver')],
  })
  const { computation } = await readJob(contracts, abandoned)
  const at = { abi: jobRegistryAbi, address: jobRegistry } as const
  const take = { ...at, functionName: 'take', args: [abandoned, computation, vault] } as const
  await transact(network.sender('solver'), 'take and forget', take)
  const submitter = network.sender('submitter')
  const cancel = { ...at, functionName: 'cancel', args: [cancelled] } as const
  await transact(submitter, 'take back', cancel)
  return {
    paid,
    abandoned,
    cancelled,
    end: async () => {
      await network.play([solver.tick], is('settled'))
      const abandon = { ...at, functionName: 'abandon', args: [abandoned] } as const
      await transact(submitter, 'complain', abandon)
    },
  }
}
