import { Command, CommanderError } from 'commander'
import { addAttest } from './commands/attest.ts'
import { addCompare } from './commands/compare.ts'
import { addConformance } from './commands/conformance.ts'
import { addContest } from './commands/contest.ts'
import { addDelegate } from './commands/delegate.ts'
import { addReceipt } from './commands/receipt.ts'
import { addMarket } from './commands/market.ts'
import { addMarketRoles } from './commands/market-roles.ts'
import { addRoles } from './commands/roles.ts'
import type { Result } from './commands/command.ts'
import { addStake } from './commands/stake.ts'
import { addStatus } from './commands/status.ts'
import { addSubmit } from './commands/submit.ts'
import { addVerify } from './commands/verify.ts'
import { chainError } from './chain/connect.ts'
import { ExitCode, LockstepError, oneLine } from './errors.ts'
import { BaseError } from 'viem'

const EXIT_HELP = `
Exit status:
  0  done                      4  a program or artifact is malformed, missing or wrong
  1  a bug                     5  too little stake, $AI or ether
  2  a wrong or missing flag,  6  the answer is no
     setting or key            7  a transaction was refused or reverted
  3  the chain is unreachable, 8  the home is in use or damaged
     wrong or contradictory

Every setting can also come from LOCKSTEP_<FLAG> in the environment or from the JSON file --config names;
flags come first, then the environment. The private key comes from LOCKSTEP_PRIVATE_KEY or --key-file only.`

/** Runs the command line; returns the exit status. */
export async function main(argv: readonly string[]): Promise<number> {
  let exit = 0
  const json = argv.includes('--json')
  const stop = new AbortController()
  const onSignal = (signal: NodeJS.Signals) => {
    // The second signal does not wait: everything that matters is on disk at any moment.
    if (stop.signal.aborted) process.exit(signal === 'SIGINT' ? 130 : 143)
    stop.abort()
  }
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal)

  const done = (result: Result, asJson: boolean): void => {
    exit = result.exit ?? 0
    if (asJson) process.stdout.write(`${JSON.stringify(result.json, bigintsAsText)}\n`)
    else for (const line of result.lines) process.stdout.write(`${line}\n`)
  }
  const program = new Command('lockstep')
    .description('Buy, do, check and defend machine-learning work on Lockstep.')
    .version('0.1.0')
    .addHelpText('after', EXIT_HELP)
    .exitOverride()
    .configureOutput({ writeErr: () => {} })
    .showHelpAfterError(false)
  program.configureHelp({ sortSubcommands: false, showGlobalOptions: false })
  addRoles(program, done, stop.signal)
  addSubmit(program, done, stop.signal)
  addContest(program, done, stop.signal)
  addAttest(program, done, stop.signal)
  addStake(program, done, stop.signal)
  addDelegate(program, done, stop.signal)
  addMarket(program, done, stop.signal)
  addMarketRoles(program, done, stop.signal)
  addStatus(program, done, stop.signal)
  addVerify(program, done, stop.signal)
  addReceipt(program, done, stop.signal)
  addConformance(program, done, stop.signal)
  addCompare(program, done, stop.signal)
  for (const command of program.commands) command.exitOverride()

  if (argv.length <= 2) {
    program.outputHelp()
    return ExitCode.usage
  }
  try {
    await program.parseAsync(argv)
    return exit
  } catch (error) {
    return report(error, json)
  } finally {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal)
  }
}

function report(error: unknown, json: boolean): number {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return 0 // help or version
    return print(
      { code: 'bad-usage', message: oneLine(error).replace(/^error: /, ''), exit: ExitCode.usage },
      json,
    )
  }
  const known = error instanceof BaseError ? chainError(error, '--rpc') : error
  if (known instanceof LockstepError) return print(known, json)
  const stack = (error as Error).stack ?? ''
  if (!json) process.stderr.write(`${stack}\n`)
  return print({ code: 'internal', message: oneLine(error), exit: ExitCode.internal }, json)
}

function print(
  { code, message, exit }: { code: string; message: string; exit: number },
  json: boolean,
): number {
  if (json) process.stdout.write(`${JSON.stringify({ error: { code, message } })}\n`)
  else process.stderr.write(`error: ${message} [${code}]\n`)
  return exit
}

function bigintsAsText(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value
}
