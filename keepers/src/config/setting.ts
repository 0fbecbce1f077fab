import type { z } from 'zod'
import type { Kind } from './kinds.ts'

/**
 * A setting of the command line: its flag, whose placeholder says the unit; what it is for; what it takes; and what it is
 * where none is given.
 */
export interface Setting<S extends z.ZodType = z.ZodType> extends Kind<S> {
  readonly flag: string
  readonly help: string
  readonly fallback: unknown
  /** Heading that it stands under in help; of the command's own if there is none. */
  readonly group?: string
}

export function setting<S extends z.ZodType>(
  flag: string,
  help: string,
  kind: Kind<S>,
  fallback?: z.input<S>,
): Setting<S> {
  return { flag, help, fallback, ...kind }
}

/** Settings that many commands share, under one heading. */
export function group<T extends Readonly<Record<string, Setting>>>(heading: string, of: T): T {
  const grouped = Object.entries(of).map(([name, one]) => [name, { ...one, group: heading }])
  return Object.fromEntries(grouped) as T
}

/** `--poll-seconds <seconds>` is LOCKSTEP_POLL_SECONDS. */
export function variableOf(flag: string): string {
  return `LOCKSTEP_${nameOf(flag).slice(2).toUpperCase().replaceAll('-', '_')}`
}

/** `--poll-seconds <seconds>` without what it takes. */
export const nameOf = (flag: string): string => flag.split(' ')[0]
