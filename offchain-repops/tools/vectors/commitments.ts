// Writes the vectors of programs and commitments: nodes.json, entries.json, merkle.json.
import { entryVectors, nodeVectors } from './nodes.ts'
import { rangeVectors, runVectors, zeroVectors } from './merkle.ts'
import { writeVectors } from './write.ts'

writeVectors('nodes.json', nodeVectors())
writeVectors('entries.json', entryVectors())
writeVectors('merkle.json', { ranges: rangeVectors(), runs: runVectors(), zeros: zeroVectors() })
