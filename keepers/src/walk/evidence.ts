import type { Hash, MerkleTree } from '@lockstep/repops'
import { fromHex, toHex } from '@lockstep/repops'
import { closeSync, existsSync, mkdirSync, openSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Dispute } from '../chain/disputes.ts'
import { oneLine } from '../errors.ts'
import { appendDurable } from '../files/atomic.ts'
import type { Log } from '../log.ts'
import { leafHash, padLeaf, type TracePeer, WrongAnswerError } from '../trace/peer.ts'
import type { NodeAt, Place } from '../trace/place.ts'
import { ClaimedTree, type Difference, WrongRowError } from './claimed-tree.ts'

// After a failure a peer is left alone for a while: the chain answers within the solver's clock anyway.
const SULK_MS = 60_000
const PATIENCE_SECONDS = 30
// Of the time left for a move; what remains is for deciding and for the transaction.
const PATIENCE_SHARE = 0.25

interface Row extends NodeAt {
  readonly root: Hash
  readonly row: readonly Hash[]
}

/**
 * What is known of the trees behind one claim: rows and leaves that its solver gave, over HTTP or on chain.
 * Everything is checked against the root it belongs to before it is used, and kept in a file, because a peer may
 * be gone when a later move needs the same siblings again.
 */
export class Evidence {
  readonly #checkpointRoot: Hash
  readonly #peers: readonly TracePeer[]
  readonly #path: string
  readonly #log: Log
  readonly #rows = new Map<string, Row>()
  /** By hash, padded to whole leaves. */
  readonly #leaves = new Map<Hash, Uint8Array>()
  readonly #sulkUntil = new Map<TracePeer, number>()
  #askUntilMs = Infinity

  constructor(checkpointRoot: Hash, peers: readonly TracePeer[], path: string, log: Log) {
    this.#checkpointRoot = checkpointRoot
    this.#peers = peers
    this.#path = path
    this.#log = log
    this.#load()
  }

  /**
   * Begins a move for which so much time is left: peers may take a part of it, all answers together. What they have
   * not given by then counts as withheld.
   */
  beginMove(secondsLeft: number): void {
    const seconds = Math.min(PATIENCE_SECONDS, Math.max(0, secondsLeft) * PATIENCE_SHARE)
    this.#askUntilMs = Date.now() + seconds * 1000
  }

  /** Takes in what the reveals of a dispute have shown. */
  absorb(dispute: Dispute): void {
    let root: Hash | undefined
    dispute.moves.forEach((move, i) => {
      const previous = i === 0 ? undefined : dispute.moves[i - 1].position
      if (move.row !== undefined && root !== undefined && previous !== undefined) {
        this.#addRow({ root, height: previous.height, index: previous.index, row: move.row })
      }
      if (move.leaf !== undefined) this.#addLeaf(fromHex(move.leaf))
      // The first demand in a tree is of its root.
      const { open, tree, phase, demanded } = move.position
      if (open && (previous === undefined || previous.tree === 'none' || previous.phase !== phase))
        root = demanded
      else if (tree === 'none') root = undefined
    })
  }

  /** The solver's tree over the same leaves as `own`, as far as it is known. */
  tree(root: Hash, own: MerkleTree): ClaimedTree {
    const tree = new ClaimedTree(root, own)
    const rows = [...this.#rows.values()].filter((row) => row.root === root)
    for (const { height, index, row } of rows.sort((a, b) => b.height - a.height)) {
      if (tree.node(height, index) !== undefined) tree.learn({ height, index }, row)
    }
    return tree
  }

  /** The leftmost leaf in which the tree differs from one's own, asking peers for the rows on the way. */
  async descend(tree: ClaimedTree, place: Place): Promise<Difference> {
    for (;;) {
      const difference = tree.firstDifference()
      if (difference.kind !== 'unknown') return difference
      const row = await this.#ask(async (peer, seconds) => {
        const found = await peer.row(this.#checkpointRoot, place, difference.node, seconds)
        if (found !== undefined) tree.learn(difference.node, found)
        return found
      })
      if (row === undefined) return difference
      this.#addRow({ root: tree.root, ...difference.node, row })
    }
  }

  /**
   * The real bytes of a leaf of a claimed tensor; undefined if nobody has shown them. Bytes of another length are as
   * good as none: with data behind the tensor's last element the leaf cannot be opened on chain either.
   */
  async leaf(
    hash: Hash,
    place: Place,
    index: number,
    length: number,
  ): Promise<Uint8Array | undefined> {
    if (!this.#leaves.has(hash)) {
      const bytes = await this.#ask((peer, seconds) =>
        peer.leaf(this.#checkpointRoot, place, index, hash, length, seconds),
      )
      if (bytes !== undefined) this.#addLeaf(bytes)
    }
    const padded = this.#leaves.get(hash)
    return padded?.subarray(length).every((byte) => byte === 0) === true
      ? padded.subarray(0, length)
      : undefined
  }

  async #ask<T>(
    question: (peer: TracePeer, timeoutSeconds: number) => Promise<T | undefined>,
  ): Promise<T | undefined> {
    for (const peer of this.#peers) {
      const timeoutSeconds = Math.min(PATIENCE_SECONDS, (this.#askUntilMs - Date.now()) / 1000)
      if (timeoutSeconds <= 0) return undefined
      if ((this.#sulkUntil.get(peer) ?? 0) > Date.now()) continue
      try {
        const answer = await question(peer, timeoutSeconds)
        if (answer !== undefined) return answer
      } catch (error) {
        this.#sulkUntil.set(peer, Date.now() + SULK_MS)
        const lied = error instanceof WrongRowError || error instanceof WrongAnswerError
        this.#log.warn({ peer: peer.base, problem: oneLine(error), lied }, 'a peer is of no use')
      }
    }
    return undefined
  }

  #addRow(row: Row): void {
    const key = `${row.root}/${row.height}/${row.index}`
    if (this.#rows.has(key)) return
    this.#rows.set(key, row)
    this.#append(row)
  }

  #addLeaf(bytes: Uint8Array): void {
    const padded = padLeaf(bytes)
    const hash = leafHash(padded)
    if (this.#leaves.has(hash)) return
    this.#leaves.set(hash, padded)
    this.#append({ leaf: toHex(bytes) })
  }

  #append(line: Row | { leaf: string }): void {
    mkdirSync(dirname(this.#path), { recursive: true })
    const file = openSync(this.#path, 'a')
    try {
      appendDurable(file, `\n${JSON.stringify(line)}`, this.#path)
    } finally {
      closeSync(file)
    }
  }

  #load(): void {
    if (!existsSync(this.#path)) return
    for (const text of readFileSync(this.#path, 'utf8').split('\n')) {
      try {
        const line = JSON.parse(text) as Row | { leaf: Hash }
        if ('leaf' in line) {
          const bytes = padLeaf(fromHex(line.leaf))
          this.#leaves.set(leafHash(bytes), bytes)
        } else {
          this.#rows.set(`${line.root}/${line.height}/${line.index}`, line)
        }
      } catch {
        // A line that a kill cut off: it is asked for again.
      }
    }
  }
}
