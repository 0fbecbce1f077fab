import type { Backend } from '../backend.ts'
import { computeNode } from './computeNode.ts'
import { nodeByNode } from './nodeByNode.ts'

/** The definition as a backend. */
export const reference: Backend = nodeByNode('reference', computeNode)
