/** Bounds of docs/spec/repops.md, section 4. What exceeds one of them cannot be judged on chain. */
export const MAX_NODE_BYTES = 512
export const MAX_INPUTS = 8
export const MAX_RANK = 8
/** Element counts and dims are below this. */
export const COUNT_LIMIT = 2 ** 40
/** Elements of a reduced axis. */
export const MAX_REDUCTION = 2 ** 24
/** No intermediate of a Move's index arithmetic reaches this. */
export const MOVE_INDEX_LIMIT = 2 ** 48
export const MAX_NODES = 2 ** 20
export const MAX_STATES = 2 ** 20
export const MAX_CONSTANTS = 2 ** 16
export { SEGMENT } from '../numbers/reduction.ts'
