import type { Command } from 'commander'
import { createHash } from 'node:crypto'
import { formatEther, isAddressEqual } from 'viem'
import {
  type Contest,
  contestName,
  findContest,
  readContest,
  readContestIds,
} from '../chain/contests.ts'
import type { Values } from '../config/settings.ts'
import { askPreparation } from '../contest/attestation.ts'
import { checkOpen, enterContest, evaluatorOf } from '../contest/enter.ts'
import { readEntry } from '../contest/entry.ts'
import { TEST_SET } from '../contest/evaluator.ts'
import { concludeContest, returnEscrow } from '../contest/moves.ts'
import type { Office } from '../contest/office.ts'
import { openContest } from '../contest/open.ts'
import { revealDue } from '../contest/reveal.ts'
import { readTerms } from '../contest/terms.ts'
import { ExitCode, fail, oneLine } from '../errors.ts'
import { readBounded } from '../files/read-bounded.ts'
import { createCommandLog } from '../log.ts'
import { when } from '../text.ts'
import { addCommand, addGroup, type Done, type Result } from './command.ts'
import { contestLines, describeContest } from './contest-report.ts'
import { ACTING, laterWorkshop, whileServing, withOffice } from './office.ts'
import { openContracts, openMirror, READING } from './open.ts'

const SHOWN_CONTESTS = 50
const SERVING = ['servePort', 'serveHost', 'uri'] as const
const LOOKING = [...READING, 'home', 'peers', 'maxArtifactMib'] as const

/** `lockstep contest …`: opens contests, enters them, shows what was committed to, and brings money back. */
export function addContest(parent: Command, done: Done, signal: AbortSignal): void {
  const description = 'open, enter and look at contests between models'
  const group = addGroup(parent, 'contest', description, done)
  addCommand(
    group,
    {
      name: 'open <terms.json>',
      examples: ['lockstep contest open terms.json --serve-port 8601 --uri https://host.example'],
      argument: { place: 'file' },
      description: 'open a contest, and register its evaluator if that is new',
      settings: [...ACTING, ...SERVING],
      run: (values, _, path) => withOffice(values, (office) => open(office, values, path)),
    },
    done,
    signal,
  )
  addCommand(
    group,
    {
      name: 'show <id>',
      examples: ['lockstep contest show 0x3fa2c1', 'lockstep contest show 0x3fa2c1 --json'],
      description: 'show a contest with its rounds, entrants and scores',
      settings: LOOKING,
      run: async (values, _, argument) => {
        const contracts = await openContracts(values)
        const { number, time } = await contracts.chain.head()
        const id = await findContest(contracts, argument!, number)
        const contest = await readContest(contracts, id, number)
        const mirror = openMirror(values, createCommandLog(values.logLevel))
        const shown = await describeContest(contracts, mirror, contest)
        return { json: { ...shown, time }, lines: contestLines(shown, Number(time)) }
      },
    },
    done,
    signal,
  )
  addCommand(
    group,
    {
      name: 'list',
      examples: ['lockstep contest list'],
      description: 'list the latest contests',
      settings: [...READING, 'home'],
      run: async (values) => {
        const contracts = await openContracts(values)
        const { number, time } = await contracts.chain.head()
        const contests = []
        for (const id of (await readContestIds(contracts, number)).slice(-SHOWN_CONTESTS)) {
          const { verdict, entrants, maxEntrants, entriesClose, decidedBy, evaluator } =
            await readContest(contracts, id, number)
          const counts = { entrants: entrants.length, maxEntrants }
          const row = { contest: contestName(id), verdict, ...counts, entriesClose, decidedBy }
          contests.push({ ...row, evaluator })
        }
        const lines = contests.map(
          ({ contest, verdict, entrants, maxEntrants, entriesClose }) =>
            `contest ${contest}  ${verdict}  ${entrants} of ${maxEntrants} entrants, entries close at ${when(entriesClose, Number(time))}`,
        )
        return { json: { contests }, lines }
      },
    },
    done,
    signal,
  )
  addCommand(
    group,
    {
      name: 'enter <id>',
      examples: [
        'lockstep contest enter 0x3fa2c1 --model 1   # what job 1 trained',
        'lockstep contest enter 0x3fa2c1 --model model.safetensors --peer https://attester.example',
      ],
      description: 'enter a model, or what a model answered, with the entry fee in escrow',
      settings: [...ACTING, 'entry', 'owner', 'hideProvenance'],
      run: (values, _, id) => onContest(values, id, (office, of) => enterModel(office, values, of)),
    },
    done,
    signal,
  )
  addCommand(
    group,
    {
      name: 'reveal <id>',
      examples: ['lockstep contest reveal 0x3fa2c1 --serve-port 8602 --uri https://mine.example'],
      description:
        'show the entries and test sets of this home that are due, once they are attested',
      settings: [...ACTING, ...SERVING],
      run: (values, _, id) => onContest(values, id, (office, of) => revealAll(office, values, of)),
    },
    done,
    signal,
  )
  addCommand(
    group,
    {
      name: 'conclude <id>',
      examples: ['lockstep contest conclude 0x3fa2c1'],
      description: 'keep the verdict of a contest that is decided or void',
      settings: ACTING,
      run: (values, _, id) => onContest(values, id, conclude),
    },
    done,
    signal,
  )
  addCommand(
    group,
    {
      name: 'withdraw <id>',
      examples: ['lockstep contest withdraw 0x3fa2c1'],
      description: 'pay what is left of the entry fees of this account’s entrants back to it',
      settings: [...ACTING, 'owner'],
      run: (values, _, id) =>
        onContest(values, id, (office, of) => withdraw(office, of, values.owner)),
    },
    done,
    signal,
  )
}

