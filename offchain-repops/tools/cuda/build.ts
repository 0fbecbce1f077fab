/**
 * npm run build:cuda -w offchain-repops [-- --check]
 *
 * Compiles cuda/kernels to cuda/kernels.ptx with nvcc and lets ptxas assemble it for Turing, Ampere and Hopper; prints the registers
 * and spills of every kernel. With --check the committed text is assembled and nothing is written.
 */
import { writeFileSync } from 'node:fs'
import {
  ARCHITECTURES,
  assemble,
  compilePtx,
  PTX_PATH,
  PTX_RECORD,
  recordOf,
  sourceHash,
} from './ptx.ts'

if (!process.argv.includes('--check')) {
  writeFileSync(PTX_PATH, compilePtx())
  writeFileSync(PTX_RECORD, recordOf(sourceHash()))
}
for (const architecture of ARCHITECTURES) {
  console.log(architecture)
  for (const { kernel, registers, spilledBytes } of assemble(PTX_PATH, architecture))
    console.log(`  ${kernel.padEnd(24)} ${registers} registers, ${spilledBytes} bytes spilled`)
}
