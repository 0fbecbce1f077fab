import { z } from 'zod'
import { fail, type LockstepError } from '../errors.ts'

/** What a setting takes: its schema, and in words what is wanted, for whoever gave something else. */
export interface Kind<S extends z.ZodType = z.ZodType> extends Hints {
  readonly wants: string
  readonly schema: S
}

/** What of a kind its schema does not say. */
interface Hints {
  /** All values that there are, where they are few. */
  readonly values?: readonly string[]
  /** Whether a value is the path of something. */
  readonly place?: 'file' | 'folder'
  /** Whether a value may have credentials in it, which are shown to nobody. */
  readonly mayHoldSecrets?: boolean
}

export const kind = <S extends z.ZodType>(
  wants: string,
  schema: S,
  hints: Hints = {},
): Kind<S> => ({ wants, schema, ...hints })

export const optional = <S extends z.ZodType>({ wants, schema, ...hints }: Kind<S>) =>
  kind(wants, schema.optional(), hints)

export const text = (wants: string) => kind(wants, z.string())

export const file = kind('the path of a file', z.string(), { place: 'file' })
export const folder = kind('the path of a folder', z.string(), { place: 'folder' })

export const oneOf = <const V extends string>(values: readonly V[]) =>
  kind(`one of ${values.join(', ')}`, z.enum(values), { values })

export const flag = kind('true or false', z.stringbool().or(z.boolean()))

const ADDRESS = 'an address (0x and 40 hex digits)'
export const address = kind(
  ADDRESS,
  z
    .string()
    .regex(/^0x[0-9a-fA-F]{40}$/, `wants ${ADDRESS}`)
    .transform((hex) => hex as `0x${string}`),
)

/** 32 bytes, in lower case from here on, as all that is compared is. */
export const hash = z
  .string()
  .regex(/^0x[0-9a-fA-F]{64}$/, 'wants 0x and 64 hex digits')
  .transform((hex) => hex.toLowerCase() as `0x${string}`)

export const url = kind(
  'an http or https URL, such as http://127.0.0.1:8545',
  z.url({ protocol: /^https?$/ }),
  { mayHoldSecrets: true },
)

/** Digits, or a number of the JSON file: nothing else that JavaScript would make a number of. */
export const digits = z.union([z.number(), z.string().trim().min(1).pipe(z.coerce.number())])
export const count = (least: number, most: number) =>
  kind(
    `a whole number from ${least} to ${most}`,
    digits.pipe(z.number().int().min(least).max(most)),
  )

export const number = (least: number, most = Infinity) =>
  kind(
    most === Infinity ? `a number from ${least} on` : `a number from ${least} to ${most}`,
    digits.pipe(z.number().min(least).max(most)),
  )

/** An amount with decimals, such as 12.5, in units of 10^18. */
export const amount = kind(
  'an amount such as 1000 or 12.5',
  z.string().regex(/^\d{1,30}(\.\d{1,18})?$/),
)

/** A list with commas in between, or one of the JSON file. */
export const list = <S extends z.ZodType>({ wants, schema, ...hints }: Kind<S>, many: string) =>
  kind(
    `${many} with commas in between, each ${wants}`,
    z
      .union([z.string().transform((text) => text.split(',').filter(Boolean)), z.array(z.any())])
      .pipe(z.array(schema)),
    hints,
  )

/** Values by name, such as batch=1,length=8. The name may have an = in it, the value may not. */
export const pairs = z.union([
  z.string().transform((text, context) => {
    const parts = text.split(',').filter(Boolean)
    const wrong = parts.find((part) => part.lastIndexOf('=') < 1)
    if (wrong !== undefined) {
      const lacks = wrong.startsWith('=') ? 'no name before its =' : 'no ='
      context.addIssue({ code: 'custom', message: `${JSON.stringify(wrong)} has ${lacks}` })
      return z.NEVER
    }
    return Object.fromEntries(
      parts.map((part): [string, unknown] => {
        const at = part.lastIndexOf('=')
        return [part.slice(0, at), part.slice(at + 1)]
      }),
    )
  }),
  z.record(z.string(), z.unknown()),
])

/** The error for a value that is not of its kind: it says which, whose it is, where it stands and what is wanted. */
export function wrongValue(
  { wants }: Kind,
  error: z.ZodError,
  of: { readonly value: unknown; readonly name: string; readonly where: string },
): LockstepError {
  // What a schema says in words of its own is of use to nobody; checks of ours say what they found.
  const issues = error.issues.flatMap((issue) => [
    issue,
    ...(issue.code === 'invalid_union' ? issue.errors.flat() : []),
  ])
  const reasons = issues.filter(({ code }) => code === 'custom').map(({ message }) => message)
  return fail.badSetting({
    what:
      of.value === undefined
        ? `${of.name} is missing`
        : `${JSON.stringify(of.value)} is not a value for ${of.name}`,
    where: of.where,
    advice: [...reasons, `it wants ${wants}`].join('; '),
  })
}

/** The id of a job, claim, contest or market. */
export const id = kind(
  'an id, decimal or in hex',
  z.union([z.int().min(0), z.string().regex(/^(0x[0-9a-fA-F]{1,64}|\d{1,78})$/)]).transform(BigInt),
)
