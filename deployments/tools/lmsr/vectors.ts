// Writes test/delphi/vectors/lmsr.json, which holds src/delphi/LMSR.sol to deployments/src/protocol/lmsr:
// npx tsx deployments/tools/lmsr/vectors.ts
import { writeFileSync } from 'node:fs'
import { vectors } from '../../src/protocol/lmsr/testing/vectors.ts'

writeFileSync(new URL('../../../test/delphi/vectors/lmsr.json', import.meta.url), vectors())
