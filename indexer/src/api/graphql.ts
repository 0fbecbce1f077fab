import { createRequire } from 'node:module'

/**
 * graphql, and graphql-yoga on the same copy of it: their CommonJS builds. Ponder's loader, like others, would take one
 * build of graphql for some imports and another for others, and a schema of one is refused by the other.
 */
const require = createRequire(import.meta.url)
export const graphql = require('graphql') as typeof import('graphql')
export const yoga = require('graphql-yoga') as typeof import('graphql-yoga')
