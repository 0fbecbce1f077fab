import {
  type Corruption,
  Graph,
  MODEL,
  Tensor,
  writeSafetensors,
  ZERO_HASH,
} from '@lockstep/repops'
import { Random } from '@lockstep/repops/testing'
import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  type Contest,
  contestName,
  JUDGE_HOLD_SECONDS,
  readContest,
  readContestIds,
} from '../chain/contests.ts'
import { readClaim } from '../chain/claims.ts'
import { readEvaluationJobs } from '../chain/evaluation-jobs.ts'
import { readJob } from '../chain/jobs.ts'
import type { Call, Sender } from '../chain/sender.ts'
import { askAttestation, askPreparation, type AttestationRequest } from '../contest/attestation.ts'
import { enterContest } from '../contest/enter.ts'
import { judge } from '../contest/moves.ts'
import type { Office } from '../contest/office.ts'
import { openContest } from '../contest/open.ts'
import { revealDue } from '../contest/reveal.ts'
import { fail } from '../errors.ts'
import { checkFacts } from '../receipts/facts.ts'
import { loadReceipt } from '../receipts/load.ts'
import type { EvaluatorRole } from '../roles/evaluator.ts'
import type { Keeper, Tick } from '../roles/keeper.ts'
import {
  evaluatorRole,
  hourlyContest,
  LIMITS,
  officeOf,
  passSeconds,
  passTo,
  scoreOnReference,
  serveStore,
  startAttester,
  tinyModel,
  tinyPerplexity,
} from '../testing/contests.ts'
import { lockstep } from '../testing/command-line.ts'
import { type Actor, TestNetwork } from '../testing/network.ts'
import { LockstepProcess } from '../testing/processes.ts'
import { allTransactionsOf, expectAllSentOnce, Victim } from '../testing/victim.ts'

let network: TestNetwork
let opener: Office
let entrant: Office
let attester: Awaited<ReturnType<typeof startAttester>>
const closing: (() => unknown)[] = []

beforeAll(async () => {
  network = await TestNetwork.start()
  opener = officeOf(network, 'submitter')
  entrant = officeOf(network, 'other')
  attester = await startAttester(network, 'defender', officeOf(network, 'defender'))
  closing.push(attester.close)
}, 900_000)

afterAll(async () => {
  for (const close of closing) await close()
  await network.stop()
})

const read = async (id: bigint): Promise<Contest> =>
  readContest(network.contracts, id, (await network.contracts.chain.head()).number)

const testSet = (seed: number): Tensor => {
  const random = new Random(seed)
  return new Tensor(
    'i32',
    Int32Array.from({ length: 2 * 2 * 6 }, () => random.below(12)),
  )
}
const models = [1n, 2n, 3n, 4n].map((seed) => tinyModel(seed))

/** Opens a contest whose evaluator the attester has; where the opener's store is served. */
async function open(rounds: readonly number[]): Promise<{ id: bigint; from: string }> {
  const place = { attester: network.address('defender'), uri: attester.uri }
  const order = await hourlyContest(network, place, rounds.map(testSet))
  const { id } = await openContest(opener, order)
  const store = await serveStore(opener.mirror.folder)
  closing.push(store.close)
  const chainId = network.contracts.chain.id
  await askPreparation(attester.uri, chainId, { contest: id, from: store.url })
  return { id, from: store.url }
}

/** An evaluator role whose reveals are fetched from its office's store. */
async function roleOf(
  office: Office,
  actor: 'submitter' | 'other',
  contests?: readonly bigint[],
): Promise<EvaluatorRole> {
  const keeper = network.keeper(actor)
  const { url } = await serveStore(keeper.workshop.mirror.folder).then((server) => {
    closing.push(server.close)
    return server
  })
  return evaluatorRole(office, keeper, { uri: url, contests })
}

