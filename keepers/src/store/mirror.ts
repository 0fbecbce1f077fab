import type { Hash } from '@lockstep/repops'
import { fail, LockstepError } from '../errors.ts'
import type { Log } from '../log.ts'
import { type Address, type Kind, toAddress } from './artifact.ts'
import type { FolderStore } from './folder.ts'
import type { ArtifactSource } from './store.ts'

/**
 * The folder of this keeper and the places it fetches from. Whatever is used is kept, so that what a keeper
 * has worked with cannot be withheld from it later.
 */
export class Mirror {
  readonly folder: FolderStore
  readonly #peers: readonly ArtifactSource[]
  readonly #maxBytes: number
  readonly #log: Log

  constructor(folder: FolderStore, peers: readonly ArtifactSource[], maxBytes: number, log: Log) {
    this.folder = folder
    this.#peers = peers
    this.#maxBytes = maxBytes
    this.#log = log
  }

  /** The same store with further places to fetch from. */
  with(peers: readonly ArtifactSource[]): Mirror {
    return new Mirror(this.folder, [...this.#peers, ...peers], this.#maxBytes, this.#log)
  }

  /** The artifact, from the folder or else from the first peer whose bytes match the root. */
  async fetch(kind: Kind, root: Hash, limit = this.#maxBytes): Promise<Uint8Array> {
    const address = toAddress(kind, root)
    const bound = Math.min(limit, this.#maxBytes)
    let problem: LockstepError | undefined
    let damaged = false
    for (const source of [this.folder, ...this.#peers]) {
      try {
        const bytes = await source.get(address, bound)
        if (bytes === undefined) continue
        if (damaged) this.folder.repair(address, bytes)
        else if (source !== this.folder) this.folder.putTrusted(address, bytes)
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

  #missing({ kind, root }: Address): LockstepError {
    return fail.missingArtifact({
      what: `nobody has the artifact ${kind}/${root}`,
      where: `${this.folder.folder} and ${this.#peers.length} peer(s)`,
      advice: "name a store that has it with --peer, or ask the job's submitter",
    })
  }
}
