import { type Hash, MerkleTree, packHashes } from '@lockstep/repops'
import { closeSync, constants, fsyncSync, mkdirSync, openSync, readSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { needingSpace } from '../files/atomic.ts'

const HASH_BYTES = 32

/**
 * The state root after every step of a run, kept on disk: 32 bytes a step, so that no interval has to be run again
 * to answer for its steps. One record for each interval: its roots, and then the root of the tree over them, by
 * which a damaged record is known.
 */
export class StepRoots {
  readonly #path: string
  readonly #recordBytes: number

  /** `interval`: steps between checkpoints, which fixes the size of a record. */
  constructor(path: string, interval: number) {
    this.#path = path
    this.#recordBytes = HASH_BYTES * (interval + 1)
  }

  /** Keeps the roots of an interval, or its first ones; they are on disk when this returns. */
  keep(interval: number, roots: readonly Hash[]): void {
    const record = packHashes([...roots, new MerkleTree(roots).root])
    mkdirSync(dirname(this.#path), { recursive: true })
    // A record has its place in the file, whatever a kill left there before.
    const file = openSync(this.#path, constants.O_RDWR | constants.O_CREAT)
    try {
      const at = interval * this.#recordBytes
      needingSpace(this.#path, () => {
        for (let done = 0; done < record.length; )
          done += writeSync(file, record, done, record.length - done, at + done)
        fsyncSync(file)
      })
    } finally {
      closeSync(file)
    }
  }

  /** The tree over the `count` roots of an interval; undefined if they were not kept or are damaged. */
  tree(interval: number, count: number): MerkleTree | undefined {
    const record = this.#read(interval * this.#recordBytes, HASH_BYTES * (count + 1))
    if (record === undefined) return undefined
    const hashes = Array.from(
      { length: count + 1 },
      (_, i): Hash => `0x${record.toString('hex', HASH_BYTES * i, HASH_BYTES * (i + 1))}`,
    )
    const root = hashes.pop()
    const tree = new MerkleTree(hashes)
    return tree.root === root ? tree : undefined
  }

  #read(at: number, length: number): Buffer | undefined {
    const record = Buffer.alloc(length)
    let file
    try {
      file = openSync(this.#path, 'r')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
      throw error
    }
    try {
      for (let done = 0; done < length; ) {
        const read = readSync(file, record, done, length - done, at + done)
        if (read === 0) return undefined
        done += read
      }
      return record
    } finally {
      closeSync(file)
    }
  }
}
