// What whoever checks published bytes against a root needs, and no more: it runs in a browser, without any backend.
export { type Hash } from './commit/hash.ts'
export { merkleRoot, unpackHashes } from './commit/merkle.ts'
export { LEAF_BYTES, leafHashes } from './commit/tensor.ts'
export { inSlices } from './inSlices.ts'
export { LOSS_HISTORY } from './models/lossHistory.ts'
export { decodeState } from './program/entryCodec.ts'
export { committing, type EncodedProgram, programRoot } from './program/program.ts'
export { readProgramFile } from './program/programFile.ts'
