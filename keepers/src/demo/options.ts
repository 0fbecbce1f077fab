import { Command, InvalidArgumentError, Option } from 'commander'
import type { Corruption } from '@lockstep/repops'
import { parseCheat } from '../config/cheat.ts'

export interface DemoOptions {
  /** Fixes every choice of the demo. */
  readonly seed: bigint
  readonly steps: number
  readonly interval: number
  /** The lie that is told; drawn from the seed if undefined. */
  readonly cheat: Corruption | undefined
  readonly json: boolean
  /** Where logs and artifacts are kept; a temporary folder, removed at the end, if undefined. */
  readonly keep: string | undefined
  /** Whether the page is shown while it plays. */
  readonly page: boolean
  /** Whether chain and page stay at the end until it is interrupted. */
  readonly stay: boolean
  /** Which chain: see DevnetOptions of the deployments package. */
  readonly chain: 'osaka' | 'optimism'
}

/** Throws a CommanderError, with exit code 0 after help, or a LockstepError. */
export function parseOptions(argv: readonly string[]): DemoOptions {
  const command = new Command('npm run demo --')
    .exitOverride()
    .configureOutput({ writeErr: () => {} })
    .allowExcessArguments(false)
    .description(
      'Runs the whole network on a local chain: an honest training job that is paid, and a dishonest one that is caught.',
    )
    .addOption(
      new Option('--seed <n>', 'fixes every choice').argParser(wholeNumber).default(6n, '6'),
    )
    .addOption(
      new Option('--steps <n>', 'training steps of each job').argParser(positive).default(48),
    )
    .addOption(
      new Option('--interval <n>', 'steps between checkpoints').argParser(positive).default(8),
    )
    .addOption(
      new Option(
        '--cheat <step=…,node=…,element=…,bit=…>',
        'the bit that the cheat flips (default: drawn from the seed)',
      ).argParser(parseCheat),
    )
    .addOption(
      new Option(
        '--chain <kind>',
        'osaka: the opcode build; optimism: the portable build, L1 data fee charged',
      )
        .choices(['osaka', 'optimism'])
        .default('osaka'),
    )
    .option('--keep <folder>', 'keep logs and artifacts there')
    .option('--no-page', 'without the page, and without the indexer that it reads')
    .option('--stay', 'keep chain and page up at the end, until interrupted')
    .option('--json', 'print one JSON object as the last line')
  command.parse([...argv], { from: 'user' })
  const {
    json = false,
    stay = false,
    page = true,
    cheat,
    keep,
    ...rest
  } = command.opts<Partial<DemoOptions>>()
  return {
    ...(rest as Pick<DemoOptions, 'seed' | 'steps' | 'interval' | 'chain'>),
    json,
    cheat,
    keep,
    page,
    stay,
  }
}

export function wholeNumber(text: string): bigint {
  if (!/^\d{1,19}$/.test(text))
    throw new InvalidArgumentError('It wants a whole number below 10^19.')
  return BigInt(text)
}

export function positive(text: string): number {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 1 || value > 100_000) {
    throw new InvalidArgumentError('It wants a whole number from 1 to 100000.')
  }
  return value
}
