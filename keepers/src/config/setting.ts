import type { z } from 'zod'
import type { Kind } from './kinds.ts'

/** A setting of the command line: its flag, what it is for, what it takes, and what it is where none is given. */
export interface Setting<S extends z.ZodType = z.ZodType> extends Kind<S> {
  readonly flag: string
  readonly help: string
  readonly fallback: unknown
}

export function setting<S extends z.ZodType>(
  flag: string,
  help: string,
  { wants, schema }: Kind<S>,
  fallback?: z.input<S>,
): Setting<S> {
  return { flag, help, wants, schema, fallback }
}
