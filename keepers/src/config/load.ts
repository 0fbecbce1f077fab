import type { ConfigFile } from './config-file.ts'
import { type Kind, wrongValue } from './kinds.ts'
import { nameOf, variableOf } from './setting.ts'
import { settings, type SettingName, type Values } from './settings.ts'
import type { LockstepError } from '../errors.ts'

export interface Sources {
  /** Values of the command line by setting; those not given are absent. */
  flags: Readonly<Record<string, unknown>>
  env: Readonly<Record<string, string | undefined>>
  /** Settings by name out of a file; one file may serve every role. */
  file?: ConfigFile | undefined
  /** Defaults in place of the settings' own. */
  defaults?: Readonly<Record<string, unknown>>
}

/** Where a value was given. */
export type Source =
  | { readonly kind: 'flag'; readonly name: string }
  | { readonly kind: 'environment'; readonly name: string }
  | { readonly kind: 'file'; readonly name: string }
  | { readonly kind: 'default' }
  | { readonly kind: 'none' }

/** A setting as it was found: the value as it was given, and as it is used unless it is wrong. */
export interface Found {
  readonly given: unknown
  readonly source: Source
  readonly value?: unknown
  readonly problem?: LockstepError
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
  const values: Partial<Record<SettingName, unknown>> = {}
  const given = new Set<N>()
  for (const name of names) {
    const { source, value, problem } = findSetting(name, from)
    if (problem !== undefined) throw problem
    if (source.kind !== 'default' && source.kind !== 'none') given.add(name)
    values[name] = value
  }
  return { values: values as Values<N>, given }
}

/** One setting and its source; a wrong value is told, not thrown. */
export function findSetting(name: SettingName, from: Sources): Found {
  const setting: Kind & { readonly flag: string } = settings[name]
  const { given, source } = lookUp(name, from)
  const checked = setting.schema.safeParse(given)
  if (checked.success) return { given, source, value: checked.data }
  const of = { value: given, name: nameOf(setting.flag), where: whereOf(source, name, from) }
  return { given, source, problem: wrongValue(setting, checked.error, of) }
}

/** The value that comes first, and where it was given. */
function lookUp(
  name: SettingName,
  { flags, env, file, defaults }: Sources,
): { given: unknown; source: Source } {
  const { flag, fallback } = settings[name]
  const variable = variableOf(flag)
  if (flags[name] !== undefined)
    return { given: flags[name], source: { kind: 'flag', name: nameOf(flag) } }
  if (env[variable] !== undefined && env[variable] !== '')
    return { given: env[variable], source: { kind: 'environment', name: variable } }
  if (file?.values[name] !== undefined)
    return { given: file.values[name], source: { kind: 'file', name: file.path } }
  const otherwise = defaults?.[name] ?? fallback
  return { given: otherwise, source: { kind: otherwise === undefined ? 'none' : 'default' } }
}

function whereOf(source: Source, name: SettingName, { file }: Sources): string {
  const { flag } = settings[name]
  switch (source.kind) {
    case 'flag':
    case 'none':
      return `flag ${flag}`
    case 'environment':
      return `environment variable ${source.name}`
    case 'file':
      return `${name} in ${file?.path}`
    case 'default':
      return `default of ${flag}`
  }
}
