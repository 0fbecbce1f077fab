/** What tests are made of; random data is the same from the same seed. */
export { computeNode } from '../backends/reference/computeNode.ts'
export { nodeByNode } from '../backends/reference/nodeByNode.ts'
export { Random } from './Random.ts'
export { randomProgram, type RandomProgram } from './randomProgram.ts'
