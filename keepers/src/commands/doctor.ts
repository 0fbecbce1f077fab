import type { Command } from 'commander'
import { type Checked, runChecks } from '../doctor/check.ts'
import { machineChecks } from '../doctor/machine.ts'
import { networkChecks } from '../doctor/network.ts'
import { ExitCode } from '../errors.ts'
import { columns } from '../text.ts'
import { addCommand, type Done } from './command.ts'

/** `lockstep doctor`: checks all that a keeper needs, and says what to do about what is not there. */
export function addDoctor(parent: Command, done: Done, signal: AbortSignal): void {
  addCommand(
    parent,
    {
      name: 'doctor',
      description:
        'check machine, engine, GPU, chain, account, stake, clock and disk, and say what to do; status 6 if a check failed, 0 with warnings only',
      settings: [
        'role',
        'timeoutSeconds',
        'vault',
        'indexer',
        'rpc',
        'witnessRpc',
        'deployment',
        'home',
        'keyFile',
        'keyPassphraseFile',
        'backend',
        'peers',
        'maxJobMib',
      ],
      examples: [
        'lockstep doctor',
        'lockstep doctor --home keeper --json',
        'lockstep doctor --role challenger --rpc https://rpc.example --timeout-seconds 3',
      ],
      run: async (values) => {
        const checks = [...machineChecks(values), ...(await networkChecks(values))]
        const checked = await runChecks(checks, values.timeoutSeconds)
        const count = (verdict: Checked['verdict']) =>
          checked.filter((one) => one.verdict === verdict).length
        const summary = { failed: count('failed'), warnings: count('warning') }
        return {
          json: { ...summary, checks: checked },
          lines: [
            ...describe(checked),
            '',
            summary.failed + summary.warnings === 0
              ? 'all is well'
              : `${summary.failed} failed, ${summary.warnings} warning(s)`,
          ],
          ...(summary.failed > 0 ? { exit: ExitCode.negative } : {}),
        }
      },
    },
    done,
    signal,
  )
}

/** A line for each check, and behind it what to do. */
function describe(checked: readonly Checked[]): string[] {
  const lines = columns(checked.map(({ verdict, name, found }) => [verdict, name, found]))
  const indent = ' '.repeat(lines[0].indexOf(checked[0].found))
  return checked.flatMap(({ advice }, i) => [
    lines[i],
    ...(advice === undefined ? [] : [`${indent}→ ${advice}`]),
  ])
}
