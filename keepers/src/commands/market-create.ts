import { delphiAbi } from '@lockstep/deployments'
import { lmsr } from '@lockstep/deployments/protocol'
import type { Command } from 'commander'
import { readFileSync } from 'node:fs'
import { formatEther, type Hash, isAddressEqual, keccak256, parseEther, zeroHash } from 'viem'
import type { Contracts } from '../chain/contracts.ts'
import { readContestWord } from '../chain/contest-word.ts'
import { findContest } from '../chain/contests.ts'
import { marketName, type MarketTerms } from '../chain/markets.ts'
import { checkNotRepeated, createMarket, movesOf } from '../chain/trading.ts'
import type { SettingName, Values } from '../config/settings.ts'
import { fail } from '../errors.ts'
import { createCommandLog } from '../log.ts'
import type { FolderStore } from '../store/folder.ts'
import { addCommand, type Done } from './command.ts'
import { openChain, openMirror, READING, SENDING } from './open.ts'

const TERMS = [
  'contest',
  'source',
  'liquidity',
  'subsidy',
  'feeBps',
  'creatorBps',
  'modelBps',
  'closesAt',
  'voidsAt',
  'rules',
  'metadata',
] as const satisfies SettingName[]

const STORING = ['home', 'peers', 'maxArtifactMib'] as const satisfies SettingName[]

// Delphi's MAX_SECONDS.
const MAX_SECONDS = 365 * 86_400

/** `lockstep market create`: opens a market on a contest and pays its subsidy. */
export function addMarketCreate(market: Command, done: Done, signal: AbortSignal): void {
  addCommand(
    market,
    {
      name: 'create',
      examples: [
        'lockstep market create --contest 0x3fa2c1 --liquidity 100 --fee-bps 100 --rules rules.md',
      ],
      description:
        'create a market on who wins a contest; its subsidy is the most that it can lose',
      settings: [...READING, ...SENDING, ...STORING, ...TERMS],
      run: async (values) => {
        const log = createCommandLog(values.logLevel)
        const { contracts, sender, account, close } = await openChain(values, log)
        try {
          const { folder } = openMirror(values, log)
          const { terms, outcomes } = await readTerms(contracts, values, folder)
          checkNotRepeated(movesOf(contracts, await sender.recover()), ({ name, args }) => {
            if (name !== 'create') return false
            const { source, contest } = args[0] as MarketTerms
            return isAddressEqual(source, terms.source) && contest === terms.contest
          })
          const trader = { contracts, sender, account }
          const maxSubsidy = lmsr.funding(terms.b, outcomes)
          const created = await createMarket(trader, { terms, maxSubsidy })
          const json = {
            market: marketName(created.market),
            outcomes: created.outcomes,
            liquidity: formatEther(terms.b),
            subsidy: formatEther(created.subsidy),
            opensAt: Number((await contracts.chain.head()).time),
            closesAt: terms.closesAt,
            voidsAt: terms.voidsAt,
            rules: terms.rules,
            metadata: terms.metadata,
            transaction: created.transaction,
          }
          return {
            json,
            lines: [
              `market ${json.market}: ${json.outcomes} outcomes, b ${json.liquidity} $AI, subsidy ${json.subsidy} $AI, ` +
                `trading until second ${json.closesAt}`,
            ],
          }
        } finally {
          close()
        }
      },
    },
    done,
    signal,
  )
}