/** The evaluations' receipts say what was scored, by whom and how; the cheat's says what it would have been. */
async function expectReceipts(
  contest: bigint,
  jobs: readonly bigint[],
  scores: readonly number[],
  solving: Keeper,
  cheating: Keeper,
): Promise<void> {
  const { contracts } = network
  const evaluations = jobs.map((_, entrant) => ({
    judge: contracts.judge,
    contest,
    entrant,
    round: 0,
    scoreState: tinyPerplexity.scoreState,
    score: scores[entrant],
  }))
  for (const [entrant, job] of jobs.entries()) {
    const { attempt } = await readJob(contracts, job)
    const path = solving.receipts.path(job, attempt)
    await expect.poll(() => existsSync(path)).toBe(true)
    const receipt = await loadReceipt(path)
    expect(receipt.evaluation).toEqual(evaluations[entrant])
    expect(await checkFacts(contracts, receipt, 'here')).toEqual({
      job: 'settled',
      claim: 'upheld',
    })
    const evaluation = { ...evaluations[entrant], score: 1 }
    await expect(checkFacts(contracts, { ...receipt, evaluation }, 'here')).rejects.toThrow(
      `the reported score is ${scores[entrant]} on chain`,
    )
    const other = { ...evaluations[entrant], entrant: (entrant + 1) % 3 }
    await expect(checkFacts(contracts, { ...receipt, evaluation: other }, 'here')).rejects.toThrow(
      'the job of the evaluation is',
    )
    const loss = { ...evaluations[entrant], scoreState: 1 }
    await expect(checkFacts(contracts, { ...receipt, evaluation: loss }, 'here')).rejects.toThrow(
      'the state of the score is 0 on chain',
    )
  }
  const path = cheating.receipts.path(jobs[1], 1)
  expect((await loadReceipt(path)).evaluation?.score).not.toBe(scores[1])
  const { exit, out } = await lockstep(['verify', path, '--json'], {
    LOCKSTEP_RPC: network.devnet.rpcUrl,
    LOCKSTEP_DEPLOYMENT: network.devnet.deploymentFile,
    LOCKSTEP_HOME: join(network.folder, 'verifier'),
    LOCKSTEP_BACKEND: 'wasm',
  })
  expect([exit, JSON.parse(out)]).toMatchObject([
    6,
    { chain: { claim: 'void' }, differs: { steps: { first: 1, last: 1 } } },
  ])
}

/** A lie of one bit of a score: about a million. */
function lieAboutScore(): Corruption {
  const [{ next }] = tinyPerplexity.program.states
  return { step: 1, node: next!, element: 0, bit: 20 }
}

/** A peer that sends wrong bytes is no reason to give up a score. */
async function expectPatience(contest: bigint): Promise<void> {
  const keeper = network.keeper('challenger')
  const advice = 'get it elsewhere'
  const get = () => Promise.reject(fail.badArtifact({ what: 'wrong bytes', where: 'peer', advice }))
  const mirror = keeper.workshop.mirror.with([{ get }])
  let runs = 0
  const workshop = {
    mirror,
    mirrorFor: () => mirror,
    complete: () => (runs++, mirror.fetch('programs', ZERO_HASH)),
    forget: () => Promise.resolve(),
  } as unknown as Keeper['workshop']
  const misled = { ...keeper, workshop }
  const role = evaluatorRole(officeOf(network, 'cheat'), misled, { contests: [contest] })
  const before = await allTransactionsOf(network, 'challenger')
  await network.look(role.tick, 5)
  await expect.poll(() => runs).toBeGreaterThan(0)
  await network.look(role.tick, 5)
  expect(await allTransactionsOf(network, 'challenger')).toEqual(before)
}

