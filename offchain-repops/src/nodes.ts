/** What committed nodes say, for readers of the chain: nothing here computes, or loads a backend. */
export { decodeNode } from './program/nodeCodec.ts'
export { programRoot } from './program/program.ts'
export { outputOf, segments } from './program/wants.ts'
