import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { fail } from '../errors.ts'
import { wrongValue } from './kinds.ts'
import { settings, type SettingName, type Values } from './settings.ts'

export interface Sources {
  /** Values of the command line by setting; those not given are absent. */
  flags: Readonly<Record<string, unknown>>
  env: Readonly<Record<string, string | undefined>>
  /** JSON file with settings by name; one file may serve every role. */
  file?: string | undefined
  /** Defaults in place of the settings' own. */
  defaults?: Readonly<Record<string, unknown>>
}

/**
 * The values of the named settings: flags before environment before file before defaults, each checked by
 * its schema. The error names the source of the value that is wrong.
 */
export function loadSettings<N extends SettingName>(names: readonly N[], from: Sources): Values<N> {
  return loadGiven(names, from).values
}

/** The same, and which of them somebody gave, be it the default. */
export function loadGiven<N extends SettingName>(
  names: readonly N[],
  from: Sources,
): { values: Values<N>; given: ReadonlySet<N> } {
  const file = from.file === undefined ? {} : readFile(from.file)
  const values: Partial<Record<SettingName, unknown>> = {}
  const given = new Set<N>()
  for (const name of names) {
    const setting = settings[name]
    const { flag } = setting
    const fallback = from.defaults?.[name] ?? setting.fallback
    const found = find(name, from, file)
    if (found !== undefined) given.add(name)
    const { value, where } = found ?? {
      value: fallback,
      where: fallback === undefined ? `flag ${flag}` : `default of ${flag}`,
    }
    const checked = setting.schema.safeParse(value)
    if (!checked.success)
      throw wrongValue(setting, checked.error, { value, name: flag.split(' ')[0], where })
    values[name] = checked.data
  }
  return { values: values as Values<N>, given }
}

/** The value that comes first, and where it was given. */
function find(
  name: SettingName,
  { flags, env, file: path }: Sources,
  file: Record<string, unknown>,
): { value: unknown; where: string } | undefined {
  const { flag } = settings[name]
  const variable = variableOf(flag)
  if (flags[name] !== undefined) return { value: flags[name], where: `flag ${flag}` }
  if (env[variable] !== undefined && env[variable] !== '')
    return { value: env[variable], where: `environment variable ${variable}` }
  if (file[name] !== undefined) return { value: file[name], where: `${name} in ${path}` }
  return undefined
}

/** `--poll-seconds <n>` is LOCKSTEP_POLL_SECONDS. */
export function variableOf(flag: string): string {
  return `LOCKSTEP_${flag.split(' ')[0].slice(2).toUpperCase().replaceAll('-', '_')}`
}

function readFile(path: string): Record<string, unknown> {
  try {
    const content = z.record(z.string(), z.unknown()).parse(JSON.parse(readFileSync(path, 'utf8')))
    const unknown = Object.keys(content).find((key) => !(key in settings))
    if (unknown !== undefined) throw new Error(`there is no setting "${unknown}"`)
    return content
  } catch (cause) {
    throw fail.badSetting(
      {
        what: 'the configuration file cannot be used',
        where: path,
        advice:
          cause instanceof z.ZodError ? 'it must be one JSON object' : (cause as Error).message,
      },
      { cause },
    )
  }
}