describe('a contest by perplexity', () => {
  test('is decided by what Verde leaves standing', async () => {
    const { id } = await open([7])
    for (const model of models.slice(0, 3))
      await enterContest(entrant, { contest: id, tensor: model })
    // Entered by somebody who never reveals it.
    await enterContest(officeOf(network, 'challenger'), { contest: id, tensor: models[3] })
    const { entriesClose, rounds, entryFee } = await read(id)
    const [opens, enters] = [await roleOf(opener, 'submitter'), await roleOf(entrant, 'other')]

    await passTo(network, entriesClose + 1)
    const isRevealed = async () => (await read(id)).entrants.slice(0, 3).every(({ root }) => root)
    await network.play([opens.tick, enters.tick], isRevealed)
    expect((await read(id)).entrants[3].root).toBeUndefined()

    await passTo(network, rounds[0].opensAt)
    const isOrdered = async () => (await read(id)).evaluations.length === 3
    await network.play([opens.tick, enters.tick], isOrdered)
    const jobs = (await read(id)).evaluations.map(({ job }) => job)

    // One evaluation is solved by somebody who lies about the score.
    const cheating = network.keeper('cheat', { corruption: lieAboutScore() })
    const cheat = network.solver(cheating, { jobs: [jobs[1]] })
    const isClaimed = async (job: bigint) =>
      (await readJob(network.contracts, job)).status === 'claimed'
    await network.play([cheat.tick], () => isClaimed(jobs[1]))
    const { claim } = await readJob(network.contracts, jobs[1])
    const challenger = network.challenger(network.keeper('challenger'), [], [claim])
    const isVoid = async () => (await readClaim(network.contracts, claim)).status === 'void'
    await network.play([cheat.tick, challenger.tick, opens.tick], isVoid)

    // Whoever solved a job or wants it closes it; an evaluator does when nobody has for two minutes.
    const statusOf = async (job: bigint) => (await readJob(network.contracts, job)).status
    await opens.tick(await network.contracts.chain.head())
    expect(await statusOf(jobs[1])).toBe('claimed')
    await passSeconds(network, 121)
    await opens.tick(await network.contracts.chain.head())
    expect(await statusOf(jobs[1])).toBe('open')
    const solving = network.keeper('solver')
    const solver = network.solver(solving, { jobs, parallelJobs: 3 })
    await network.play([solver.tick], async () =>
      (await Promise.all(jobs.map(isClaimed))).every(Boolean),
    )
    await network.passDeadlines()
    const isDecided = async () =>
      (await read(id)).entrants.filter(({ scored }) => scored).length === 3
    await opens.tick(await network.contracts.chain.head())
    await passSeconds(network, 121)
    await network.play([opens.tick, enters.tick], isDecided)

    const scores = await Promise.all(
      models.slice(0, 3).map((model) => scoreOnReference(tinyPerplexity, model, testSet(7))),
    )
    expect((await read(id)).entrants.map(({ total }) => Number(total))).toEqual([...scores, 0])
    await expectReceipts(id, jobs, scores, solving, cheating)
    // The fourth could still be revealed and ordered: nothing is decided before it no longer can.
    expect((await read(id)).verdict).toBe('pending')
    const before = await network.balanceAi('challenger')
    await passTo(network, (await read(id)).decidedBy + 1)
    await network.play([opens.tick, enters.tick], async () => (await read(id)).isConcluded)
    const decided = await read(id)
    expect(decided).toMatchObject({
      verdict: 'decided',
      winners: [scores.indexOf(Math.max(...scores))],
    })

    const isReturned = async () => (await read(id)).entrants.every(({ escrow }) => escrow === 0n)
    await network.play([opens.tick], isReturned)
    expect((await network.balanceAi('challenger')) - before).toBe(entryFee)
    expect(await opens.tick(await network.contracts.chain.head())).toBe(false)
  })
})

