import type { Command } from 'commander'
import { parseEther } from 'viem'
import type { Trader } from '../chain/trading.ts'
import type { SettingName, Values } from '../config/settings.ts'
import { fail } from '../errors.ts'
import { createLog, type Log } from '../log.ts'
import { Metrics } from '../metrics.ts'
import { serveMetrics } from '../metrics-server.ts'
import { loop } from '../roles/keeper.ts'
import { MarketKeeper } from '../roles/market-keeper.ts'
import { MarketMaker } from '../roles/market-maker.ts'
import { checkSchedule, onSchedule } from '../roles/on-schedule.ts'
import { addCommand, type Done, type Result } from './command.ts'
import { patienceOf } from './market-trade.ts'
import { openChain, READING, SENDING } from './open.ts'

const ROLE = [
  ...READING,
  ...SENDING,
  'home',
  'metricsPort',
  'metricsHost',
  'once',
  'markets',
] as const satisfies SettingName[]

type MarketRole = Trader & { readonly log: Log; readonly metrics: Metrics }

/** `lockstep market-maker` and `market-keeper`. */
export function addMarketRoles(parent: Command, done: Done, signal: AbortSignal): void {
  addCommand(
    parent,
    {
      name: 'market-maker',
      examples: [
        'lockstep market-maker --beliefs beliefs.json --max-loss 100 --max-trade 10',
        'lockstep market-maker --score-noise 0.5 --max-loss 100 --markets 0x3fa2c1…',
      ],
      description: 'trade on markets towards own beliefs, within a hard limit of what can be lost',
      settings: [
        ...ROLE,
        'beliefs',
        'scoreNoise',
        'maxLoss',
        'maxTrade',
        'minEdgeBps',
        'slippage',
        'deadlineSeconds',
        'sellBackSeconds',
      ],
      run: async (values, context) => {
        if (values.beliefs === undefined && values.scoreNoise === undefined) {
          throw fail.badSetting({
            what: 'there is nothing to believe in',
            where: 'flags --beliefs <file> and --score-noise <x>',
            advice: 'give one of them, or both: the file comes first',
          })
        }
        return withRole('market-maker', values, (keeper) => {
          const maker = new MarketMaker(keeper, {
            ...values,
            ...patienceOf(values),
            maxLoss: parseEther(values.maxLoss),
            maxTrade: parseEther(values.maxTrade),
            minEdge: BigInt(values.minEdgeBps) * 10n ** 14n,
          })
          return loop(keeper, maker.tick, { ...values, signal: context.signal })
        })
      },
    },
    done,
    signal,
  )
  addCommand(
    parent,
    {
      name: 'market-keeper',
      examples: [
        "lockstep market-keeper --schedule '*/5 * * * *'",
        'lockstep market-keeper --once --min-fees 5',
      ],
      description:
        'settle markets when their time has come, roll series over, redeem own positions, collect own fees',
      settings: [...ROLE, 'series', 'schedule', 'minFees'],
      run: async (values, context) => {
        checkSchedule(values.schedule)
        return withRole('market-keeper', values, async (keeper) => {
          const minFees = parseEther(values.minFees)
          const kept = new MarketKeeper(keeper, { ...values, minFees })
          if (values.once) await kept.tick(await keeper.contracts.chain.head())
          else await onSchedule(keeper, kept.tick, { ...values, signal: context.signal })
        })
      },
    },
    done,
    signal,
  )
}

async function withRole(
  role: string,
  values: Values<(typeof ROLE)[number]>,
  play: (keeper: MarketRole) => Promise<void>,
): Promise<Result> {
  const log = createLog(values.logLevel, role)
  const metrics = new Metrics(role)
  const { contracts, sender, account, close } = await openChain(values, log, metrics)
  try {
    await serveMetrics(metrics, values, log)
    log.info({ account: account.address, chain: contracts.chain.id }, `${role} started`)
    await sender.recover()
    await play({ contracts, sender, account, log, metrics })
  } finally {
    close()
  }
  log.info('stopped')
  return { json: { stopped: true }, lines: [] }
}
