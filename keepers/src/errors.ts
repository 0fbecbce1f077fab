/** What an exit status of `lockstep` means. 0 is success. */
export const ExitCode = {
  /** A bug: please report it with the log. */
  internal: 1,
  /** A flag, an environment variable or the configuration file is wrong or missing; a key is missing. */
  usage: 2,
  /** The chain cannot be reached, is another chain, or contradicts itself. */
  chain: 3,
  /** A program, state or other artifact is malformed, missing or does not match its root. */
  artifact: 4,
  /** Too little stake, $AI or ether. */
  funds: 5,
  /** The answer is no: a claim is wrong, a job was not done. */
  negative: 6,
  /** A transaction reverted or was refused. */
  transaction: 7,
  /** What the command works on is in use or was left unusable. */
  busy: 8,
} as const

/** The same for people, in the order of the statuses. */
export const EXIT_MEANINGS: readonly (readonly [status: number, meaning: string])[] = [
  [0, 'done; the answer is yes'],
  [ExitCode.internal, 'a bug, or a broken engine'],
  [ExitCode.usage, 'a wrong or missing flag, setting, argument or key'],
  [
    ExitCode.chain,
    'the chain is unreachable, wrong or contradicts itself, or the contracts are not there',
  ],
  [ExitCode.artifact, 'a program or another artifact is malformed, missing or wrong'],
  [ExitCode.funds, 'too little stake, $AI, shares or ether'],
  [ExitCode.negative, 'the answer is no: wrong, not found, too early, too late, not done'],
  [ExitCode.transaction, 'a transaction was refused or reverted'],
  [ExitCode.busy, 'the home or a port is in use; the home is damaged or full'],
]

/**
 * An error that a person can act on, printed as one line: what happened, where (with values), what to do.
 * `code` names it for programs (`--json`), `exit` is the process's status.
 */
export class LockstepError extends Error {
  override readonly name = 'LockstepError'
  readonly code: string
  readonly exit: number
  readonly what: string
  readonly where: string
  readonly advice: string

  constructor(
    kind: { code: string; exit: number },
    text: { what: string; where: string; advice: string },
    options?: ErrorOptions,
  ) {
    super(`${text.what} (${text.where}): ${text.advice}`, options)
    this.code = kind.code
    this.exit = kind.exit
    this.what = text.what
    this.where = text.where
    this.advice = text.advice
  }
}

/** One line for any thrown value, without a stack trace. */
export function oneLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error)
  return text.replaceAll(/\s+/g, ' ').trim()
}

interface Text {
  what: string
  where: string
  advice: string
}

/** The kinds of errors: `throw fail.wrongChain({ what, where, advice })`. */
export const fail = {
  badSetting: kind('bad-setting', ExitCode.usage),
  missingKey: kind('missing-key', ExitCode.usage),
  unsafeKey: kind('unsafe-key', ExitCode.usage),
  refused: kind('refused', ExitCode.usage),
  badRequest: kind('bad-request', ExitCode.usage),
  unreachable: kind('chain-unreachable', ExitCode.chain),
  wrongChain: kind('wrong-chain', ExitCode.chain),
  lyingRpc: kind('chain-contradicts-itself', ExitCode.chain),
  notDeployed: kind('not-deployed', ExitCode.chain),
  malformed: kind('malformed-program', ExitCode.artifact),
  badArtifact: kind('artifact-mismatch', ExitCode.artifact),
  missingArtifact: kind('artifact-missing', ExitCode.artifact),
  badAddress: kind('bad-address', ExitCode.artifact),
  tooLarge: kind('artifact-too-large', ExitCode.artifact),
  badReceipt: kind('bad-receipt', ExitCode.artifact),
  funds: kind('too-little-funds', ExitCode.funds),
  stake: kind('too-little-stake', ExitCode.funds),
  negative: kind('negative', ExitCode.negative),
  brokenEngine: kind('broken-engine', ExitCode.internal),
  ended: kind('role-ended', ExitCode.internal),
  notFound: kind('not-found', ExitCode.negative),
  tooEarly: kind('too-early', ExitCode.negative),
  tooLate: kind('too-late', ExitCode.negative),
  tooSlow: kind('too-slow', ExitCode.negative),
  stopped: kind('stopped', ExitCode.negative),
  reverted: kind('transaction-reverted', ExitCode.transaction),
  notSent: kind('transaction-not-sent', ExitCode.transaction),
  nonceTaken: kind('nonce-taken', ExitCode.transaction),
  inUse: kind('in-use', ExitCode.busy),
  badJournal: kind('bad-journal', ExitCode.busy),
  badHome: kind('bad-home', ExitCode.busy),
  notStarted: kind('not-started', ExitCode.busy),
  exists: kind('already-there', ExitCode.busy),
  diskFull: kind('disk-full', ExitCode.busy),
}

function kind(code: string, exit: number) {
  return (text: Text, options?: ErrorOptions) => new LockstepError({ code, exit }, text, options)
}
