import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { fail } from '../errors.ts'
import { nearest } from './nearest.ts'
import { settings } from './settings.ts'

/** Names the file, before the home does. */
export const CONFIG_VARIABLE = 'LOCKSTEP_CONFIG'
/** The file of a home, which is read where nothing else is named. */
export const CONFIG_NAME = 'config.json'

/** A file with settings by name. */
export interface ConfigFile {
  readonly path: string
  readonly values: Readonly<Record<string, unknown>>
}

/** Which file is read: the one that was named, or the home's, if it is there. */
export interface ConfigPlace {
  readonly path: string
  readonly namedBy: '--config' | typeof CONFIG_VARIABLE | 'home'
  readonly exists: boolean
}

export function configPlace(
  flags: { readonly config?: string | undefined; readonly home?: string | undefined },
  env: Readonly<Record<string, string | undefined>>,
): ConfigPlace {
  const named = flags.config ?? (env[CONFIG_VARIABLE] || undefined)
  const home = flags.home ?? (env['LOCKSTEP_HOME'] || String(settings.home.fallback))
  const path = named ?? join(home, CONFIG_NAME)
  const namedBy =
    flags.config !== undefined ? '--config' : named !== undefined ? CONFIG_VARIABLE : 'home'
  return { path, namedBy, exists: existsSync(path) }
}

/** The file at that place; undefined where nobody named one and the home has none. */
export function readConfigFile({ path, namedBy, exists }: ConfigPlace): ConfigFile | undefined {
  if (namedBy === 'home' && !exists) return undefined
  let values: Record<string, unknown>
  try {
    values = z.record(z.string(), z.unknown()).parse(JSON.parse(readFileSync(path, 'utf8')))
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
  const known = Object.keys(settings)
  const unknown = Object.keys(values).find((key) => !known.includes(key))
  if (unknown !== undefined) {
    throw fail.badSetting({
      what: `there is no setting "${unknown}"`,
      where: path,
      advice: `did you mean "${nearest(unknown, known)}"? lockstep config lists all of them`,
    })
  }
  if (namedBy === 'home' && values['home'] !== undefined) {
    throw fail.badSetting({
      what: 'the file of a home names another home',
      where: `home in ${path}`,
      advice: 'remove it there; --home or LOCKSTEP_HOME name the home',
    })
  }
  return { path, values }
}