/** Does something with a contest that a command names. */
function onContest(
  values: Values<(typeof ACTING)[number]>,
  argument: string | undefined,
  task: (office: Office, id: bigint) => Promise<Result>,
): Promise<Result> {
  return withOffice(values, async (office) => {
    const { number } = await office.contracts.chain.head()
    return task(office, await findContest(office.contracts, argument!, number))
  })
}

type Serving = Values<(typeof SERVING)[number] | 'maxArtifactMib'>

async function open(office: Office, values: Serving, path = ''): Promise<Result> {
  const { contracts, sender, log } = office
  const { number, time } = await contracts.chain.head()
  const { maxArtifactMib } = values
  const text = await readBounded(path, maxArtifactMib)
  const order = await readTerms(
    path,
    { attester: sender.address, uri: values.uri },
    Number(time),
    maxArtifactMib,
    async (evaluator) => {
      const { program } = await evaluatorOf(office, { evaluator, uri: values.uri ?? '' }, number)
      return program.constants[TEST_SET]
    },
  )
  // The same terms again are another contest, unless an opening of them was not brought to its end.
  const intent = createHash('sha256').update(text).update(sender.address).digest('hex')
  const { id, evaluator } = await openContest(office, order, intent)
  const { attester, uri, entriesClose } = order
  const prepared = await whileServing(values, office, async (from) => {
    try {
      const place = from === undefined || from === uri ? {} : { from }
      await askPreparation(uri, contracts.chain.id, { contest: id, ...place })
      return true
    } catch (error) {
      log.warn({ problem: oneLine(error) }, 'the attester does not serve the evaluator yet')
      return false
    }
  })
  const name = contestName(id)
  const missing = `the attester at ${uri} lacks the evaluator: entering takes a --peer that has it`
  return {
    json: { contest: name, evaluator, attester, uri, entriesClose, prepared },
    lines: [
      `contest ${name}: entries close at ${when(entriesClose, Number(time))}`,
      ...(prepared ? [] : [missing]),
    ],
  }
}

