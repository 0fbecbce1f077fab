import type { Hash } from 'viem'
import { fail } from '../errors.ts'

/** The id that a person means: all of it in decimal or hex, or the beginning of it in hex, which no other one has. */
export function findId(
  ids: readonly bigint[],
  text: string,
  of: { readonly kind: 'contest' | 'market'; readonly name: (id: bigint) => Hash },
): bigint {
  const isName = /^0x[0-9a-fA-F]{0,64}$/.test(text) || /^\d{1,78}$/.test(text)
  // A whole id in hex may be written without the zeros in front.
  const whole = isName && text !== '0x' ? ids.find((id) => id === BigInt(text)) : undefined
  if (whole !== undefined) return whole
  const isBeginning = isName && text.startsWith('0x') && text.length >= 4
  const found = isBeginning ? ids.filter((id) => of.name(id).startsWith(text.toLowerCase())) : []
  if (found.length === 1) return found[0]
  throw (isName ? fail.notFound : fail.badSetting)({
    what:
      found.length > 1
        ? `${found.length} ${of.kind}s begin with this`
        : isName
          ? `there is no such ${of.kind}`
          : `${JSON.stringify(text)} is not the id of a ${of.kind}`,
    where: `${of.kind} ${text}`,
    advice: `give its id, or as much of the beginning as no other has; lockstep ${of.kind} list shows them`,
  })
}
