import { z } from 'zod'
import type { Address, Hash } from 'viem'
import { readAs } from './read-as.ts'

/** The roots of a trace or of a final state that a receipt holds at most; of a trace, and its first one. */
export const MOST_ROOTS = 16_384
/** A receipt is no longer than this. */
export const MOST_RECEIPT_BYTES = 4 * 2 ** 20

const whole = (least: number, most: number) => {
  const wanted = `a whole number from ${least} to ${most}`
  return z.int(wanted).min(least, wanted).max(most, wanted)
}
const decimal = (below: bigint) =>
  z
    .string('digits in quotes')
    .regex(/^(0|[1-9]\d{0,77})$/, 'digits in quotes, without leading zeros')
    .transform(BigInt)
    .refine((value) => value < below, `a number below 2^${below.toString(2).length - 1}`)
const HASH = '0x and 64 lower-case hex digits'
const hash = z
  .string(HASH)
  .regex(/^0x[0-9a-f]{64}$/, HASH)
  .transform((text) => text as Hash)
const ADDRESS = '0x and 40 hex digits'
const address = z
  .string(ADDRESS)
  .regex(/^0x[0-9a-fA-F]{40}$/, ADDRESS)
  .transform((text) => text as Address)
const hashes = (most: number) =>
  z.array(hash, 'a list of hashes').min(1, 'at least one hash').max(most, `at most ${most} hashes`)
const object = <S extends z.ZodRawShape>(shape: S) => z.strictObject(shape, 'an object')

const U256 = 2n ** 256n

/** Version 1 of the file: docs/spec/receipts.md, section 1. */
const version1 = object({
  format: z.literal('lockstep-receipt', '"lockstep-receipt"'),
  version: z.literal(1, '1'),
  repops: whole(1, 2 ** 31 - 1),
  chain: object({
    id: whole(1, Number.MAX_SAFE_INTEGER),
    genesis: hash,
    jobRegistry: address,
  }),
  job: decimal(U256),
  attempt: whole(1, 2 ** 32 - 1),
  claim: decimal(U256),
  solver: address,
  program: hash,
  computation: object({
    nodesRoot: hash,
    statesRoot: hash,
    constantEntriesRoot: hash,
    initialStateRoot: hash,
    constantsRoot: hash,
    // The bounds of docs/spec/verde.md, section 2.
    nodes: whole(1, 2 ** 20),
    states: whole(1, 2 ** 20),
    constants: whole(0, 2 ** 16),
    steps: whole(1, 2 ** 31 - 1),
    interval: whole(1, 2 ** 16),
    seed: decimal(2n ** 64n),
  }),
  checkpointRoot: hash,
  finalStateRoot: hash,
  outputs: hashes(MOST_ROOTS).optional(),
  trace: object({ every: whole(1, 2 ** 31 - 1), roots: hashes(MOST_ROOTS + 1) }),
  evaluation: object({
    judge: address,
    contest: decimal(U256),
    entrant: whole(0, 255),
    round: whole(0, 15),
    scoreState: whole(0, 2 ** 20 - 1),
    score: whole(-(2 ** 31), 2 ** 31 - 1),
  }).optional(),
  uri: z.string('text').max(2048, 'text of at most 2048 characters').optional(),
  signatures: z
    .array(
      object({
        signer: address,
        signature: z
          .string('65 bytes in hex')
          .regex(/^0x[0-9a-fA-F]{130}$/, '65 bytes in hex')
          .transform((text) => text as `0x${string}`),
      }),
      'a list of signatures',
    )
    .max(256, 'at most 256 signatures'),
})

/** What a receipt says, whatever version it was written in. */
export type Receipt = z.output<typeof version1>
export type Evaluation = NonNullable<Receipt['evaluation']>

/** How each version is read. A reader that is here once stays. */
const READERS: Readonly<Record<number, z.ZodType<Receipt>>> = { 1: version1 }

/** The version that is written. */
export const RECEIPT_VERSION = 1

/**
 * Reads the text of a receipt by the version that is in it; `where` names it in errors. What its parts say of each
 * other is not checked: see `checkReceipt`.
 */
export function readReceipt(text: string, where: string): Receipt {
  return readAs(READERS, text, where)
}

/** The text of a receipt: one line for each member, so that people can look into it. */
export function receiptText(receipt: Receipt): string {
  const members = Object.entries(receipt).filter(([, value]) => value !== undefined)
  const lines = members.map(
    ([name, value]) => `  ${JSON.stringify(name)}: ${JSON.stringify(value, bigintsAsText)}`,
  )
  return `{\n${lines.join(',\n')}\n}\n`
}

const bigintsAsText = (_: string, value: unknown): unknown =>
  typeof value === 'bigint' ? String(value) : value
