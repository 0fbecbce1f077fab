import { format, resolveConfig } from 'prettier'
import { MARKER, SDL_FILE } from '../../src/api/sdl/file.ts'
import { generate } from '../../src/api/sdl/generate.ts'

/** The whole contract for the part that is written by hand. */
export async function formatSdl(byHand: string): Promise<string> {
  const style = await resolveConfig(SDL_FILE)
  return format(`${byHand.trimEnd()}\n\n${MARKER}\n${generate(byHand)}`, {
    ...style,
    parser: 'graphql',
  })
}