describe('an attester', () => {
  const small = new Tensor('f32', new Int32Array(5))

  /** Enters what `enterContest` would refuse. */
  async function enterUnchecked(contest: bigint, tensor: Tensor): Promise<void> {
    const { sender, secrets } = entrant
    const { commitment } = secrets.keepEntry(contest, sender.address, tensor)
    const args = [contest, sender.address, commitment, ZERO_HASH] as const
    await judge(entrant, 'enter', commitment, args, (await read(contest)).entryFee)
  }

  test('signs only what was committed to, may be known, is there and fits', async () => {
    const { id } = await open([8])
    await enterContest(entrant, { contest: id, tensor: tinyModel(9n) })
    await enterUnchecked(id, small)
    const chainId = network.contracts.chain.id
    const secretOf = async (index: number) => {
      const secret = entrant.secrets.find(id, (await read(id)).entrants[index].commitment)!
      return { contest: id, constant: 0, index, root: secret.root, salt: secret.salt } as const
    }
    const [good, wrong] = [await secretOf(0), await secretOf(1)]
    const ask = (request: AttestationRequest) => askAttestation(attester.uri, chainId, request)
    const { entriesClose } = await read(id)
    await expect(ask(good)).rejects.toThrow(/may be known from second \d+ on/)
    await passTo(network, entriesClose + 1)

    // Not in its store, and no place was named.
    await expect(ask(good)).rejects.toThrow(/nobody has the artifact tensors/)
    for (const { commitment } of (await read(id)).entrants)
      await entrant.secrets.publish(
        id,
        entrant.secrets.find(id, commitment)!,
        entrant.mirror.folder,
      )
    const { url: from, close } = await serveStore(entrant.mirror.folder)
    closing.push(close)
    await expect(ask({ ...good, salt: good.root, from })).rejects.toThrow(/were committed to/)
    await expect(ask({ ...good, index: 1, from })).rejects.toThrow(/were committed to/)
    await expect(ask({ ...good, index: 9, from })).rejects.toThrow(/no such entrant/)
    await expect(ask({ ...good, contest: 5n, from })).rejects.toThrow(/no such contest/)
    await expect(ask({ ...wrong, from })).rejects.toThrow(/leaves where an entry has/)
    await expect(ask({ ...good, constant: 1, from })).rejects.toThrow(/were committed to/)
    const hidden = opener.secrets.find(id, (await read(id)).rounds[0].commitment)!
    await expect(
      ask({ ...good, constant: 1, root: hidden.root, salt: hidden.salt, from }),
    ).rejects.toThrow(/may be known from/)
    expect(await ask({ ...good, from })).toMatch(/^0x[0-9a-f]{130}$/)
    // Its own copy is enough from then on.
    expect(await ask(good)).toMatch(/^0x[0-9a-f]{130}$/)
    // Of whatever was signed for on any chain, the lists of constants are kept.
    const notes = join(network.home('defender'), 'attested', contestName(id))
    expect(readdirSync(notes)).toEqual([`0-${good.root}`])

    const outcome = await revealDue(entrant, await read(id), entriesClose + 1, from)
    expect(outcome.map(({ index, problem }) => [index, problem === undefined])).toEqual([
      [0, true],
      [1, false],
    ])
    expect((await read(id)).entrants.map(({ root }) => root)).toEqual([good.root, undefined])
  })

  test('refuses what was not committed to without a look at the chain', async () => {
    const { id } = await open([15])
    await enterContest(entrant, { contest: id, tensor: tinyModel(9n) })
    const { chain } = network.contracts
    let looks = 0
    const head = () => (looks++, chain.head())
    const watched = { ...network.contracts, chain: { ...chain, head } }
    const office = officeOf(network, 'defender')
    const { uri, close } = await startAttester(network, 'defender', office, LIMITS, watched)
    closing.push(close)
    const wrong = { contest: id, constant: 0, index: 0, root: ZERO_HASH, salt: ZERO_HASH } as const
    for (let i = 0; i < 10; i++)
      await expect(askAttestation(uri, chain.id, wrong)).rejects.toThrow(/were committed to/)
    expect(looks).toBe(1)
  })

  test('puts off what it is at already, and fetches nothing that is too large', async () => {
    const { id, from } = await open([12])
    await enterContest(entrant, { contest: id, tensor: tinyModel(10n) })
    const { entriesClose, entrants } = await read(id)
    await passTo(network, entriesClose + 1)
    const { root, salt } = entrant.secrets.find(id, entrants[0].commitment)!
    let visitors = 0
    const slow = createServer(() => visitors++) // never answers
    await new Promise<void>((resolve) => slow.listen(0, '127.0.0.1', resolve))
    const place = `http://127.0.0.1:${(slow.address() as AddressInfo).port}`
    const ask = () =>
      askAttestation(attester.uri, network.contracts.chain.id, {
        ...{ contest: id, constant: 0, index: 0, root, salt, from: place },
      })
    const first = expect(ask()).rejects.toThrow(/the attester does not sign: .*download failed/)
    await expect.poll(() => visitors).toBe(1)
    await expect(ask()).rejects.toThrow(/status 503/)
    expect(visitors).toBe(1)
    slow.closeAllConnections()
    slow.close()
    await first

    const small = { ...LIMITS, maxJobNodes: 50 }
    const careful = await startAttester(network, 'defender', officeOf(network, 'cheat'), small)
    closing.push(careful.close)
    const body = JSON.stringify({ contest: contestName(id), from })
    const answer = await fetch(`${careful.uri}/contests`, { method: 'POST', body })
    expect(answer.status).toBe(413)
    expect(await answer.json()).toMatchObject({ error: { code: 'artifact-too-large' } })
  })

  test('leaves contests of others alone', async () => {
    const place = { attester: network.address('solver'), uri: attester.uri }
    const { id } = await openContest(opener, await hourlyContest(network, place, [testSet(1)]))
    const chainId = network.contracts.chain.id
    await expect(askPreparation(attester.uri, chainId, { contest: id })).rejects.toThrow(
      /is not one that 0x\w+ attests/,
    )
  })

  test.each([
    ['nothing', 'attestations', '{}', 400],
    ['what is no JSON', 'attestations', 'x', 400],
    ['too much', 'attestations', JSON.stringify({ contest: 'x'.repeat(5000) }), 400],
    ['a file', 'contests', JSON.stringify({ contest: ZERO_HASH, from: 'file:///etc/passwd' }), 400],
    ['no contest', 'contests', JSON.stringify({ contest: ZERO_HASH }), 404],
    ['a path that is not there', 'elsewhere', '{}', 404],
  ])('is asked for %s', async (_, path, body, status) => {
    const response = await fetch(`${attester.uri}/${path}`, { method: 'POST', body })
    expect(response.status).toBe(status)
  })
})

