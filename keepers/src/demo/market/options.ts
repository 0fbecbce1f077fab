import { Command, Option } from 'commander'
import { positive, wholeNumber } from '../options.ts'

export interface MarketDemoOptions {
  /** Of the first model; the others have those after it. */
  readonly seed: bigint
  /** Training steps of the best model. */
  readonly steps: number
  readonly json: boolean
  /** Where logs and artifacts are kept; a temporary folder, removed at the end, if undefined. */
  readonly keep: string | undefined
  /** Whether the page is shown while it plays. */
  readonly page: boolean
  /** Whether chain and page stay at the end until it is interrupted. */
  readonly stay: boolean
  /** The file that the plot of prices is written to. */
  readonly plot: string
}

/** Throws a CommanderError, with exit code 0 after help. */
export function parseOptions(argv: readonly string[]): MarketDemoOptions {
  const command = new Command('npm run demo:market --')
    .exitOverride()
    .configureOutput({ writeErr: () => {} })
    .allowExcessArguments(false)
    .description(
      'Trains three models on a local chain and settles a market on which of them predicts held-out text best, although one evaluation is a lie.',
    )
    .addOption(
      new Option('--seed <n>', 'fixes every choice').argParser(wholeNumber).default(6n, '6'),
    )
    .addOption(
      new Option('--steps <n>', 'training steps of the best model').argParser(positive).default(48),
    )
    .option('--plot <file>', 'where the plot of prices is written', 'market-prices.svg')
    .option('--keep <folder>', 'keep logs and artifacts there')
    .option('--no-page', 'without the page, and without the indexer that it reads')
    .option('--stay', 'keep chain and page up at the end, until interrupted')
    .option('--json', 'print one JSON object as the last line')
  command.parse([...argv], { from: 'user' })
  const {
    json = false,
    page = true,
    stay = false,
    keep,
    ...rest
  } = command.opts<Partial<MarketDemoOptions>>()
  const chosen = rest as Pick<MarketDemoOptions, 'seed' | 'steps' | 'plot'>
  return { ...chosen, json, keep, page, stay }
}
