import { type Hash, merkleRoot, packHashes, ZERO_HASH } from '@lockstep/repops'
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Hex, LocalAccount } from 'viem'
import { z } from 'zod'
import { contestName, type Contest, readContest, readEvaluator } from '../chain/contests.ts'
import type { Head } from '../chain/connect.ts'
import type { Contracts } from '../chain/contracts.ts'
import { fail, LockstepError, oneLine } from '../errors.ts'
import { writeAtomic } from '../files/atomic.ts'
import { Recent } from '../files/recent.ts'
import type { Log } from '../log.ts'
import { jobStore } from '../store/job-store.ts'
import type { Mirror } from '../store/mirror.ts'
import { BusyError, StrangersQueue } from '../store/queue.ts'
import type { Posts } from '../store/server.ts'
import { fetchTensor } from '../store/tensors.ts'
import {
  type AttestationRequest,
  attestationRequest,
  type PreparationRequest,
  preparationRequest,
  signAttestation,
} from './attestation.ts'
import { entryCommitment, testSetCommitment } from './commitments.ts'
import { ENTRY, type EvaluatorLimits, type FetchedEvaluator, fetchEvaluator } from './evaluator.ts'
import { originOf } from './origin.ts'

// Requests that may wait to be looked at, and then to be worked on; one more is told to come again.
const MOST_UNREAD = 64
const MOST_WAITING = 512
// Contests share so many lanes, in each of which one request is worked on at a time.
const LANES = 4
// The part of the time that requests get: in the rest nobody can make this process fetch and hash.
const SHARE = 0.5
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
  readonly #unread = new StrangersQueue(MOST_UNREAD, SHARE)
  readonly #lanes = Array.from({ length: LANES }, () => new StrangersQueue(MOST_WAITING, SHARE))
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
    const { contest, head } = await this.#unread.do(() => this.#read(id))
    return this.#inTurn(contest, 'evaluator', async () => {
      await this.#evaluator(contest, head.number, this.#mirrorOf(from))
      return { evaluator: contest.evaluator }
    })
  }

  /** Signs for a tensor, or throws why not. */
  async attest(request: AttestationRequest): Promise<{ attester: string; attestation: Hex }> {
    const { contest, head } = await this.#unread.do(async () => {
      const read = await this.#read(request.contest)
      checkCommitted(read.contest, request, read.head.time)
      return read
    })
    const { constant, index } = request
    return this.#inTurn(contest, `${constant}-${index}`, () => this.#attest(contest, request, head))
  }

  async #attest(contest: Contest, request: AttestationRequest, head: Head) {
    const { constant, index, root, from } = request
    const mirror = this.#mirrorOf(from)
    const { program, terms } = await this.#evaluator(contest, head.number, mirror)
    const { type, count } = program.constants[constant]
    await fetchTensor(mirror, root, type, count, constant === ENTRY ? 'an entry' : 'a test set')
    // Of use to people; that nobody has it is no reason to refuse.
    if (constant === ENTRY)
      await originOf(this.#contracts, mirror, { ...contest.entrants[index], root })
    this.#note(contest.id, request)
    this.#keepConstants(contest.id, request, terms.weightsRoot)
    const judge = { chainId: this.#contracts.chain.id, address: this.#contracts.judge }
    const attestation = await signAttestation(this.#account, judge, request)
    this.#log.info({ contest: contestName(contest.id), constant, index, root }, 'attested')
    return { attester: this.#account.address, attestation }
  }

  /** One thing of a contest after the other; the same thing, asked for again meanwhile, is put off. */
  async #inTurn<T>({ id }: Contest, what: string, task: () => Promise<T>): Promise<T> {
    const key = `${id} ${what}`
    if (this.#underWay.has(key)) throw new BusyError(FETCH_SECONDS / 4)
    this.#underWay.add(key)
    try {
      return await this.#lanes[Number(id % BigInt(LANES))].do(task)
    } finally {
      this.#underWay.delete(key)
    }
  }

  /** A contest that this account attests. */
  async #read(id: bigint): Promise<{ contest: Contest; head: Head }> {
    const head = await this.#contracts.chain.head()
    const contest = await readContest(this.#contracts, id, head.number)
    const { openers } = this.#terms
    const isOurs =
      same(contest.attester, this.#account.address) &&
      (openers === undefined || openers.some((opener) => same(opener, contest.opener)))
    if (isOurs) return { contest, head }
    throw fail.refused({
      what: `contest ${contestName(id)} is not one that ${this.#account.address} attests`,
      where: `its attester is ${contest.attester}, its opener ${contest.opener}`,
      advice: "ask the contest's attester",
    })
  }

  #mirrorOf(from: string | undefined): Mirror {
    const store = jobStore(from, this.#contracts.chain.id)
    return this.#mirror.with(store === undefined ? [] : [store]).within(FETCH_SECONDS)
  }

  async #evaluator({ evaluator }: Contest, to: bigint, mirror: Mirror): Promise<FetchedEvaluator> {
    const known = this.#evaluators.get(evaluator)
    if (known !== undefined) return known
    const terms = await readEvaluator(this.#contracts, evaluator, to)
    return this.#evaluators.set(evaluator, await fetchEvaluator(mirror, terms, this.#terms))
  }

  /** Leaves a note of what is about to be signed for. */
  #note(contest: bigint, { constant, index, root }: AttestationRequest): void {
    const path = join(this.#notesOf(contest), `${constant}-${index}`)
    if (!existsSync(path)) writeAtomic(path, root)
  }

  #notesOf(contest: bigint): string {
    return join(this.#folder, contestName(contest))
  }

  /** Stores the lists of constants of all evaluations that the tensor is part of, for those who solve their jobs. */
  #keepConstants(contest: bigint, { constant, root }: AttestationRequest, weights: Hash): void {
    const folder = this.#notesOf(contest)
    mkdirSync(folder, { recursive: true })
    const others = readdirSync(folder)
      .filter((name) => name.startsWith(constant === ENTRY ? '1-' : '0-'))
      .map((name) => readFileSync(join(folder, name), 'utf8') as Hash)
    for (const other of others) {
      const inputs = constant === ENTRY ? [root, other] : [other, root]
      const list = packHashes(weights === ZERO_HASH ? inputs : [...inputs, weights])
      this.#mirror.folder.putTrusted({ kind: 'lists', root: merkleRoot(list) }, list)
    }
  }
}

/** Throws unless the request is for something that was committed to, and that may be known by now. */
function checkCommitted(
  contest: Contest,
  { constant, index, root, salt }: AttestationRequest,
  time: bigint,
): void {
  const name = constant === ENTRY ? 'entrant' : 'round'
  const where = `contest ${contestName(contest.id)}, ${name} ${index}`
  const [entrant, round] = [contest.entrants.at(index), contest.rounds.at(index)]
  if ((constant === ENTRY ? entrant : round) === undefined)
    throw fail.notFound({ what: `there is no such ${name}`, where, advice: 'check the number' })
  const from = constant === ENTRY ? contest.entriesClose + 1 : round!.opensAt
  if (time < BigInt(from))
    throw fail.tooEarly({
      what: `it may be known from second ${from} on, it is ${time}`,
      where,
      advice: 'ask again then',
    })
  const isCommitted =
    constant === ENTRY
      ? entryCommitment(entrant!.owner, root, salt) === entrant!.commitment
      : testSetCommitment(root, salt) === round!.commitment
  if (!isCommitted)
    throw fail.badArtifact({
      what: 'root and salt are not those that were committed to',
      where,
      advice: 'send what the commitment was made of',
    })
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

const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase()
