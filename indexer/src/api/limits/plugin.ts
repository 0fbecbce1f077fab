import type { DocumentNode, ExecutionArgs, ExecutionResult, GraphQLSchema } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import { apiError } from '../errors.ts'
import { graphql } from '../graphql.ts'
import type { Limits } from './limits.ts'
import { type Measure, measure } from './measure.ts'

const ADVICE: Record<keyof Measure, string> = {
  depth: 'Ask for what lies deeper in another query, by id.',
  cost: 'Ask for shorter lists with `first`, above all for those within others, and for the rest page by page.',
  aliases: 'Ask in several queries, or for a list with `id_in`.',
  introspection:
    'Ask for the schema with the usual introspection query, or read subgraph-schema.graphql.',
}

/** Refuses what asks for too much before anything is read, and ends what takes too long. */
export function limitsPlugin(limits: Limits): Plugin {
  const refuse = (args: {
    schema: GraphQLSchema
    document: DocumentNode
    operationName?: string | null | undefined
    variableValues?: unknown
  }): ReturnType<typeof apiError> | undefined => {
    const { schema, document, operationName, variableValues } = args
    const variables = (variableValues ?? {}) as Record<string, unknown>
    const asked = measure(schema, document, operationName, variables)
    for (const name of ['depth', 'cost', 'aliases', 'introspection'] as const) {
      if (asked[name] > limits[name]) {
        return apiError(
          'TOO_MUCH',
          `The query's ${name} is ${asked[name]}; it can be ${limits[name]} at most.`,
          ADVICE[name],
          { limit: name, most: limits[name], asked: asked[name] },
        )
      }
    }
    return undefined
  }
  return {
    onParse: ({ setParseFn }) => {
      setParseFn((source: string) => {
        try {
          return graphql.parse(source, { maxTokens: limits.tokens })
        } catch (error) {
          if (!/more that \d+ tokens/.test(String(error))) throw error
          throw apiError(
            'TOO_MUCH',
            `The query has more than ${limits.tokens} words and signs.`,
            'Ask in several queries, with fragments and variables.',
            { limit: 'tokens', most: limits.tokens },
          )
        }
      })
    },
    onExecute: ({ args, setExecuteFn, setResultAndStopExecution }) => {
      const refusal = refuse(args)
      if (refusal) setResultAndStopExecution({ errors: [refusal] })
      // By graphql itself, whose answers have their fields in the order of the query; those of yoga's own have them as
      // they come.
      else
        setExecuteFn((given: ExecutionArgs) =>
          within(limits.timeout, withCodes(graphql.execute(given))),
        )
    },
    onSubscribe: ({ args, setSubscribeFn, setResultAndStopExecution }) => {
      const refusal = refuse(args)
      if (refusal) setResultAndStopExecution({ errors: [refusal] })
      else setSubscribeFn(graphql.subscribe)
    },
  }
}

async function within<T>(milliseconds: number, result: T | Promise<T>) {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<{ errors: ReturnType<typeof apiError>[] }>((resolve) => {
    timer = setTimeout(() => {
      resolve({
        errors: [
          apiError(
            'TIMEOUT',
            `The query took longer than ${milliseconds / 1000} s.`,
            'Ask for less at once, or filter and order by fields with an index: ids, relations, times.',
          ),
        ],
      })
    }, milliseconds)
  })
  try {
    return await Promise.race([Promise.resolve(result), late])
  } finally {
    clearTimeout(timer)
  }
}

/** What graphql itself refuses before anything is read, above all variables, has no code. */
async function withCodes(result: ReturnType<typeof graphql.execute>): Promise<ExecutionResult> {
  const { errors, ...rest } = await result
  if (errors === undefined) return rest
  return {
    ...rest,
    errors: errors.map((error) =>
      error.extensions.code === undefined && error.path === undefined
        ? new graphql.GraphQLError(error.message, {
            nodes: error.nodes ?? null,
            extensions: {
              code: 'BAD_INPUT',
              advice: 'Compare the operation and its variables with subgraph-schema.graphql.',
            },
          })
        : error,
    ),
  }
}
