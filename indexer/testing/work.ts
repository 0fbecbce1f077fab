// Jobs and claims of the fake world.
import {
  type Address,
  encodeAbiParameters,
  type Hash,
  keccak256,
  zeroAddress,
  zeroHash,
} from 'viem'
import { free, reward, take as takeStake, type Vault } from './stake.ts'
import { account, ACCOUNTS, AI, FAKE_DEPLOYMENT, pick, type Writer } from './world.ts'

export interface Job {
  readonly id: bigint
  readonly submitter: Address
  readonly computation: Computation
  readonly reward: bigint
  readonly stake: bigint
  status: 'open' | 'taken' | 'claimed' | 'over'
  attempt: number
  takenAt: number
  deadline: number
  vault?: Vault
  claim?: Claim
}

export interface Computation {
  readonly id: Hash
  readonly interval: number
  readonly steps: number
}

export interface Claim {
  readonly id: bigint
  readonly job: Job
  readonly windowEnd: number
  readonly answers: Map<string, { root: Hash; time: number }>
  disputes: number
  open: number
  isVoid: boolean
}

export const WORK_SECONDS = 900
export const WINDOW = 1_200
const { contracts } = FAKE_DEPLOYMENT

const lockOf = (job: bigint, attempt: number): Hash =>
  keccak256(
    encodeAbiParameters(
      [{ type: 'address' }, { type: 'uint256' }, { type: 'uint32' }],
      [contracts.jobRegistry, job, attempt],
    ),
  )

export function post(w: Writer, jobs: Job[], computations: Computation[]): Job {
  const submitter = account(w.random.below(ACCOUNTS))
  let computation = pick(w.random, computations)
  if (computation === undefined || w.random.below(4) === 0) {
    computation = {
      id: w.fresh(),
      interval: 1 + w.random.below(50),
      steps: 1 + w.random.below(1_000),
    }
    computations.push(computation)
    w.emit('verde', 'ComputationRegistered', {
      id: computation.id,
      computation: {
        nodesRoot: w.fresh(),
        statesRoot: w.fresh(),
        constantEntriesRoot: w.fresh(),
        initialStateRoot: w.fresh(),
        constantsRoot: zeroHash,
        ...{ nodes: 40, states: 3, constants: 0, seed: w.random.bits(64) },
        ...{ steps: computation.steps, interval: computation.interval },
      },
    })
  }
  const id = BigInt(jobs.length + 1)
  const terms = {
    reward: w.random.magnitude(1_000n * AI),
    stake: w.random.magnitude(500n * AI),
    workSeconds: WORK_SECONDS,
    deadline: w.now + 1_000_000,
    uri: w.random.below(50) === 0 ? HOSTILE : `http://127.0.0.1:9000/${id}`,
  }
  const job: Job = {
    ...{ id, submitter, computation, reward: terms.reward, stake: terms.stake },
    ...{ status: 'open', attempt: 0, takenAt: 0, deadline: terms.deadline },
  }
  jobs.push(job)
  const about = { job: id, submitter, computation: computation.id, terms }
  w.emit('jobRegistry', 'JobPosted', { ...about, feeBps: 200, penaltyBps: 1_000 })
  w.pay(submitter, contracts.jobRegistry, terms.reward)
  w.send(submitter, contracts.jobRegistry)
  return job
}

/** Text that breaks what it is put into without care. */
const HOSTILE = `<script>alert('1')</script>\u0000\\.\t"; drop table job; -- \u202e \ud83d\ude00\n`

export function take(w: Writer, jobs: readonly Job[], vaults: readonly Vault[]): void {
  const job = pick(
    w.random,
    recent(jobs).filter(({ status }) => status === 'open'),
  )
  const vault = pick(w.random, vaults)
  if (job === undefined || vault === undefined || free(vault) < job.stake) return
  job.status = 'taken'
  job.attempt++
  job.takenAt = w.now
  job.vault = vault
  const lockId = lockOf(job.id, job.attempt)
  vault.locks.set(lockId, job.stake)
  vault.locked += job.stake
  const by = { vault: vault.address, solver: vault.operator }
  w.emit('jobRegistry', 'JobTaken', { job: job.id, attempt: job.attempt, ...by, lockId })
  const lock = { lockId, locker: contracts.jobRegistry, amount: job.stake }
  w.emit('vault', 'Locked', lock, vault.address)
  w.send(vault.operator, contracts.jobRegistry)
}

