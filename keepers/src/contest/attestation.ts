import type { Address, Hex, LocalAccount } from 'viem'
import { z } from 'zod'
import { contestName } from '../chain/contests.ts'
import { hash } from '../config/kinds.ts'
import { fail, LockstepError } from '../errors.ts'
import { exchange } from '../files/download.ts'
import { strangersPlace } from '../store/job-store.ts'

const from = z.url({ protocol: /^https?$/ }).max(2048)

/** What an attester is asked (docs/spec/judge.md, section 5): that a tensor can be fetched and fits its place. */
export const attestationRequest = z.strictObject({
  contest: hash.transform(BigInt),
  /** 0: an entry, 1: a test set. */
  constant: z.union([z.literal(0), z.literal(1)]),
  /** Number of the entrant or round. */
  index: z.int().min(0).max(1023),
  root: hash,
  /** Of the commitment: only what was committed to is fetched. */
  salt: hash,
  /** A store that has the tensor. */
  from: from.optional(),
})
export type AttestationRequest = z.output<typeof attestationRequest>

/** Asks the attester to fetch what it needs of a contest's evaluator, so that others can fetch it there. */
export const preparationRequest = z.strictObject({
  contest: hash.transform(BigInt),
  from: from.optional(),
})
export type PreparationRequest = z.output<typeof preparationRequest>

/** What is signed: `Attestation` of Judge.sol under EIP-712. */
export function signAttestation(
  account: LocalAccount,
  judge: { chainId: number; address: Address },
  { contest, constant, root }: Pick<AttestationRequest, 'contest' | 'constant' | 'root'>,
): Promise<Hex> {
  return account.signTypedData({
    domain: {
      name: 'Lockstep Judge',
      version: '1',
      chainId: judge.chainId,
      verifyingContract: judge.address,
    },
    types: {
      Attestation: [
        { name: 'contest', type: 'uint256' },
        { name: 'constant_', type: 'uint8' },
        { name: 'root', type: 'bytes32' },
      ],
    },
    primaryType: 'Attestation',
    message: { contest, constant_: constant, root },
  })
}

// It may have to fetch a model.
const TIMEOUT_SECONDS = 120
const MOST_BYTES = 1 << 16

const answer = z.object({ attestation: z.string().regex(/^0x([0-9a-f]{2})+$/) })
const refusal = z.object({ error: z.object({ message: z.string().max(4096) }) })

/** Has the attester that serves `uri` sign that a tensor can be fetched and fits. */
export async function askAttestation(
  uri: string,
  chainId: number,
  request: AttestationRequest,
): Promise<Hex> {
  const body = { ...request, contest: contestName(request.contest) }
  const answered = answer.safeParse(await post(uri, 'attestations', chainId, body))
  if (answered.success) return answered.data.attestation as Hex
  throw unasked(uri, 'the answer is no attestation')
}

/** Has the attester that serves `uri` fetch what it needs of a contest's evaluator. */
export async function askPreparation(
  uri: string,
  chainId: number,
  request: PreparationRequest,
): Promise<void> {
  await post(uri, 'contests', chainId, { ...request, contest: contestName(request.contest) })
}

async function post(uri: string, path: string, chainId: number, body: object): Promise<unknown> {
  const place = strangersPlace(uri, chainId)
  if (place === undefined) throw unasked(uri, 'this is no address to ask')
  const url = `${place.url.replace(/\/+$/, '')}/${path}`
  const bounds = { limitBytes: MOST_BYTES, timeoutSeconds: TIMEOUT_SECONDS, lookup: place.lookup }
  try {
    const got = await exchange(url, { json: JSON.stringify(body), ...bounds })
    const text = new TextDecoder().decode(got.body)
    if (got.status === 200) return JSON.parse(text)
    const refused = refusal.safeParse(JSON.parse(text || '{}'))
    throw unasked(url, refused.success ? refused.data.error.message : `status ${got.status}`)
  } catch (cause) {
    if (cause instanceof LockstepError) throw cause
    throw unasked(url, (cause as Error).message, cause)
  }
}

function unasked(where: string, what: string, cause?: unknown): LockstepError {
  return fail.missingArtifact(
    {
      what: `the attester does not sign: ${what}`,
      where,
      advice:
        "give it what it lacks (--serve-port or --from, where it can fetch the tensor), or ask the contest's opener",
    },
    cause === undefined ? undefined : { cause },
  )
}
