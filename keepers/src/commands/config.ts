import { withoutSecrets } from '@lockstep/deployments'
import { INDEXER_VARIABLES } from '@lockstep/indexer/variables'
import type { Command } from 'commander'
import {
  CONFIG_VARIABLE,
  type ConfigPlace,
  configPlace,
  readConfigFile,
} from '../config/config-file.ts'
import { KEY_VARIABLE } from '../config/key.ts'
import { PASSPHRASE_VARIABLE } from '../config/passphrase.ts'
import type { Kind } from '../config/kinds.ts'
import { findSetting, type Source, type Sources } from '../config/load.ts'
import { nearest } from '../config/nearest.ts'
import { nameOf, type Setting, variableOf } from '../config/setting.ts'
import { type SettingName, settings } from '../config/settings.ts'
import { sharedSettings } from '../config/shared-settings.ts'
import { ExitCode, fail } from '../errors.ts'
import { columns } from '../text.ts'
import { addCommand, type Done, givenFlags, type Result, specOf } from './command.ts'

const SHARED = Object.keys(sharedSettings) as (keyof typeof sharedSettings)[]
// They hold what nobody should read: whether they are set is all that is told.
const SECRETS = [KEY_VARIABLE, PASSPHRASE_VARIABLE]

/** `lockstep config [command…]`: every setting, its value, and where that comes from. */
export function addConfig(parent: Command, done: Done, signal: AbortSignal): void {
  const config: Command = addCommand(
    parent,
    {
      name: 'config [command...]',
      description:
        'show every setting, its value and where it comes from; of a command with its flags, only its own',
      settings: SHARED,
      argument: { commands: true },
      examples: [
        'lockstep config',
        'lockstep config --home keeper --json',
        'lockstep config solver --min-reward 5   # what this command line would run with',
      ],
      run: () => {
        const { command, flags, file } = asked(config)
        const { env } = process
        const place = configPlace({ config: file, home: flags['home'] as string | undefined }, env)
        const { defaults = {}, settings: own } = specOf(command)!
        const sources = { flags, env, file: readConfigFile(place), defaults }
        const all = Object.keys(settings) as SettingName[]
        return Promise.resolve(describe(place, command === config ? all : own, sources))
      },
    },
    done,
    signal,
  )
  config.passThroughOptions().allowExcessArguments()
}

/** The command that is asked about, and the flags that are given to it; `config` itself where none is named. */
function asked(config: Command) {
  let command: Command = config.parent!
  const words = [...config.args]
  while (words.length > 0 && command.commands.length > 0) {
    const word = words.shift()
    const known = command.commands.map((one) => one.name())
    const found = command.commands.find((one) => one.name() === word)
    if (found === undefined) throw noCommand(word ?? '', known)
    command = found
  }
  if (config.args.length === 0) command = config
  if (specOf(command) === undefined) {
    throw fail.badSetting({
      what: `"${command.name()}" is a group of commands`,
      where: 'config [command...]',
      advice: `name one: ${command.commands.map((one) => one.name()).join(', ')}`,
    })
  }
  const own = config.opts<{ config?: string }>()
  if (command === config) return { command, flags: givenFlags(config), file: own.config }
  const { unknown } = command.parseOptions(words)
  const flag = unknown.find((word) => word.startsWith('-'))
  if (flag !== undefined) {
    const known = command.options.map(({ long }) => long!)
    throw fail.badSetting({
      what: `lockstep ${command.name()} has no ${flag}`,
      where: 'config [command...]',
      advice: `did you mean ${nearest(flag, known)}?`,
    })
  }
  const others = command.opts<{ config?: string; json?: boolean }>()
  if (others.json === true) config.setOptionValue('json', true)
  const flags = { ...givenFlags(config), ...givenFlags(command) }
  return { command, flags, file: others.config ?? own.config }
}

const noCommand = (word: string, known: readonly string[]) =>
  fail.badSetting({
    what: `there is no command "${word}"`,
    where: 'config [command...]',
    advice: `did you mean ${nearest(word, known)}?`,
  })

function describe(place: ConfigPlace, names: readonly SettingName[], from: Sources): Result {
  const rows = names.map((name) => {
    const { flag } = settings[name]
    const { given, source, problem } = findSetting(name, from)
    const isMissing = source.kind === 'none'
    return {
      name,
      flag: nameOf(flag),
      variable: variableOf(flag),
      value: shownValue(settings[name], given),
      source,
      ...(problem === undefined || isMissing ? {} : { problem: problem.message }),
    }
  })
  const secrets = SECRETS.map((variable) => ({
    variable,
    isSet: (from.env[variable] ?? '').trim() !== '',
  }))
  const ofIndexer = INDEXER_VARIABLES.filter((name) => (from.env[name] ?? '') !== '')
  const strange = strangeVariables(from.env)
  const wrong = rows.filter(({ problem }) => problem !== undefined)
  const width = 46
  return {
    json: {
      file: { path: place.path, namedBy: place.namedBy, exists: place.exists },
      settings: rows,
      secrets,
      indexerVariables: ofIndexer,
      unknownVariables: strange,
    },
    lines: [
      `file: ${place.path} (${namer(place)}${place.exists ? '' : '; not there'})`,
      '',
      ...columns(
        rows.map(({ name, value, source }) => [
          name,
          clip(textOf(value), width),
          sourceText(source),
        ]),
      ),
      ...secrets.map(({ variable, isSet }) => `${variable}: ${isSet ? 'set' : 'unset'}`),
      ...ofIndexer.map((name) => `${name}: set, for the indexer`),
      ...strange.map(({ name, meant }) => `warning: ${name} is no setting; did you mean ${meant}?`),
      ...wrong.map(({ problem }) => `error: ${problem ?? ''}`),
    ],
    ...(wrong.length > 0 ? { exit: ExitCode.usage } : {}),
  }
}

const namer = ({ namedBy }: ConfigPlace): string =>
  namedBy === 'home' ? 'of the home' : `named by ${namedBy}`

function sourceText(source: Source): string {
  switch (source.kind) {
    case 'flag':
      return `flag ${source.name}`
    case 'environment':
      return `environment ${source.name}`
    case 'file':
      return `file ${source.name}`
    case 'default':
      return 'default'
    case 'none':
      return ''
  }
}

/** Variables that look like settings and are none. */
function strangeVariables(env: Sources['env']): { name: string; meant: string }[] {
  const flags = Object.values<Setting>(settings).map(({ flag }) => variableOf(flag))
  const known = [...flags, ...SECRETS, CONFIG_VARIABLE, ...INDEXER_VARIABLES]
  const ours = Object.keys(env).filter((name) => name.startsWith('LOCKSTEP_'))
  const unknown = ours.filter((name) => !known.includes(name) && !name.startsWith('LOCKSTEP_TEST_'))
  return unknown.map((name) => ({ name, meant: nearest(name, known) }))
}

/** A value as it may be shown: without credentials that its kind can hold. */
function shownValue({ mayHoldSecrets }: Kind, value: unknown): unknown {
  if (value === undefined) return null
  if (typeof value === 'bigint') return String(value)
  if (mayHoldSecrets !== true) return value
  if (Array.isArray(value)) return value.map((one) => withoutSecrets(String(one)))
  return typeof value === 'string' ? value.split(',').map(withoutSecrets).join(',') : value
}

function textOf(value: unknown): string {
  if (value === null || value === '') return '-'
  return typeof value === 'string' ? value : JSON.stringify(value)
}

const clip = (text: string, width: number): string =>
  text.length <= width ? text : `${text.slice(0, width - 1)}…`
