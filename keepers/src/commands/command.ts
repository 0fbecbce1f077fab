import { type Command, Option } from 'commander'
import { configPlace, readConfigFile } from '../config/config-file.ts'
import { loadGiven, type Sources } from '../config/load.ts'
import { type Setting, variableOf } from '../config/setting.ts'
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
  readonly signal: AbortSignal
  /** Settings that were given, by flag, environment or file. */
  readonly given: ReadonlySet<N>
  /** Says something before the command is over. */
  readonly show: (result: Result) => void
  /** Says on stderr what happens meanwhile: a line for people, with --json an object. */
  readonly tell: (line: string) => void
}

/** What a command's positional argument may be, for completion. */
export interface ArgumentHints {
  readonly values?: readonly string[]
  readonly place?: 'file' | 'folder'
  /** Whether it is another command with its flags. */
  readonly commands?: true
}

/** What commands and groups are added with: who prints a result, and what tells a command to end. */
export type Done = (result: Result, json: boolean) => void

/** What is known of a command's flags. */
export interface Spec {
  readonly settings: readonly SettingName[]
  readonly defaults?: Partial<Record<SettingName, unknown>> | undefined
  readonly argument: ArgumentHints
  readonly examples: readonly string[]
}

const specs = new WeakMap<Command, Spec>()

/** What a command was added with; undefined of groups. */
export const specOf = (command: Command): Spec | undefined => specs.get(command)

/**
 * Adds a command whose flags are settings by name. `run` gets their checked values and the positional argument;
 * what it returns is printed by the caller, if it is anything.
 */
export function addCommand<N extends SettingName>(
  parent: Command,
  options: {
    /** With its positional argument, if it has one. */
    readonly name: string
    readonly description: string
    readonly settings: readonly N[]
    /** Command lines, each with a comment behind `#` where that helps. */
    readonly examples: readonly [string, ...string[]]
    readonly argument?: ArgumentHints
    /** Defaults of this command, where they are others than the settings' own. */
    readonly defaults?: Partial<Values<N>>
    readonly run: (
      values: Values<N>,
      context: Context<N>,
      argument: string | undefined,
    ) => Promise<Result | undefined>
  },
  done: Done,
  signal: AbortSignal,
): Command {
  const { examples, argument: hints = {}, defaults } = options
  const command = parent
    .command(options.name)
    .description(options.description)
    .allowExcessArguments(false)
  specs.set(command, { settings: options.settings, defaults, argument: hints, examples })
  for (const name of inHelpOrder(options.settings))
    command.addOption(optionOf(name, defaults?.[name]))
  command.optionsGroup('Output and help:')
  command.option(
    '--config <file>',
    "JSON file with settings (default: the home's config.json) [LOCKSTEP_CONFIG]",
  )
  command.option('--json', 'print one JSON object on standard output')
  command.helpOption('-h, --help', 'show this')
  command.addHelpText('after', ['', 'Examples:', ...examples.map((line) => `  ${line}`)].join('\n'))
  command.action(async (...parts: unknown[]) => {
    const argument = command.registeredArguments.length > 0 ? (parts[0] as string) : undefined
    const { values, given } = loadGiven(options.settings, sourcesOf(command))
    // Asked each time: `config` takes it from the flags of the command that it shows.
    const asJson = () => command.opts<{ json?: boolean }>().json === true
    const show = (result: Result): void => {
      done(result, asJson())
    }
    const tell = (line: string): void => {
      const said = asJson() ? JSON.stringify({ time: Date.now(), msg: line }) : line
      process.stderr.write(`${said}\n`)
    }
    const result = await options.run(values, { signal, given, show, tell }, argument)
    if (result !== undefined) show(result)
  })
  return command
}

/** What a command's flags, the environment and the configuration file give it. */
function sourcesOf(command: Command): Sources {
  const { config } = command.opts<{ config?: string }>()
  const flags = givenFlags(command)
  const home = flags['home'] as string | undefined
  const file = readConfigFile(configPlace({ config, home }, process.env))
  return { flags, env: process.env, file, defaults: specOf(command)?.defaults ?? {} }
}

/** The settings that were given by flags, by name: commander names an option after its flag. */
export function givenFlags(command: Command): Record<string, unknown> {
  const given: Record<string, unknown> = command.opts()
  const names = specOf(command)?.settings ?? []
  return Object.fromEntries(
    names.flatMap((name) => {
      const attribute = new Option(settings[name].flag).attributeName()
      return attribute in given ? [[name, given[attribute]]] : []
    }),
  )
}

/** A command's own settings as it names them, then the shared ones by their headings. */
function inHelpOrder<N extends SettingName>(names: readonly N[]): N[] {
  const isShared = (name: SettingName) => (settings[name] as Setting).group !== undefined
  const shared = new Set<SettingName>(names.filter(isShared))
  const all = Object.keys(settings) as N[]
  return [...names.filter((name) => !isShared(name)), ...all.filter((name) => shared.has(name))]
}

/** A setting as commander and help know it. */
function optionOf(name: SettingName, fallback: unknown = settings[name].fallback): Option {
  const { flag, help, values, group } = settings[name] as Setting
  const hasDefault = ['string', 'number', 'bigint'].includes(typeof fallback) && fallback !== ''
  const shown = [
    help,
    ...(values === undefined || values.every((value) => help.includes(value))
      ? []
      : [`: ${values.join(', ')}`]),
    ...(hasDefault ? [` (default: ${fallback as string | number | bigint})`] : []),
    ` [${variableOf(flag)}]`,
  ]
  const option = new Option(flag, shown.join(''))
  return group === undefined ? option : option.helpGroup(group)
}

/** A group of commands, `lockstep <name> <command>`; by itself it shows what is in it. */
export function addGroup(parent: Command, name: string, description: string, done: Done): Command {
  const group = parent.command(name).description(description).helpOption('-h, --help', 'show this')
  return group.action(() => {
    group.outputHelp()
    done({ json: {}, lines: [], exit: ExitCode.usage }, false)
  })
}
