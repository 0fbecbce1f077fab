import { judgeAbi } from '@lockstep/deployments'
import { type Hash, merkleRoot, packHashes } from '@lockstep/repops'
import {
  type AbiParameter,
  type Address,
  encodeAbiParameters,
  keccak256,
  numberToHex,
  parseAbiParameters,
} from 'viem'
import type { ContestTerms, EvaluatorTerms } from '../chain/contests.ts'

/** What an entrant commits to (docs/spec/judge.md, section 2). The owner is in it: nobody else can open a copy. */
export const entryCommitment = (owner: Address, root: Hash, salt: Hash): Hash =>
  keccak256(
    encodeAbiParameters(parseAbiParameters('address, bytes32, bytes32'), [owner, root, salt]),
  )

/** What whoever opens a contest commits to for each round. */
export const testSetCommitment = (root: Hash, salt: Hash): Hash =>
  keccak256(encodeAbiParameters(parseAbiParameters('bytes32, bytes32'), [root, salt]))

/** Id of an evaluator: the hash of everything that fixes it. */
export const evaluatorId = (terms: EvaluatorTerms): Hash =>
  keccak256(encodeAbiParameters([inputOf('registerEvaluator', 0)], [terms]))

/** Id of a contest that `opener` opens on these terms with this salt. */
export const contestId = (opener: Address, terms: ContestTerms, salt: Hash): bigint => {
  const [address, bytes32] = parseAbiParameters('address, bytes32')
  const types = [address, inputOf('open', 0), bytes32]
  return BigInt(keccak256(encodeAbiParameters(types, [opener, terms, salt])))
}

/** Where an entry comes from: a state of the final state of a job. */
export interface Provenance {
  readonly chainId: number
  readonly jobRegistry: Address
  readonly job: bigint
  /** Index of the state that is the entry. */
  readonly state: number
}

/** Of the list that a provenance is. */
export const PROVENANCE_BYTES = 128

/** The four words of a provenance, which a store keeps as a list; its root is what `enter` is given. */
export function provenanceList({ chainId, jobRegistry, job, state }: Provenance): {
  root: Hash
  bytes: Uint8Array
} {
  const words = [BigInt(chainId), BigInt(jobRegistry), job, BigInt(state)]
  const bytes = packHashes(words.map((word) => numberToHex(word, { size: 32 })))
  return { root: merkleRoot(bytes), bytes }
}

/** The provenance that a list holds; undefined where it holds something else. */
export function readProvenance(bytes: Uint8Array): Provenance | undefined {
  if (bytes.length !== PROVENANCE_BYTES) return undefined
  const [chainId, registry, job, state] = [0, 1, 2, 3].map((i) =>
    BigInt(`0x${Buffer.from(bytes.subarray(32 * i, 32 * i + 32)).toString('hex')}`),
  )
  if (chainId >> 53n !== 0n || registry >> 160n !== 0n || state >> 32n !== 0n) return undefined
  const jobRegistry = numberToHex(registry, { size: 20 })
  return { chainId: Number(chainId), jobRegistry, job, state: Number(state) }
}

/** The type of a function's argument, as its ABI has it. */
function inputOf(name: 'registerEvaluator' | 'open', index: number): AbiParameter {
  const item = judgeAbi.find((entry) => entry.type === 'function' && entry.name === name)
  return (item as { inputs: readonly AbiParameter[] }).inputs[index]
}
