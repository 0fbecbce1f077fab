// Writes test/delphi/vectors/lmsr.json, which holds src/delphi/LMSR.sol to keepers/src/delphi:
// npx tsx keepers/tools/lmsr/vectors.ts
import { writeFileSync } from 'node:fs'
import { vectors } from '../../src/delphi/testing/vectors.ts'

writeFileSync(new URL('../../../test/delphi/vectors/lmsr.json', import.meta.url), vectors())
