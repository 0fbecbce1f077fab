import { inSlices } from '@lockstep/repops'
import { existsSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { join } from 'node:path'
import { fail } from '../errors.ts'
import { writeAtomic } from '../files/atomic.ts'
import { type Address, verifyArtifact, verifying } from './artifact.ts'
import type { ArtifactSource } from './store.ts'

/** Where artifacts lie as files. */
export interface ArtifactFiles {
  /** The file of an artifact, which the caller closes. Not verified: for readers who check what they get. */
  open(
    address: Address,
    limit: number,
  ): Promise<{ readonly file: FileHandle; readonly size: number } | undefined>
}

/** Artifacts as files, `<folder>/<kind>/<root>`. Written whole or not at all, verified whenever they are read. */
export class FolderStore implements ArtifactSource, ArtifactFiles {
  readonly folder: string

  constructor(folder: string) {
    this.folder = folder
  }

  has(address: Address): boolean {
    return existsSync(this.#path(address))
  }

  async get(address: Address, limit: number): Promise<Uint8Array | undefined> {
    const opened = await this.open(address, limit)
    if (opened === undefined) return undefined
    try {
      const bytes = new Uint8Array(await opened.file.readFile())
      await inSlices(verifying(address, bytes, this.#path(address)))
      return bytes
    } finally {
      await opened.file.close()
    }
  }

  async open(
    address: Address,
    limit: number,
  ): Promise<{ readonly file: FileHandle; readonly size: number } | undefined> {
    const path = this.#path(address)
    let file
    try {
      file = await open(path, 'r')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
      throw error
    }
    try {
      const { size } = await file.stat()
      if (size > limit) {
        throw fail.tooLarge({
          what: `${size} bytes, at most ${limit} were expected`,
          where: path,
          advice: 'raise --max-artifact-mib if the artifact is meant to be this large',
        })
      }
      return { file, size }
    } catch (error) {
      await file.close()
      throw error
    }
  }

  /** Stores bytes; refuses them unless they are what `address` says. */
  put(address: Address, bytes: Uint8Array): void {
    verifyArtifact(address, bytes, 'bytes to be stored')
    this.putTrusted(address, bytes)
  }

  /** Stores bytes whose root the caller has just computed. */
  putTrusted(address: Address, bytes: Uint8Array): void {
    if (!this.has(address)) writeAtomic(this.#path(address), bytes)
  }

  /** Stores bytes over a file that was found damaged. */
  async repair(address: Address, bytes: Uint8Array): Promise<void> {
    await inSlices(verifying(address, bytes, 'bytes to be stored'))
    writeAtomic(this.#path(address), bytes)
  }

  #path({ kind, root }: Address): string {
    return join(this.folder, kind, root)
  }
}