test('a test set that is not shown makes a contest void, and entrants get everything back', async () => {
  const { id } = await open([9])
  const owner = network.address('cheat')
  const before = await network.balanceAi('other')
  await enterContest(entrant, { contest: id, tensor: models[1] })
  const { entriesClose, decidedBy } = await read(id)
  // Whoever is made the owner of another's entry cares for nothing of it.
  await enterContest(opener, { contest: id, tensor: models[2], owner })
  const named = evaluatorRole(officeOf(network, 'cheat'), network.keeper('cheat'))
  expect(await named.tick(await network.contracts.chain.head())).toBe(false)
  const role = await roleOf(entrant, 'other', [id])
  await passTo(network, entriesClose + 1)
  const isRevealed = async () => (await read(id)).entrants[0].root !== undefined
  await network.play([role.tick], isRevealed)
  await passTo(network, decidedBy + 1)
  let isBusy = true
  const tick: Tick = async (head) => (isBusy = await role.tick(head))
  await network.play([tick], () => Promise.resolve(!isBusy))
  expect(await read(id)).toMatchObject({ verdict: 'void', isConcluded: true, winners: [] })
  expect(await network.balanceAi('other')).toBe(before)
})

test('a score that contradicts the own run is given notice of, and dropped in the end', async () => {
  const { id } = await open([13])
  await enterContest(entrant, { contest: id, tensor: tinyModel(31n) })
  const { entriesClose, rounds } = await read(id)
  const [opens, enters] = [await roleOf(opener, 'submitter', [id]), await roleOf(entrant, 'other')]
  await passTo(network, entriesClose + 1)
  await passTo(network, rounds[0].opensAt)
  const isOrdered = async () => (await read(id)).evaluations.length === 1
  await network.play([enters.tick, opens.tick], isOrdered)
  const [{ job }] = (await read(id)).evaluations
  // A lie that nobody challenges.
  const cheat = network.solver(network.keeper('cheat', { corruption: lieAboutScore() }), {
    jobs: [job],
  })
  const is = (status: string) => async () =>
    (await readJob(network.contracts, job)).status === status
  await network.play([cheat.tick], is('claimed'))
  await network.passDeadlines()
  await network.play([cheat.tick], is('settled'))
  const noticeOf = async () => {
    const [{ noticeAt }] = await readEvaluationJobs(network.contracts, await read(id))
    return noticeAt
  }
  await expectPatience(id)
  await network.play([opens.tick], async () => (await noticeOf()) > 0)
  await passTo(network, (await noticeOf()) + JUDGE_HOLD_SECONDS + 1)
  await network.play([opens.tick], async () => (await read(id)).isConcluded)
  expect(await read(id)).toMatchObject({
    verdict: 'void',
    evaluations: [{ isPending: false }],
    entrants: [{ scored: 0, escrow: 0n }],
  })
})

