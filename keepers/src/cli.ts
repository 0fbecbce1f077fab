import { Command, CommanderError } from 'commander'
import { addAttest } from './commands/attest.ts'
import { addCompare } from './commands/compare.ts'
import { addConformance } from './commands/conformance.ts'
import { addContest } from './commands/contest.ts'
import { addDelegate } from './commands/delegate.ts'
import { addReceipt } from './commands/receipt.ts'
import { addDoctor } from './commands/doctor.ts'
import { addInit } from './commands/init.ts'
import { addMarket } from './commands/market.ts'
import { addMarketRoles } from './commands/market-roles.ts'
import { addRoles } from './commands/roles.ts'
import type { Done, Result } from './commands/command.ts'
import { addCompletion, completionOf } from './commands/completion.ts'
import { addConfig } from './commands/config.ts'
import { addStake } from './commands/stake.ts'
import { addStatus } from './commands/status.ts'
import { addSubmit } from './commands/submit.ts'
import { addUp } from './commands/up.ts'
import { addVerify } from './commands/verify.ts'
import { chainError } from './chain/connect.ts'
import { EXIT_MEANINGS, ExitCode, LockstepError, oneLine } from './errors.ts'
import { BaseError } from 'viem'

const HELP = `
Exit status, of every command:
${EXIT_MEANINGS.map(([status, meaning]) => `  ${status}  ${meaning}`).join('\n')}

Every setting comes from its flag, else from the environment variable in brackets behind it, else from the JSON
file of --config, of LOCKSTEP_CONFIG or config.json of the home, else from its default: lockstep config shows which.
The private key comes from LOCKSTEP_PRIVATE_KEY or --key-file only.

To begin: lockstep up runs a whole local network; lockstep init sets up a keeper, lockstep doctor checks it.`

/** Runs the command line; returns the exit status. */
export async function main(argv: readonly string[]): Promise<number> {
  let exit = 0
  const json = argv.includes('--json')
  const stop = new AbortController()
  const onSignal = (name: NodeJS.Signals) => {
    // The second signal does not wait: everything that matters is on disk at any moment.
    if (stop.signal.aborted) process.exit(name === 'SIGINT' ? 130 : 143)
    stop.abort()
  }
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal)

  const done = (result: Result, asJson: boolean): void => {
    exit = result.exit ?? 0
    if (asJson) process.stdout.write(`${JSON.stringify(result.json, bigintsAsText)}\n`)
    else for (const line of result.lines) process.stdout.write(`${line}\n`)
  }
  const program = createProgram(done, stop.signal)
  if (argv.length <= 2) {
    program.outputHelp()
    return ExitCode.usage
  }
  const answer = completionOf(program, argv.slice(2))
  if (answer !== undefined) {
    process.stdout.write(answer)
    return 0
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

/** The whole command line; `done` is told each command's result. */
export function createProgram(done: Done, signal: AbortSignal): Command {
  const program = new Command('lockstep')
    .description('Buy, do, check and defend machine-learning work on Lockstep.')
    .version('0.1.0', '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show this')
    .helpCommand(false)
    .addHelpText('after', HELP)
    .exitOverride()
    .configureOutput({ writeErr: () => {} })
    .configureHelp({ sortSubcommands: false, showGlobalOptions: false })
    .showHelpAfterError(false)
    .enablePositionalOptions()
  program.commandsGroup('Roles, each a process that runs until it is stopped:')
  addRoles(program, done, signal)
  addAttest(program, done, signal)
  addMarketRoles(program, done, signal)
  program.commandsGroup('Jobs and stake:')
  addSubmit(program, done, signal)
  addStatus(program, done, signal)
  addVerify(program, done, signal)
  addReceipt(program, done, signal)
  addStake(program, done, signal)
  addDelegate(program, done, signal)
  program.commandsGroup('Contests and markets:')
  addContest(program, done, signal)
  addMarket(program, done, signal)
  program.commandsGroup('Tools:')
  addUp(program, done, signal)
  addInit(program, done, signal)
  addDoctor(program, done, signal)
  addConfig(program, done, signal)
  addCompletion(program, done, signal)
  addConformance(program, done, signal)
  addCompare(program, done, signal)
  return program
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
