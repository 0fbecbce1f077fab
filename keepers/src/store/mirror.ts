import type { Hash } from '@lockstep/repops'
import { fail, LockstepError } from '../errors.ts'
import type { Log } from '../log.ts'
import { type Address, type Kind, toAddress } from './artifact.ts'
import type { FolderStore } from './folder.ts'
import type { ArtifactSource } from './store.ts'

// One artifact may take so long, whatever time is left for all.
const FETCH_SECONDS = 30

/**
 * The folder of this keeper and the places it fetches from. Whatever is used is kept, so that what a keeper
 * has worked with cannot be withheld from it later.
 */
export class Mirror {
  readonly folder: FolderStore
  /** Another folder of this keeper, which is read only. */
  readonly #shelf: FolderStore | undefined
  readonly #peers: readonly ArtifactSource[]
  readonly #maxBytes: number
  readonly #log: Log
  /** On the clock of `performance.now`. */
  readonly #deadlineMs: number

  constructor(
    folder: FolderStore,
    peers: readonly ArtifactSource[],
    maxBytes: number,
    log: Log,
    deadlineMs = Infinity,
    shelf?: FolderStore,
  ) {
    this.folder = folder
    this.#peers = peers
    this.#maxBytes = maxBytes
    this.#log = log
    this.#deadlineMs = deadlineMs
    this.#shelf = shelf
  }

  /** The same store with further places to fetch from. */
  with(peers: readonly ArtifactSource[]): Mirror {
    const all = [...this.#peers, ...peers]
    return new Mirror(this.folder, all, this.#maxBytes, this.#log, this.#deadlineMs, this.#shelf)
  }

  /** The same store, which keeps what is new in a folder of its own. */
  into(folder: FolderStore): Mirror {
    return new Mirror(folder, this.#peers, this.#maxBytes, this.#log, this.#deadlineMs, this.folder)
  }

  /** The same store, which fetches from others in the next `seconds` only, however many artifacts are asked for. */
  within(seconds: number): Mirror {
    const deadlineMs = performance.now() + seconds * 1000
    return new Mirror(this.folder, this.#peers, this.#maxBytes, this.#log, deadlineMs, this.#shelf)
  }

  /** The artifact, from the folder or else from the first peer whose bytes match the root. */
  fetch(kind: Kind, root: Hash, limit = this.#maxBytes): Promise<Uint8Array> {
    return this.#fetch(toAddress(kind, root), limit, 0)
  }

  /**
   * The list of `count` hashes at a root. The upper rows of its tree are lists with the same root: they are no
   * match, whoever sends them.
   */
  fetchList(root: Hash, count: number): Promise<Uint8Array> {
    return this.#fetch(toAddress('lists', root), 32 * count, 32 * count)
  }

  async #fetch(address: Address, limit: number, least: number): Promise<Uint8Array> {
    const { kind, root } = address
    const bound = Math.min(limit, this.#maxBytes)
    let problem: LockstepError | undefined
    let damaged = false
    const own: ArtifactSource[] = [this.folder, ...(this.#shelf === undefined ? [] : [this.#shelf])]
    for (const source of [...own, ...this.#peers]) {
      try {
        const leftSeconds = (this.#deadlineMs - performance.now()) / 1000
        if (!own.includes(source) && leftSeconds <= 0) throw this.#late(address)
        const bytes = await source.get(address, bound, Math.min(FETCH_SECONDS, leftSeconds))
        if (bytes === undefined) continue
        if (bytes.length < least) throw this.#short(address, bytes.length, least)
        if (damaged) await this.folder.repair(address, bytes)
        else if (!own.includes(source)) this.folder.putTrusted(address, bytes)
        return bytes
      } catch (error) {
        if (!(error instanceof LockstepError)) throw error
        this.#log.debug({ kind, root, problem: error.message }, 'an artifact could not be used')
        damaged ||= source === this.folder
        // A mismatch says more than a failed download.
        if (problem === undefined || error.code === 'artifact-mismatch') problem = error
      }
    }
    throw problem ?? this.#missing(address)
  }

  #short({ kind, root }: Address, bytes: number, least: number): LockstepError {
    return fail.badArtifact({
      what: `a list of ${bytes / 32} where one of ${least / 32} is meant`,
      where: `${kind}/${root}`,
      advice: 'name a store that has it with --peer; if it has no other, do not take this job',
    })
  }

  #late({ kind, root }: Address): LockstepError {
    return fail.missingArtifact({
      what: 'the time for fetching artifacts was over',
      where: `${kind}/${root}`,
      advice: 'what has come is kept, so ask again; or name a faster store with --peer',
    })
  }

  #missing({ kind, root }: Address): LockstepError {
    return fail.missingArtifact({
      what: `nobody has the artifact ${kind}/${root}`,
      where: `${this.folder.folder} and ${this.#peers.length} peer(s)`,
      advice: "name a store that has it with --peer, or ask the job's submitter",
    })
  }
}
