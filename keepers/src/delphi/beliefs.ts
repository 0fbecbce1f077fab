import { getAddress, isAddress, parseEther } from 'viem'
import { z } from 'zod'

const probability = z.number().min(0).max(1)
/** Probabilities by outcome, or by the owner of an outcome's entrant. */
const byOutcome = z.union([z.array(probability), z.record(z.string(), probability)])
const file = z.record(z.string().regex(/^(0x[0-9a-fA-F]+|\d+)$/, 'wants ids of markets'), byOutcome)

/** Believed probabilities by market. */
export type Beliefs = ReadonlyMap<bigint, z.output<typeof byOutcome>>

/**
 * Reads beliefs from JSON: `{ "<market>": [0.2, 0.5, 0.3] }`, or by number or owner of the outcome,
 * `{ "<market>": { "0": 0.2, "0x…": 0.5 } }`. Throws on what is none, and on probabilities of more than 1 together.
 */
export function parseBeliefs(text: string): Beliefs {
  const parsed = file.parse(JSON.parse(text))
  const beliefs = new Map(Object.entries(parsed).map(([market, of]) => [BigInt(market), of]))
  for (const [market, of] of beliefs) {
    const sum = Object.values(of).reduce((total, belief) => total + belief, 0)
    if (sum > 1 + 1e-9)
      throw new Error(`the probabilities of market 0x${market.toString(16)} add up to ${sum}`)
    if (Array.isArray(of)) continue
    const wrong = Object.keys(of).find(
      (key) => !/^\d{1,3}$/.test(key) && !isAddress(key, { strict: false }),
    )
    if (wrong !== undefined)
      throw new Error(`${JSON.stringify(wrong)} is no number and no address of an owner`)
  }
  return beliefs
}

/**
 * The beliefs of a market's outcomes in 1e-18; undefined for those of which nothing is believed, and those of an owner of
 * several that are named by the owner only.
 */
export function beliefsOf(
  beliefs: Beliefs,
  market: bigint,
  owners: readonly (string | undefined)[],
): (bigint | undefined)[] {
  const of = beliefs.get(market)
  const named = of === undefined || Array.isArray(of) ? new Map<string, number>() : byKey(of)
  return owners.map((owner, outcome) => {
    const isOnly = owner !== undefined && owners.filter((other) => other === owner).length === 1
    const found = Array.isArray(of)
      ? (of[outcome] as number | undefined)
      : (named.get(String(outcome)) ?? (isOnly ? named.get(getAddress(owner)) : undefined))
    return found === undefined ? undefined : inWad(found)
  })
}

// No belief has more digits than this, and what is beyond would be the noise of binary fractions.
const inWad = (probability: number): bigint => parseEther(probability.toFixed(12))

const byKey = (of: Record<string, number>): Map<string, number> =>
  new Map(
    Object.entries(of).map(([key, value]) => [/^\d+$/.test(key) ? key : getAddress(key), value]),
  )

/** What an entrant has reached in a contest so far. */
export interface Standing {
  /** Rounds with a score, and the sum of those. */
  readonly scored: number
  readonly total: bigint
}

/**
 * Beliefs out of the scores of finished rounds: totals so far, each to move by about `noise` in every round that is
 * left, as independent logistic steps would. Who misses a finished round cannot win. Undefined before any score.
 */
export function beliefsFromScores(
  standings: readonly Standing[],
  rounds: number,
  noise: number,
): bigint[] | undefined {
  const done = standings.reduce((most, { scored }) => Math.max(most, scored), 0)
  if (done === 0) return undefined
  const best = standings.reduce(
    (most, { scored, total }) => (scored === done && Number(total) > most ? Number(total) : most),
    -Infinity,
  )
  const width = noise * Math.sqrt(Math.max(1, rounds - done))
  const weights = standings.map(({ scored, total }) =>
    scored < done ? 0 : Math.exp((Number(total) - best) / width),
  )
  const sum = weights.reduce((total, weight) => total + weight, 0)
  return weights.map((weight) => inWad(weight / sum))
}
