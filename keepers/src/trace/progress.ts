import { checkpointCount, type Hash, type Job, stepOfCheckpoint } from '@lockstep/repops'
import { closeSync, existsSync, ftruncateSync, mkdirSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fail } from '../errors.ts'
import { appendDurable, writeAtomic } from '../files/atomic.ts'

/** 0x, 64 digits, newline. */
const LINE_BYTES = 67

/**
 * How far a run has come, as its folder keeps it: the roots of its checkpoints, a line each, and where it was stopped
 * inside an interval.
 */
export class Progress {
  readonly #job: Pick<Job, 'steps' | 'interval'>
  readonly #folder: string
  readonly #path: string
  readonly #pausedPath: string
  readonly #roots: Hash[]
  #pausedStep: number

  constructor(job: Pick<Job, 'steps' | 'interval'>, folder: string) {
    this.#job = job
    this.#folder = folder
    this.#path = join(folder, 'checkpoints')
    this.#roots = existsSync(this.#path) ? readRoots(this.#path, checkpointCount(job)) : []
    this.#pausedPath = join(folder, 'paused')
    this.#pausedStep = existsSync(this.#pausedPath) ? readPaused(this.#pausedPath) : 0
  }

  /** Of the checkpoints so far. */
  get roots(): readonly Hash[] {
    return this.#roots
  }

  /** Where the run was stopped inside an interval; of no use once it has passed it. */
  get pausedStep(): number {
    return this.#pausedStep
  }

  /** Steps that are done and saved. */
  get stepsDone(): number {
    const count = this.#roots.length
    return Math.max(count === 0 ? 0 : stepOfCheckpoint(this.#job, count - 1), this.#pausedStep)
  }

  /** Adds a checkpoint, whose state is on disk. */
  add(root: Hash): void {
    mkdirSync(this.#folder, { recursive: true })
    const file = openSync(this.#path, 'a')
    try {
      // Cuts off what a kill left of an earlier line.
      ftruncateSync(file, this.#roots.length * LINE_BYTES)
      appendDurable(file, `${root}\n`, this.#path)
    } finally {
      closeSync(file)
    }
    this.#roots.push(root)
  }

  /** Notes that the state after so many steps is on disk. */
  pause(step: number): void {
    writeAtomic(this.#pausedPath, `${step}\n`)
    this.#pausedStep = step
  }

  /** What a pause left is passed, or not there any more. */
  forgetPause(): void {
    this.#pausedStep = 0
  }
}

/** A step within the job, or 0: a damaged file costs an interval at most. */
function readPaused(path: string): number {
  const text = readFileSync(path, 'utf8')
  return /^[1-9]\d{0,9}\n$/.test(text) ? Number(text) : 0
}

function readRoots(path: string, most: number): Hash[] {
  const text = readFileSync(path, 'utf8')
  const roots = text
    .slice(0, text.lastIndexOf('\n') + 1)
    .split('\n')
    .slice(0, -1)
  if (roots.length > most || roots.some((root) => !/^0x[0-9a-f]{64}$/.test(root))) {
    throw fail.badArtifact({
      what: 'the list of checkpoints is damaged',
      where: path,
      advice: 'remove it; the run starts again',
    })
  }
  return roots as Hash[]
}
