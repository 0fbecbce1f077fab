import { type DType, type Hash, type Tensor, tensorRoot } from '@lockstep/repops'
import { randomBytes } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Address } from 'viem'
import { z } from 'zod'
import { contestName } from '../chain/contests.ts'
import { hash } from '../config/kinds.ts'
import { fail } from '../errors.ts'
import { writeAtomic } from '../files/atomic.ts'
import { FolderStore } from '../store/folder.ts'
import { leavesOf, paddedBytes } from '../store/tensors.ts'
import { entryCommitment, testSetCommitment } from './commitments.ts'

const shared = {
  commitment: hash,
  root: hash,
  salt: hash,
  type: z.enum(['f32', 'i32']),
  count: z.int().min(1),
}
const secret = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('entry'), owner: z.string(), ...shared }),
  z.object({ kind: z.literal('test set'), ...shared }),
])

/** What opens a commitment: its root and salt, with the tensor's type and size. */
export type Secret = z.output<typeof secret>

// Nobody but the keeper's own account on this machine.
const PRIVATE_FILE = 0o600
const PRIVATE_FOLDER = 0o700
const FILE_NAME = /^0x[0-9a-f]{64}\.json$/

/** A salt that nobody can guess, nor then what it hides. */
export const randomSalt = (): Hash => `0x${randomBytes(32).toString('hex')}`

/**
 * What opens the commitments of this keeper, a folder for each contest: a file for each commitment and the tensors
 * themselves, which are not in the store, where others could fetch them, before they are revealed. All of it is on
 * disk before a commitment is sent. Losing it loses the entry, or makes the contest void.
 */
export class Secrets {
  readonly folder: string

  /** `folder`: the folder `secrets` of a home. */
  constructor(folder: string) {
    this.folder = folder
  }

  /** Keeps an entry and what hides it. The same entry of the same owner has the same commitment for ever. */
  keepEntry(contest: bigint, owner: Address, entry: Tensor): Secret {
    const root = tensorRoot(entry)
    const known = this.of(contest).find(
      (kept) => kept.kind === 'entry' && same(kept.owner, owner) && kept.root === root,
    )
    if (known !== undefined) return known
    const salt = randomSalt()
    const commitment = entryCommitment(owner, root, salt)
    return this.#keep(
      contest,
      { kind: 'entry', owner, commitment, root, salt, ...sized(entry) },
      entry,
    )
  }

  /** Keeps a test set with the salt of its commitment. */
  keepTestSet(contest: bigint, testSet: Tensor, root: Hash, salt: Hash): Secret {
    const commitment = testSetCommitment(root, salt)
    return this.#keep(
      contest,
      { kind: 'test set', commitment, root, salt, ...sized(testSet) },
      testSet,
    )
  }

  /** All that this keeper can open in a contest. */
  of(contest: bigint): Secret[] {
    return [...this.commitments(contest)].map((commitment) => read(this.#path(contest, commitment)))
  }

  /** The commitments of a contest that this keeper can open. */
  commitments(contest: bigint): Set<Hash> {
    const folder = this.folderOf(contest)
    const names = existsSync(folder) ? readdirSync(folder) : []
    const files = names.filter((name) => FILE_NAME.test(name)).sort()
    return new Set(files.map((name) => name.slice(0, -'.json'.length) as Hash))
  }

  /** What opens a commitment, if this keeper can. */
  find(contest: bigint, commitment: Hash): Secret | undefined {
    const path = this.#path(contest, commitment)
    return existsSync(path) ? read(path) : undefined
  }

  /** Contests of which this keeper holds secrets. */
  contests(): bigint[] {
    if (!existsSync(this.folder)) return []
    return readdirSync(this.folder)
      .filter((name) => /^0x[0-9a-f]{64}$/.test(name))
      .map(BigInt)
  }

  /** Puts a tensor that may be known by now where others can fetch it. */
  async publish(contest: bigint, { root, count }: Secret, store: FolderStore): Promise<void> {
    const address = { kind: 'tensors', root } as const
    if (store.has(address)) return
    const bytes = await this.#tensors(contest).get(address, paddedBytes(count))
    if (bytes === undefined) {
      throw fail.missingArtifact({
        what: 'the tensor of a commitment is gone',
        where: join(this.folderOf(contest), 'tensors', root),
        advice: 'restore it: without it the commitment cannot be opened',
      })
    }
    store.putTrusted(address, bytes)
  }

  folderOf(contest: bigint): string {
    return join(this.folder, contestName(contest))
  }

  #tensors(contest: bigint): FolderStore {
    return new FolderStore(this.folderOf(contest))
  }

  #path(contest: bigint, commitment: Hash): string {
    return join(this.folderOf(contest), `${commitment}.json`)
  }

  #keep(contest: bigint, kept: Secret, tensor: Tensor): Secret {
    mkdirSync(this.folder, { recursive: true, mode: PRIVATE_FOLDER })
    chmodSync(this.folder, PRIVATE_FOLDER)
    writeAtomic(join(this.folderOf(contest), 'tensors', kept.root), leavesOf(tensor), PRIVATE_FILE)
    // Last: what a file names is there.
    writeAtomic(this.#path(contest, kept.commitment), `${JSON.stringify(kept)}\n`, PRIVATE_FILE)
    return kept
  }
}

const sized = ({ type, count }: Tensor): { type: DType; count: number } => ({ type, count })
const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase()

function read(path: string): Secret {
  try {
    return secret.parse(JSON.parse(readFileSync(path, 'utf8')))
  } catch (cause) {
    throw fail.badHome(
      {
        what: 'what opens a commitment is damaged',
        where: path,
        advice: 'restore it: without it the commitment cannot be opened',
      },
      { cause },
    )
  }
}
