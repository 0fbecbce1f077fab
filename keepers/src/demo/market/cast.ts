import type { Player } from '../stage.ts'

/** Who takes part, by the devnet account that it uses. */
export const CAST = {
  solver: { name: 'honest solver', account: 1 },
  cheat: { name: 'cheating solver', account: 2 },
  challenger: { name: 'challenger', account: 3 },
  organiser: { name: 'organiser', account: 4 },
  ada: { name: 'Ada', account: 5 },
  ben: { name: 'Ben', account: 6 },
  cyd: { name: 'Cyd', account: 7 },
  maker: { name: 'market maker', account: 8 },
} as const satisfies Record<string, Player>
export type Name = keyof typeof CAST

/** Those who train models, each in its own way, enter them and trade. */
export const OWNERS = ['ada', 'ben', 'cyd'] as const satisfies Name[]
export type Owner = (typeof OWNERS)[number]
