// Writes the vectors of the operators: kernels.json, scalars/*.json, segments.json, folds.json, philox.json.
import { kernelVectors } from './kernels.ts'
import { philoxVectors } from './philox.ts'
import { scalarVectors } from './scalars.ts'
import { foldVectors, segmentVectors } from './segments.ts'
import { writeVectors } from './write.ts'

for (const vectors of scalarVectors()) {
  writeVectors(`scalars/${vectors.op}.${vectors.type}.json`, vectors)
}
writeVectors('kernels.json', kernelVectors())
writeVectors('segments.json', segmentVectors())
writeVectors('folds.json', foldVectors())
writeVectors('philox.json', philoxVectors())
