import { z } from 'zod'
import {
  address,
  amount,
  count,
  file as filePath,
  flag,
  id,
  kind,
  list,
  number,
  optional,
  text,
} from './kinds.ts'
import { setting } from './setting.ts'

// Constants of Delphi.
const MAX_FEE_BPS = 1_000
const ALL_BPS = 10_000

const bps = (most: number) => count(0, most)
const seconds = optional(count(1, 2 ** 40 - 1))
const file = optional(filePath)
const shares = kind(
  'shares such as 100 or 0.5, at most nine decimals',
  z.string().regex(/^\d{1,20}(\.\d{1,9})?$/),
)

/** Settings of what is about markets. */
export const marketSettings = {
  contest: setting(
    '--contest <id>',
    'contest that the market settles from; of one of the Judge a beginning that no other has will do',
    kind(
      'the id of a contest, or its beginning in hex',
      z.union([
        z.int().min(0).transform(String),
        z.string().regex(/^(0x[0-9a-fA-F]{1,64}|\d{1,78})$/),
      ]),
    ),
  ),
  source: setting(
    '--source <address>',
    'contract whose contest it is (default: the Judge of the deployment)',
    optional(address),
  ),
  liquidity: setting(
    '--liquidity <$AI>',
    "the market's b, in $AI: its depth, and the most it can lose is b · ln of the outcomes",
    optional(amount),
  ),
  subsidy: setting(
    '--subsidy <$AI>',
    'instead of --liquidity: what it can lose at most, in $AI, which is paid in now',
    optional(amount),
  ),
  feeBps: setting(
    '--fee-bps <bps>',
    'fee of every trade, in basis points of its amount',
    bps(MAX_FEE_BPS),
    100,
  ),
  creatorBps: setting(
    '--creator-bps <bps>',
    "the creator's part of the fees, in basis points",
    bps(ALL_BPS),
    2_000,
  ),
  modelBps: setting(
    '--model-bps <bps>',
    'the part of the owners of the entrants that are traded, in basis points; liquidity gets what is left',
    bps(ALL_BPS),
    2_000,
  ),
  closesAt: setting(
    '--closes-at <unix-seconds>',
    "last second of trading, unix (default: when the contest's last answers stop being secret)",
    seconds,
  ),
  voidsAt: setting(
    '--voids-at <unix-seconds>',
    'from then on it is void unless the contest has decided, unix (default: when the contest must have)',
    seconds,
  ),
  rules: setting('--rules <file>', 'what is asked: stored, its hash is in the market', file),
  metadata: setting(
    '--metadata <file>',
    'what people are shown: stored, its hash is in the market',
    file,
  ),
  outcome: setting(
    '--outcome <number|address>',
    "outcome, by its number or by its entrant's owner",
    kind(
      'the number of an outcome, or an address',
      z.string().regex(/^(\d{1,3}|0x[0-9a-fA-F]{40})$/),
    ),
  ),
  shares: setting(
    '--shares <shares>',
    'how many shares; each pays 1 $AI if its outcome wins',
    optional(shares),
  ),
  budget: setting(
    '--budget <$AI>',
    'instead of --shares: buy for so much $AI, or sell so that so much comes in, fees included',
    optional(amount),
  ),
  sell: setting('--sell', 'quote a sale instead of a purchase', flag, false),
  slippage: setting(
    '--slippage <bps>',
    'how much worse than the quote the trade may be, in basis points, fees included',
    bps(ALL_BPS),
    100,
  ),
  deadlineSeconds: setting(
    '--deadline-seconds <seconds>',
    'seconds from now after which the trade is refused',
    count(1, 86_400),
    120,
  ),
  maxCost: setting(
    '--max-cost <$AI>',
    "pay at most this for listing, in $AI, the contest's entry fee aside (default: what is quoted and the slippage, where only own entrants are listed)",
    optional(amount),
  ),
  all: setting('--all', 'also markets that are resolved', flag, false),
  withHistory: setting('--history', 'also the prices behind every trade', flag, false),
  withFees: setting('--fees', "also collect this account's parts of the fees", flag, false),
  markets: setting('--markets <id,…>', 'only these markets', optional(list(id, 'ids'))),
  series: setting('--series <id,…>', 'only these series', optional(list(id, 'ids'))),
  beliefs: setting(
    '--beliefs <file>',
    'JSON file with the probability of each outcome, by market; read again when it changes',
    file,
  ),
  scoreNoise: setting(
    '--score-noise <score>',
    'believe in the scores of finished rounds, where one round moves totals by about so much',
    optional(number(1e-9)),
  ),
  maxLoss: setting(
    '--max-loss <$AI>',
    'never risk more than this in all markets together, in $AI, fees included, gas aside',
    amount,
  ),
  maxTrade: setting(
    '--max-trade <$AI>',
    'pay at most this for one trade, in $AI, slippage included',
    amount,
    '10',
  ),
  minEdgeBps: setting(
    '--min-edge <bps>',
    'trade only where price and fee are so far from the belief, in basis points of what a share can pay',
    bps(ALL_BPS),
    100,
  ),
  sellBackSeconds: setting(
    '--sell-back-seconds <seconds>',
    'sell everything when trading ends in so many seconds (0: hold it)',
    count(0, 365 * 86_400),
    0,
  ),
  schedule: setting(
    '--schedule <cron>',
    'when to look: a cron expression of five fields, or six with seconds first',
    text('a cron expression'),
    '* * * * *',
  ),
  minFees: setting(
    '--min-fees <$AI>',
    'collect fees of open markets when they are at least this, in $AI',
    amount,
    '1',
  ),
} as const
