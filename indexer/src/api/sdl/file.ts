import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** The public contract: types by hand above `MARKER`, below it what follows from them. */
export const SDL_FILE = fileURLToPath(
  new URL('../../../../subgraph-schema.graphql', import.meta.url),
)

export const MARKER = `# ---------------------------------------------------------------------------------------------------------------------
# Made by \`npm run schema\` from the types above: lists, filters and orders
# ---------------------------------------------------------------------------------------------------------------------
`

export const readSdl = (): string => readFileSync(SDL_FILE, 'utf8')

/** The part that is written by hand. */
export const byHand = (sdl: string): string => sdl.split(MARKER)[0]