test('an entry is entered once, what opens it is private, and what does not fit is refused', async () => {
  const { id } = await open([10])
  const order = { contest: id, tensor: models[2] }
  const first = await enterContest(entrant, order)
  expect(await enterContest(entrant, order)).toEqual(first)
  const folder = entrant.secrets.folderOf(id)
  const file = join(folder, `${first.commitment}.json`)
  expect([statSync(file).mode & 0o777, statSync(dirname(folder)).mode & 0o777]).toEqual([
    0o600, 0o700,
  ])
  expect(entrant.mirror.folder.has({ kind: 'tensors', root: first.root })).toBe(false)
  await expect(
    enterContest(entrant, { contest: id, tensor: new Tensor('i32', models[2].words) }),
  ).rejects.toThrow(/the entry has \d+ elements of i32, the evaluator takes \d+ of f32/)
  expect((await read(id)).entrants).toHaveLength(1)
})

test('an opening that was mined by a process that was killed is no second contest', async () => {
  const place = { attester: network.address('defender'), uri: attester.uri }
  const order = await hourlyContest(network, place, [testSet(14)])
  const dying = dyingAt(opener.sender, 'open', true)
  await expect(openContest({ ...opener, sender: dying }, order, 'once')).rejects.toThrow('killed')
  const { number } = await network.contracts.chain.head()
  const [id] = (await readContestIds(network.contracts, number)).slice(-1)
  await passTo(network, order.entriesClose + 1)
  expect(await openContest(opener, order, 'once')).toMatchObject({ id })
})

/** A sender that dies of a move: before it, or after it was mined. */
const dyingAt = (sender: Sender, move: string, isMined: boolean): Sender =>
  ({
    address: sender.address,
    stands: (intent: string) => sender.stands(intent),
    send: async (intent: string, call: Call) => {
      if (call.move !== move) return sender.send(intent, call)
      if (isMined) await sender.send(intent, call)
      throw new Error('killed')
    },
  }) as Sender

test('an entry that was not sent after its fee was allowed is entered later, whatever used the fee', async () => {
  const { id } = await open([13])
  const dying = dyingAt(entrant.sender, 'enter', false)
  const late = { contest: id, tensor: models[0] }
  await expect(enterContest({ ...entrant, sender: dying }, late)).rejects.toThrow('killed')
  await enterContest(entrant, { contest: id, tensor: models[1] })
  expect(await enterContest(entrant, late)).toMatchObject({ entrant: 1 })
})

