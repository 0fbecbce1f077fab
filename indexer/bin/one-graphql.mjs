// Loaded before the indexer. The package graphql lies there twice, as modules and as CommonJS, and refuses to work with
// itself: Ponder's loader finds the one, Node's the other. So both find Node's.
import { register } from 'node:module'

const hooks = `
export async function resolve(specifier, context, next) {
  const found = await next(specifier, context)
  return found.url.endsWith('/graphql/index.mjs')
    ? { ...found, url: found.url.replace(/\\.mjs$/, '.js'), format: 'commonjs' }
    : found
}`
register(`data:text/javascript,${encodeURIComponent(hooks)}`)