/** Enters what --model names in a contest. */
export async function enterModel(
  office: Office,
  values: Values<(typeof ACTING)[number] | 'entry' | 'owner' | 'hideProvenance'>,
  id: bigint,
) {
  const { number, time } = await office.contracts.chain.head()
  const contest = await readContest(office.contracts, id, number)
  const { maxArtifactMib, owner = office.sender.address } = values
  // Before anything is fetched. Who has an entrant may be here to finish what was begun.
  if (!contest.entrants.some((entrant) => isAddressEqual(entrant.owner, owner)))
    checkOpen(contest, time)
  const later = laterWorkshop(values, office)
  try {
    const options = { maxArtifactMib, workshop: later.workshop }
    const { tensor, provenance } = await readEntry(office, contest, values.entry, options)
    const told = values.hideProvenance ? undefined : provenance
    const entered = await enterContest(office, { contest: id, tensor, owner, provenance: told })
    const secrets = office.secrets.folderOf(id)
    const job = told === undefined ? {} : { job: told.job }
    const fee = formatEther(contest.entryFee)
    return {
      json: { contest: contestName(id), ...entered, owner, ...job, fee, secrets },
      lines: [
        `entrant ${entered.entrant} of contest ${contestName(id)}, ${fee} $AI in escrow`,
        `what opens it is in ${secrets}: keep it until it is revealed`,
      ],
    }
  } finally {
    await later.close()
  }
}

async function revealAll(office: Office, values: Serving, id: bigint): Promise<Result> {
  const { number, time } = await office.contracts.chain.head()
  const contest = await readContest(office.contracts, id, number)
  const found = await whileServing(values, office, (from) =>
    revealDue(office, contest, Number(time), from),
  )
  const failed = found.filter(({ problem }) => problem !== undefined)
  const lines = found.map(({ constant, index, root, problem }) => {
    const what = `${constant === TEST_SET ? 'test set of round' : 'entrant'} ${index}`
    return problem === undefined ? `${what}: ${root}` : `${what}: not revealed: ${problem}`
  })
  const held = office.secrets.commitments(contest.id)
  const strange = contest.entrants
    .filter(({ owner, root }) => root === undefined && isAddressEqual(owner, office.sender.address))
    .filter(({ commitment }) => !held.has(commitment))
    .map(
      ({ index }) =>
        `entrant ${index} is this account's, but this home cannot open it: check --home`,
    )
  return {
    json: { contest: contestName(contest.id), revealed: found },
    lines: lines.length > 0 ? lines : ['nothing of this home is due', ...strange],
    ...(failed.length > 0 ? { exit: ExitCode.negative } : {}),
  }
}

async function conclude(office: Office, id: bigint): Promise<Result> {
  const read = async () =>
    readContest(office.contracts, id, (await office.contracts.chain.head()).number)
  const contest = await read()
  const { verdict, winners, isConcluded, decidedBy } = contest
  if (verdict === 'pending' || verdict === 'held') {
    throw fail.tooEarly({
      what: `the contest is ${verdict}`,
      where: `contest ${contestName(id)}`,
      advice: `it is pending until second ${decidedBy} at most, and held while a result is still to come`,
    })
  }
  if (!isConcluded) await concludeContest(office, contest)
  return {
    json: { contest: contestName(id), verdict, winners },
    lines: [`contest ${contestName(id)}: ${verdictText(contest)}`],
  }
}

async function withdraw(
  office: Office,
  id: bigint,
  owner: string = office.sender.address,
): Promise<Result> {
  const { number, time } = await office.contracts.chain.head()
  const contest = await readContest(office.contracts, id, number)
  const name = contestName(contest.id)
  if (!contest.isConcluded && time <= BigInt(contest.decidedBy)) {
    throw fail.tooEarly({
      what: 'what is left of escrows may still be used',
      where: `contest ${name}`,
      advice: `wait until it is concluded, or for second ${contest.decidedBy + 1}`,
    })
  }
  const owed = contest.entrants.filter(
    (entrant) => entrant.escrow > 0n && entrant.owner.toLowerCase() === owner.toLowerCase(),
  )
  const paid = []
  for (const { index } of owed)
    paid.push({ entrant: index, amount: formatEther(await returnEscrow(office, contest, index)) })
  const lines = paid.map(({ entrant, amount }) => `entrant ${entrant}: ${amount} $AI to ${owner}`)
  return {
    json: { contest: name, owner, paid },
    lines: lines.length > 0 ? lines : [`nothing is owed to ${owner}`],
  }
}

const verdictText = ({ verdict, winners }: Pick<Contest, 'verdict' | 'winners'>): string =>
  verdict === 'decided' ? `decided, won by ${winners.join(', ')}` : verdict
