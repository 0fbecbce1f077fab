import { type Hash, merkleRoot, packHashes, ZERO_HASH } from '@lockstep/repops'
import { existsSync, mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Hex, LocalAccount } from 'viem'
import { z } from 'zod'
import { contestName, readEvaluator } from '../chain/contests.ts'
import type { Head } from '../chain/connect.ts'
import type { Contracts } from '../chain/contracts.ts'
import { SharedHead } from '../chain/shared-head.ts'
import { fail, LockstepError, oneLine } from '../errors.ts'
import { writeAtomic } from '../files/atomic.ts'
import { Recent } from '../files/recent.ts'
import type { Log } from '../log.ts'
import { jobStore } from '../store/job-store.ts'
import type { Mirror } from '../store/mirror.ts'
import { BusyError } from '../store/queue.ts'
import type { Posts } from '../store/server.ts'
import { fetchTensor } from '../store/tensors.ts'
import { TurnsQueue } from '../store/turns.ts'
import { type Asked, type Attested, attestedTerms, checkAsked } from './asked.ts'
import {
  type AttestationRequest,
  attestationRequest,
  type PreparationRequest,
  preparationRequest,
  signAttestation,
} from './attestation.ts'
import { ENTRY, type EvaluatorLimits, type FetchedEvaluator, fetchEvaluator } from './evaluator.ts'
import { originOf } from './origin.ts'

// Requests that are worked on at a time, each of another contest; those that may wait; and the part of the time that
// they get: in the rest nobody can make this process fetch and hash.
const TURNS = { atOnce: 4, mostOfOne: 32, most: 128, share: 0.5 }
// Looks at the chain for requests that it may answer anew, and how long what was seen answers the others.
const LOOKS = { pauseMs: 100, keptMs: 10_000 }
// A later look may find otherwise; whatever else was read stays as it is.
const MAY_COME = ['not-found', 'too-early']
const NOTE = /^[01]-0x[0-9a-f]{64}$/
// For all that one request makes it fetch.
const FETCH_SECONDS = 60
const KEPT_EVALUATORS = 16

/** What an attester takes on. */
export interface AttesterTerms extends EvaluatorLimits {
  /** Only contests opened by these. */
  readonly openers: readonly string[] | undefined
}

/**
 * Says, with a signature that Judge checks, that a tensor can be fetched and fits its place (docs/spec/judge.md,
 * sections 2 and 5). It signs only for contests that name its account, only when a tensor may be known, and only what
 * was committed to on chain: whoever makes it fetch something has paid for an entry. Everything it signs for lies in
 * its store by then.
 */
export class Attester implements Posts {
  readonly #contracts: Contracts
  readonly #account: LocalAccount
  readonly #mirror: Mirror
  readonly #folder: string
  readonly #terms: AttesterTerms
  readonly #log: Log
  readonly #heads: SharedHead
  readonly #turns = new TurnsQueue(TURNS)
  /** What is waited for or worked on: each of it once. */
  readonly #underWay = new Set<string>()
  readonly #evaluators = new Recent<Hash, FetchedEvaluator>(KEPT_EVALUATORS)

  /** `folder`: where it notes what it signed for. */
  constructor(options: {
    contracts: Contracts
    account: LocalAccount
    mirror: Mirror
    folder: string
    terms: AttesterTerms
    log: Log
  }) {
    this.#contracts = options.contracts
    this.#heads = new SharedHead(() => this.#contracts.chain.head(), LOOKS)
    this.#account = options.account
    this.#mirror = options.mirror
    this.#folder = options.folder
    this.#terms = options.terms
    this.#log = options.log
  }

  /** Answers what was posted to a path; undefined where nothing is answered there. */
  async post(path: string, body: unknown): Promise<{ status: number; json: object } | undefined> {
    const answer = this.#routes.get(path)
    if (answer === undefined) return undefined
    try {
      return { status: 200, json: await answer(body) }
    } catch (error) {
      if (!(error instanceof LockstepError)) throw error
      const { code, message } = error
      this.#log.warn({ path, code, problem: oneLine(error) }, 'a request was refused')
      return { status: STATUS_OF.get(code) ?? 422, json: { error: { code, message } } }
    }
  }