/** A market's terms out of settings: times from what the contest says where none are given. */
async function readTerms(
  contracts: Contracts,
  values: Values<(typeof TERMS)[number]>,
  store: FolderStore,
): Promise<{ terms: MarketTerms; outcomes: number }> {
  const source = values.source ?? contracts.judge
  const { feeBps, creatorBps, modelBps } = values
  const { number, time } = await contracts.chain.head()
  const isJudges = isAddressEqual(source, contracts.judge)
  const contest = isJudges
    ? await findContest(contracts, values.contest, number)
    : BigInt(values.contest)
  const word = await readContestWord(contracts, { source, contest })
  const { entrants, secretUntil, decidedBy } = word
  const where = `contest 0x${contest.toString(16)} of ${source}`
  if (entrants === undefined || secretUntil === undefined || decidedBy === undefined) {
    throw fail.notFound({
      what: 'there is no such contest',
      where,
      advice: 'check --contest and --source: lockstep contest list shows those of the Judge',
    })
  }
  if (entrants < 2) {
    throw fail.tooEarly({
      what: `it has ${entrants} entrant(s), a market has 2 outcomes at least`,
      where,
      advice: 'wait until there are more, or enter models: lockstep contest enter',
    })
  }
  const latest = Number(time) + MAX_SECONDS
  const closesAt = values.closesAt ?? Math.min(secretUntil, latest)
  if (closesAt <= Number(time) || closesAt > Math.min(secretUntil, latest)) {
    const isOver = values.closesAt === undefined && closesAt <= Number(time)
    throw (isOver ? fail.tooLate : fail.refused)({
      what: `trading would end at second ${closesAt}; now it is ${time}, and the last answers are secret until ${secretUntil}`,
      where,
      advice:
        'take a --closes-at in between, at most a year ahead, or a contest whose last round is to come',
    })
  }
  const voidsAt = values.voidsAt ?? Math.max(closesAt, decidedBy)
  if (voidsAt < Math.max(closesAt, decidedBy) || voidsAt > closesAt + MAX_SECONDS) {
    throw fail.refused({
      what: `it would be void from second ${voidsAt}; trading ends at ${closesAt}, the contest may decide until ${decidedBy}`,
      where,
      advice: 'take a --voids-at not before either, at most a year after the end of trading',
    })
  }
  const protocol = await contracts.chain.client.readContract({
    abi: delphiAbi,
    address: contracts.delphi,
    functionName: 'protocol',
  })
  if (creatorBps + modelBps + protocol[1] > 10_000) {
    throw fail.refused({
      what: `the parts of the fee are ${creatorBps}, ${modelBps} and the protocol's ${protocol[1]}, more than 10000 basis points`,
      where,
      advice: 'lower --creator-bps or --model-bps',
    })
  }
  const terms = {
    source,
    contest,
    b: liquidityOf(values, entrants),
    closesAt,
    voidsAt,
    feeBps,
    creatorBps,
    modelBps,
    rules: storeDocument(values.rules, store),
    metadata: storeDocument(values.metadata, store),
  }
  return { terms, outcomes: entrants }
}

function liquidityOf(
  { liquidity, subsidy }: Values<'liquidity' | 'subsidy'>,
  outcomes: number,
): bigint {
  if ((liquidity === undefined) === (subsidy === undefined)) {
    throw fail.badSetting({
      what:
        liquidity === undefined ? 'there is no liquidity' : 'there are a liquidity and a subsidy',
      where: 'flags --liquidity <$AI> and --subsidy <$AI>',
      advice: 'give one of them; one follows from the other',
    })
  }
  const b =
    liquidity === undefined
      ? lmsr.liquidityFor(parseEther(subsidy!), outcomes)
      : parseEther(liquidity)
  if (b >= lmsr.MIN_LIQUIDITY && b <= lmsr.MAX_LIQUIDITY) return b
  throw fail.badSetting({
    what: `b would be ${formatEther(b)} $AI`,
    where: liquidity === undefined ? 'flag --subsidy <$AI>' : 'flag --liquidity <$AI>',
    advice: `b is ${formatEther(lmsr.MIN_LIQUIDITY)} to ${formatEther(lmsr.MAX_LIQUIDITY)} $AI`,
  })
}

/** Puts a file for people into the store, under the hash of its bytes; zero where there is none. */
export function storeDocument(path: string | undefined, store: FolderStore): Hash {
  if (path === undefined) return zeroHash
  let bytes: Uint8Array
  try {
    bytes = new Uint8Array(readFileSync(path))
  } catch (cause) {
    throw fail.missingArtifact(
      {
        what: `the file cannot be read: ${(cause as Error).message}`,
        where: path,
        advice: 'check the path',
      },
      { cause },
    )
  }
  const root = keccak256(bytes)
  store.putTrusted({ kind: 'documents', root }, bytes)
  return root
}
