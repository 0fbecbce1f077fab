import { Command, Option } from 'commander'
import { loadGiven } from '../config/load.ts'
import { type SettingName, settings, type Values } from '../config/settings.ts'
import { ExitCode } from '../errors.ts'

/** What a command gives back: an object for `--json`, lines for people, and whether the answer is yes. */
export interface Result {
  readonly json: Readonly<Record<string, unknown>>
  readonly lines: readonly string[]
  readonly exit?: number
}

/** What a command knows beside its settings' values. */
export interface Context<N extends SettingName> {
  readonly json: boolean
  readonly signal: AbortSignal
  /** Settings that were given, by flag, environment or file. */
  readonly given: ReadonlySet<N>
}

/**
 * Adds a command whose flags are settings by name. `run` gets their checked values and the positional argument;
 * what it returns is printed by the caller.
 */
export function addCommand<N extends SettingName>(
  parent: Command,
  options: {
    readonly name: string
    readonly description: string
    readonly settings: readonly N[]
    /** Defaults of this command, where they are others than the settings' own. */
    readonly defaults?: Partial<Values<N>>
    readonly run: (
      values: Values<N>,
      context: Context<N>,
      argument: string | undefined,
    ) => Promise<Result>
  },
  done: (result: Result, json: boolean) => void,
  signal: AbortSignal,
): void {
  const command = parent
    .command(options.name)
    .description(options.description)
    .allowExcessArguments(false)
  for (const name of options.settings) {
    const { flag, help } = settings[name]
    const fallback: unknown = options.defaults?.[name] ?? settings[name].fallback
    const hasDefault = ['string', 'number', 'bigint'].includes(typeof fallback) && fallback !== ''
    const shown = hasDefault ? ` (default: ${fallback as string | number | bigint})` : ''
    command.addOption(new Option(flag, `${help}${shown}`))
  }
  command.option('--config <file>', 'JSON file with settings')
  command.option('--json', 'print one JSON object on stdout')
  command.action(async (...parts: unknown[]) => {
    const argument =
      options.name.includes('[') || options.name.includes('<') ? (parts[0] as string) : undefined
    const { config, json = false, ...flags } = command.opts<{ config?: string; json?: boolean }>()
    const { values, given } = loadGiven(options.settings, {
      flags: byName(flags),
      env: process.env,
      file: config ?? process.env['LOCKSTEP_CONFIG'],
      ...(options.defaults === undefined ? {} : { defaults: options.defaults }),
    })
    done(await options.run(values, { json, signal, given }, argument), json)
  })
}

/** A group of commands, `lockstep <name> <command>`; by itself it shows what is in it. */
export function addGroup(
  parent: Command,
  name: string,
  description: string,
  done: (result: Result, json: boolean) => void,
): Command {
  const group = parent.command(name).description(description)
  return group.action(() => {
    group.outputHelp()
    done({ json: {}, lines: [], exit: ExitCode.usage }, false)
  })
}

/** Commander names an option after its flag, which is not always the setting's name. */
function byName(given: Record<string, unknown>): Record<string, unknown> {
  const names = Object.entries(settings).map(
    ([name, { flag }]) => [new Option(flag).attributeName(), name] as const,
  )
  return Object.fromEntries(
    names.flatMap(([attribute, name]) => (attribute in given ? [[name, given[attribute]]] : [])),
  )
}