describe('from the command line', () => {
  const started: LockstepProcess[] = []
  afterAll(() => Promise.all(started.map((process) => process.stop('SIGKILL'))))

  const environment = (actor: Actor, home: string): Record<string, string> => ({
    LOCKSTEP_PRIVATE_KEY: network.privateKey(actor),
    LOCKSTEP_RPC: network.devnet.rpcUrl,
    LOCKSTEP_DEPLOYMENT: network.devnet.deploymentFile,
    LOCKSTEP_HOME: join(network.folder, home),
    LOCKSTEP_POLL_SECONDS: '0.1',
  })

  function start(args: readonly string[], actor: Actor, home: string): LockstepProcess {
    const process = new LockstepProcess(args, environment(actor, home))
    started.push(process)
    return process
  }

  async function run(...args: string[]): Promise<Record<string, unknown>> {
    const { exit, out } = await lockstep([...args, '--json'], environment('other', 'host'))
    expect({ exit, out }).toMatchObject({ exit: 0 })
    return JSON.parse(out) as Record<string, unknown>
  }

  function write(name: string, tensor: Tensor): string {
    const path = join(network.folder, name)
    writeFileSync(path, writeSafetensors([['model', { shape: [tensor.count], tensor }]]))
    return path
  }

  /** A settled job whose final state MODEL is a tiny model. */
  async function train(model: Tensor): Promise<bigint> {
    const graph = new Graph()
    const step = graph.state('step', 'i32', [1])
    graph.setNext(step, step.add(1))
    const state = graph.state(MODEL, 'f32', [model.count])
    graph.setNext(state, state.neg())
    const negative = new Tensor(
      'f32',
      model.words.map((word) => word ^ (1 << 31)),
    )
    const initialState = [Tensor.zeros('i32', 1), negative]
    const lengths = { steps: 1, interval: 1, seed: 0n }
    const id = await network.post({
      program: graph.program(),
      initialState,
      constants: [],
      ...lengths,
    })
    const solver = network.solver(network.keeper('solver'), { jobs: [id] })
    const is = (status: string) => async () =>
      (await readJob(network.contracts, id)).status === status
    await network.play([solver.tick], is('claimed'))
    await network.passDeadlines()
    await network.play([solver.tick], is('settled'))
    return id
  }

  test('a contest is run by an evaluator that is killed again and again', async () => {
    const two = [tinyModel(21n), tinyModel(22n)]
    const job = await train(two[0])
    const attest = start(['attest', '--serve-port', '0'], 'defender', 'attester')
    const { url } = await attest.line(({ msg }) => msg === 'serving')
    write('held-out.safetensors', testSet(11))
    const terms = join(network.folder, 'terms.json')
    writeFileSync(
      terms,
      JSON.stringify({
        evaluator: {
          name: 'perplexity',
          model: { vocabulary: 12, context: 6, width: 8, layers: 1, heads: 2 },
          ...{ batch: 2, length: 5, batches: 2 },
        },
        attester: network.address('defender'),
        uri: url,
        ...{ maxEntrants: 2, entriesClose: '1h', workSeconds: '1h', solveSeconds: '1d' },
        ...{ reward: '10', stake: '1000' },
        rounds: [
          { testSet: { safetensors: 'held-out.safetensors' }, opensAt: '2h', orderBy: '3h' },
        ],
      }),
    )
    const opened = await run('contest', 'open', terms, '--serve-port', '0')
    expect(opened).toMatchObject({ uri: url, prepared: true })
    const name = opened['contest'] as string
    const id = BigInt(name)
    const second = write('model.safetensors', two[1])
    for (const [entrant, model] of [String(job), second].entries())
      expect(await run('contest', 'enter', name, '--model', model)).toMatchObject({ entrant })
    expect(await run('contest', 'show', name)).toMatchObject({ verdict: 'pending' })
    const early = await lockstep(['contest', 'conclude', name], environment('other', 'host'))
    expect(early).toMatchObject({ exit: 6, out: '' })

    const before = (await allTransactionsOf(network, 'other')).length
    const victim = new Victim(new Random(3), () =>
      start(['evaluator', '--serve-port', '0'], 'other', 'host'),
    )
    await passTo(network, (await read(id)).rounds[0].opensAt)
    const isOrdered = async () => (await read(id)).evaluations.length === 2
    await victim.torment(isOrdered, 2)
    await expect.poll(isOrdered, { timeout: 60_000, interval: 200 }).toBe(true)
    const jobs = (await read(id)).evaluations.map(({ job }) => job)
    const solver = network.solver(network.keeper('solver'), { jobs, parallelJobs: 2 })
    const are = (status: string) => async () =>
      (await Promise.all(jobs.map((job) => readJob(network.contracts, job)))).every(
        (job) => job.status === status,
      )
    await network.play([solver.tick], are('claimed'))
    await network.passDeadlines()
    await network.play([solver.tick], are('settled'))
    const isConcluded = async () => (await read(id)).isConcluded
    await victim.torment(isConcluded, 3)
    await expect.poll(isConcluded, { timeout: 60_000, interval: 200 }).toBe(true)
    await victim.stop()
    expect(victim.kills).toBeGreaterThan(1)

    const scores = await Promise.all(
      two.map((model) => scoreOnReference(tinyPerplexity, model, testSet(11))),
    )
    expect(await run('contest', 'show', name)).toMatchObject({
      verdict: 'decided',
      winners: [scores[0] > scores[1] ? 0 : 1],
      entrants: scores.map((total) => ({ total, scored: 1, escrow: '0' })),
    })
    const { entrants } = await run('contest', 'show', name)
    expect((entrants as { trainedBy?: unknown }[]).map(({ trainedBy }) => trainedBy)).toEqual([
      { job: String(job), state: 1, isProven: true },
      undefined,
    ])
    await expectAllSentOnce(network, 'other', before)
    expect(await run('contest', 'withdraw', name)).toMatchObject({ paid: [] })
    expect(await run('contest', 'reveal', name)).toMatchObject({ revealed: [] })
    const { contests } = await run('contest', 'list')
    expect(contests).toContainEqual(expect.objectContaining({ contest: name, verdict: 'decided' }))
  }, 240_000)
})