export function commit(w: Writer, jobs: readonly Job[], claims: Claim[]): void {
  const job = pick(
    w.random,
    recent(jobs).filter(({ status }) => status === 'taken'),
  )
  if (job === undefined) return
  const vault = job.vault!
  const id = BigInt(w.fresh()) >> 32n
  const finalStateRoot = w.fresh()
  const windowEnd = w.now + WINDOW
  const claim: Claim = {
    ...{ id, job, windowEnd, answers: new Map(), disputes: 0, open: 0, isVoid: false },
  }
  claims.push(claim)
  job.status = 'claimed'
  job.claim = claim
  const input = {
    computation: job.computation.id,
    checkpointRoot: w.fresh(),
    finalStateRoot,
    solver: vault.operator,
    delegate: zeroAddress,
    vault: vault.address,
    lockId: lockOf(job.id, job.attempt),
    workSeconds: WORK_SECONDS,
  }
  w.emit('verde', 'ClaimMade', { claim: id, input, windowEnd, params: 1 })
  w.emit('jobRegistry', 'JobClaimed', {
    job: job.id,
    attempt: job.attempt,
    claim: id,
    finalStateRoot,
  })
  w.send(vault.operator, contracts.jobRegistry)
}

export function abandon(w: Writer, jobs: readonly Job[]): void {
  const job = recent(jobs).find(
    (one) => one.status === 'taken' && w.now > one.takenAt + WORK_SECONDS,
  )
  if (job === undefined) return
  const vault = job.vault!
  const penalty = (job.stake * 1_000n + 9_999n) / 10_000n
  job.status = 'open'
  const lockId = lockOf(job.id, job.attempt)
  const about = { job: job.id, attempt: job.attempt }
  w.emit('jobRegistry', 'JobAbandoned', { ...about, vault: vault.address, penalty })
  w.emit('jobRegistry', 'JobReopened', { ...about, deadline: job.deadline })
  endLock(vault, lockId)
  w.emit('vault', 'Unlocked', { lockId, amount: job.stake - penalty }, vault.address)
  takeStake(w, vault, lockId, account(1), penalty)
  w.send(account(w.random.below(ACCOUNTS)), contracts.jobRegistry)
}

export const endLock = (vault: Vault, lockId: Hash): void => {
  vault.locked -= vault.locks.get(lockId)!
  vault.locks.delete(lockId)
}

export const lockOfClaim = ({ job }: Claim): Hash => lockOf(job.id, job.attempt)

export function settle(w: Writer, jobs: readonly Job[]): void {
  const job = recent(jobs).find(
    ({ status, claim }) =>
      status === 'claimed' && !claim!.isVoid && claim!.open === 0 && w.now > claim!.windowEnd,
  )
  if (job === undefined) return
  const { vault, claim } = job as Required<Job>
  job.status = 'over'
  const fee = (job.reward * 200n) / 10_000n
  const about = { job: job.id, claim: claim.id, vault: vault.address, paid: job.reward - fee, fee }
  w.emit('jobRegistry', 'JobSettled', about)
  const lockId = lockOfClaim(claim)
  endLock(vault, lockId)
  w.emit('vault', 'Unlocked', { lockId, amount: 0n }, vault.address)
  reward(w, vault, contracts.jobRegistry, job.reward - fee)
  w.send(account(w.random.below(ACCOUNTS)), contracts.jobRegistry)
}

export function reopen(w: Writer, jobs: readonly Job[]): void {
  const job = recent(jobs).find(({ status, claim }) => status === 'claimed' && claim!.isVoid)
  if (job === undefined) return
  job.status = 'open'
  const about = { job: job.id, attempt: job.attempt, deadline: job.deadline }
  w.emit('jobRegistry', 'JobReopened', about)
  w.send(account(w.random.below(ACCOUNTS)), contracts.jobRegistry)
}

/** Older ones stay as they are. */
const recent = (jobs: readonly Job[]): readonly Job[] => jobs.slice(-300)