  readonly #routes = new Map<string, (body: unknown) => Promise<object>>([
    ['attestations', async (body) => this.attest(checked(attestationRequest, body))],
    ['contests', async (body) => this.prepare(checked(preparationRequest, body))],
  ])

  /** Fetches what a contest's evaluator consists of. */
  async prepare({ contest: id, from }: PreparationRequest): Promise<{ evaluator: Hash }> {
    const read = ({ number }: Head) => attestedTerms(this.#contracts, id, number, this.#attested)
    const [{ evaluator }, { number }] = await this.#onChain(read)
    return this.#inTurn(id, 'evaluator', async () => {
      await this.#evaluator(evaluator, number, this.#mirrorOf(from))
      return { evaluator }
    })
  }

  /** Signs for a tensor, or throws why not. */
  async attest(request: AttestationRequest): Promise<{ attester: string; attestation: Hex }> {
    const check = (head: Head) => checkAsked(this.#contracts, request, head, this.#attested)
    const [asked, { number }] = await this.#onChain(check)
    const { contest, constant, index } = request
    const task = () => this.#attest(request, asked, number)
    return this.#inTurn(contest, `${constant}-${index}`, task)
  }

  /**
   * What is read of the chain, and up to where. What it says of contests does not change, so most questions are
   * answered from what was read before, and are refused at no cost; only what was not there yet is looked for anew.
   */
  async #onChain<T>(read: (head: Head) => Promise<T>): Promise<[T, Head]> {
    const { recent } = this.#heads
    try {
      if (recent !== undefined) return [await read(recent), recent]
    } catch (error) {
      const mayCome = error instanceof LockstepError && MAY_COME.includes(error.code)
      if (!mayCome) throw error
    }
    const head = await this.#heads.next()
    return [await read(head), head]
  }

  async #attest(request: AttestationRequest, asked: Asked, to: bigint) {
    const { contest, constant, index, root, from } = request
    const mirror = this.#mirrorOf(from)
    const { program, terms } = await this.#evaluator(asked.evaluator, to, mirror)
    const { type, count } = program.constants[constant]
    await fetchTensor(mirror, root, type, count, constant === ENTRY ? 'an entry' : 'a test set')
    // Of use to people; that nobody has it is no reason to refuse.
    if (constant === ENTRY)
      await originOf(this.#contracts, mirror, { provenance: asked.provenance, root })
    this.#note(request)
    this.#keepConstants(request, terms.weightsRoot)
    const judge = { chainId: this.#contracts.chain.id, address: this.#contracts.judge }
    const attestation = await signAttestation(this.#account, judge, request)
    this.#log.info({ contest: contestName(contest), constant, index, root }, 'attested')
    return { attester: this.#account.address, attestation }
  }

  /** One thing of a contest after the other; the same thing, asked for again meanwhile, is put off. */
  async #inTurn<T>(contest: bigint, what: string, task: () => Promise<T>): Promise<T> {
    const key = `${contest} ${what}`
    if (this.#underWay.has(key)) throw new BusyError(FETCH_SECONDS / 4)
    this.#underWay.add(key)
    try {
      return await this.#turns.do(contestName(contest), task)
    } finally {
      this.#underWay.delete(key)
    }
  }

  get #attested(): Attested {
    return { account: this.#account.address, openers: this.#terms.openers }
  }

  #mirrorOf(from: string | undefined): Mirror {
    const store = jobStore(from, this.#contracts.chain.id)
    return this.#mirror.with(store === undefined ? [] : [store]).within(FETCH_SECONDS)
  }

  async #evaluator(evaluator: Hash, to: bigint, mirror: Mirror): Promise<FetchedEvaluator> {
    const known = this.#evaluators.get(evaluator)
    if (known !== undefined) return known
    const terms = await readEvaluator(this.#contracts, evaluator, to)
    return this.#evaluators.set(evaluator, await fetchEvaluator(mirror, terms, this.#terms))
  }

  /** Leaves a note of what is about to be signed for. By its root: another chain may have another there. */
  #note({ contest, constant, index, root }: AttestationRequest): void {
    const path = join(this.#notesOf(contest), `${constant}-${root}`)
    if (!existsSync(path)) writeAtomic(path, `${index}\n`)
  }

  #notesOf(contest: bigint): string {
    return join(this.#folder, contestName(contest))
  }

  /** Stores the lists of constants of all evaluations that the tensor is part of, for those who solve their jobs. */
  #keepConstants({ contest, constant, root }: AttestationRequest, weights: Hash): void {
    const folder = this.#notesOf(contest)
    mkdirSync(folder, { recursive: true })
    const others = readdirSync(folder)
      .filter((name) => NOTE.test(name) && !name.startsWith(`${constant}-`))
      .map((name) => name.slice(2) as Hash)
    for (const other of others) {
      const inputs = constant === ENTRY ? [root, other] : [other, root]
      const list = packHashes(weights === ZERO_HASH ? inputs : [...inputs, weights])
      this.#mirror.folder.putTrusted({ kind: 'lists', root: merkleRoot(list) }, list)
    }
  }
}

const STATUS_OF = new Map([
  ['bad-request', 400],
  ['refused', 403],
  ['not-found', 404],
  ['too-early', 409],
  ['artifact-too-large', 413],
])

function checked<S extends z.ZodType>(schema: S, body: unknown): z.output<S> {
  const parsed = schema.safeParse(body)
  if (parsed.success) return parsed.data
  throw fail.badRequest({
    what: 'the request is malformed',
    where: z.prettifyError(parsed.error).replaceAll('\n', ' ').slice(0, 500),
    advice: 'its format is in docs/spec/judge.md',
  })
}
