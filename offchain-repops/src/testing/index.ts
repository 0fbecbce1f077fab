/** What tests are made of; random data is the same from the same seed. */
export { computeNode } from '../backends/reference/computeNode.ts'
export { stubDriver, type StubDriver } from '../backends/cuda/stubDriver.ts'
export { nodeByNode } from '../backends/reference/nodeByNode.ts'
export { checkPlan } from './checkPlan.ts'
export { interpreter } from './interpreter.ts'
export { Random } from './Random.ts'
export { randomProgram, type RandomProgram } from './randomProgram.ts'
export { onnxModel, randomFloats } from './onnxModel.ts'
