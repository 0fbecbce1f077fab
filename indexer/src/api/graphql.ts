import { createRequire } from 'node:module'

/**
 * The one copy of graphql that graphql-yoga uses too: its CommonJS build. A bundler would take the other build for an
 * `import`, and a schema of one is refused by the other.
 */
export const graphql = createRequire(import.meta.url)('graphql') as typeof import('graphql')
