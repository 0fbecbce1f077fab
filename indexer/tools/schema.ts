// Writes the part of subgraph-schema.graphql that follows from its types: npm run schema.
import { writeFileSync } from 'node:fs'
import { SDL_FILE, byHand, readSdl } from '../src/api/sdl/file.ts'
import { formatSdl } from './schema/format.ts'

writeFileSync(SDL_FILE, await formatSdl(byHand(readSdl())))
