import { pathToFileURL } from 'node:url'
import { judgementVectors } from './judgements.ts'
import { rangeVectors, runVectors, zeroVectors } from './merkle.ts'
import { entryVectors, nodeVectors } from './nodes.ts'
import { programVectors } from './programs.ts'
import { trainingVectors } from './training.ts'
import { writeVectors } from './write.ts'

/** The vectors of programs, commitments, judgements and a training run, by file name. */
export const commitmentVectors = {
  'nodes.json': nodeVectors,
  'entries.json': entryVectors,
  'merkle.json': () => ({ ranges: rangeVectors(), runs: runVectors(), zeros: zeroVectors() }),
  'judgements.json': judgementVectors,
  'training.json': trainingVectors,
  'programs.json': programVectors,
}

if (import.meta.url === pathToFileURL(process.argv[1]).href)
  for (const [name, make] of Object.entries(commitmentVectors)) writeVectors(name, await make())
