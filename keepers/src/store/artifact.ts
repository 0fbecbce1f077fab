import type { Hash } from '@lockstep/repops'
import {
  atOnce,
  committing,
  LEAF_BYTES,
  leafHashes,
  merkleRoot,
  readProgramFile,
} from '@lockstep/repops'
import { keccak256 } from 'viem'
import { fail } from '../errors.ts'

/**
 * What the store keeps, each kind addressed by the root that the chain holds:
 * programs (the container of docs/spec/repops.md), lists (the 32-byte leaves of a tree over tensor roots: a
 * state, or a job's constants), tensors (whole leaves of 1 KiB, padding included) and documents (anything that
 * people read, by its keccak256: a market's rules, say).
 */
export const KINDS = ['programs', 'lists', 'tensors', 'documents'] as const
export type Kind = (typeof KINDS)[number]

export interface Address {
  readonly kind: Kind
  readonly root: Hash
}

const ROOT = /^0x[0-9a-f]{64}$/

/** Refuses anything that is not a kind and a root, so that no address can name a path. */
export function toAddress(kind: string, root: string): Address {
  const known = KINDS.find((name) => name === kind)
  if (known === undefined || !ROOT.test(root)) {
    throw fail.badAddress({
      what: 'not the address of an artifact',
      where: JSON.stringify(`${kind}/${root}`.slice(0, 120)),
      advice: `it is one of ${KINDS.join(', ')} and a root (0x and 64 lower-case hex digits)`,
    })
  }
  return { kind: known, root: root as Hash }
}

/** Throws unless `bytes` are the artifact at `address`; `where` names what they were read from. */
export const verifyArtifact = (address: Address, bytes: Uint8Array, where: string): void => {
  atOnce(verifying(address, bytes, where))
}

/** `verifyArtifact`, for `inSlices`: a long program takes a while. */
export function* verifying(
  address: Address,
  bytes: Uint8Array,
  where: string,
): Generator<void, void> {
  let actual: string
  try {
    actual = yield* rootOf(address.kind, bytes)
  } catch (cause) {
    actual = `nothing (${(cause as Error).message})`
  }
  if (actual !== address.root) {
    throw fail.badArtifact({
      what: `${bytes.length} bytes have the root ${actual}, not ${address.root}`,
      where,
      advice: 'get the artifact from another place (--peer) or remove the damaged file',
    })
  }
}

function* rootOf(kind: Kind, bytes: Uint8Array): Generator<void, Hash> {
  if (kind === 'programs') return (yield* committing(readProgramFile(bytes))).root
  if (kind === 'documents') return keccak256(bytes)
  const unit = kind === 'lists' ? 32 : LEAF_BYTES
  if (bytes.length === 0 || bytes.length % unit !== 0) {
    throw new Error(`the length must be a positive multiple of ${unit}`)
  }
  return merkleRoot(kind === 'lists' ? bytes : leafHashes(bytes))
}
