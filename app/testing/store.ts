import { argumentOf, type Table, tablesOf, typeName } from './contract.ts'
import type { DocumentNode } from 'graphql'

/** A row of a table: values by field; relations are ids; computed fields are given as they are to be answered. */
export type Row = { readonly id: string } & Readonly<Record<string, unknown>>
/** Rows by the name of their type. */
export type Rows = Readonly<Partial<Record<string, readonly Row[]>>>

interface ListArguments {
  readonly first?: number | null
  readonly after?: string | null
  readonly where?: Readonly<Record<string, unknown>> | null
  readonly orderBy?: string | null
  readonly orderDirection?: 'asc' | 'desc' | null
}

type Resolver = (parent: Row, args: ListArguments & { id: string }) => unknown

/** Resolvers that answer the tables of the contract out of `rows()`, as they are at the time of asking. */
export function tableResolvers(
  document: DocumentNode,
  rows: () => Rows,
): Record<string, Record<string, Resolver>> {
  const tables = new Map(tablesOf(document).map((table) => [table.name, table]))
  const resolvers: Record<string, Record<string, Resolver>> = { Query: {} }
  for (const table of tables.values()) {
    const all = () => rows()[table.name] ?? []
    resolvers['Query'][table.one] = (_, { id }) => all().find((row) => row.id === id) ?? null
    resolvers['Query'][table.many] = (_, args) => connection(all(), args)
    resolvers[table.name] = fieldResolvers(table, tables, rows)
  }
  return resolvers
}

function fieldResolvers(
  { fields }: Table,
  tables: ReadonlyMap<string, Table>,
  rows: () => Rows,
): Record<string, Resolver> {
  const resolvers: Record<string, Resolver> = {}
  for (const field of fields) {
    const key = field.name.value
    const { name, isList } = typeName(field)
    const from = argumentOf(field, 'derived', 'from')
    if (from !== undefined) {
      const of = name.replace(/Connection$/, '')
      resolvers[key] = (parent, args) =>
        connection(
          (rows()[of] ?? []).filter((row) => row[from] === parent.id),
          args,
        )
    } else if (name.endsWith('Connection')) {
      resolvers[key] = (parent, args) => {
        const ids = (parent[key] ?? []) as readonly string[]
        const of = rows()[name.replace(/Connection$/, '')] ?? []
        return connection(
          of.filter((row) => ids.includes(row.id)),
          args,
        )
      }
    } else if (tables.has(name) && !isList) {
      resolvers[key] = (parent) => {
        const id = parent[key]
        if (typeof id !== 'string') return id ?? null
        return rows()[name]?.find((row) => row.id === id) ?? null
      }
    }
  }
  return resolvers
}

function connection(all: readonly Row[], args: ListArguments) {
  const chosen = all.filter((row) => matches(row, args.where ?? {}))
  const key = args.orderBy ?? 'id'
  const sign = args.orderDirection === 'desc' ? -1 : 1
  const sorted = chosen.toSorted((a, b) => sign * (compare(a[key], b[key]) || compare(a.id, b.id)))
  const from = args.after ? sorted.findIndex(({ id }) => id === args.after) + 1 : 0
  const nodes = sorted.slice(from, from + (args.first ?? 100))
  return {
    nodes,
    edges: nodes.map((node) => ({ cursor: node.id, node })),
    totalCount: sorted.length,
    pageInfo: {
      hasNextPage: from + nodes.length < sorted.length,
      hasPreviousPage: from > 0,
      startCursor: nodes.at(0)?.id ?? null,
      endCursor: nodes.at(-1)?.id ?? null,
    },
  }
}

function compare(a: unknown, b: unknown): number {
  const isNumber = (value: unknown): value is string | number =>
    typeof value === 'number' || (typeof value === 'string' && /^-?\d+$/.test(value))
  if (isNumber(a) && isNumber(b)) {
    const [x, y] = [BigInt(Math.floor(Number(a)) === a ? a : String(a)), BigInt(String(b))]
    return x < y ? -1 : x > y ? 1 : 0
  }
  const [x, y] = [String(a), String(b)]
  return x < y ? -1 : x > y ? 1 : 0
}

function matches(row: Row, where: Readonly<Record<string, unknown>>): boolean {
  return Object.entries(where).every(([key, wanted]) => {
    if (wanted === null || wanted === undefined) return true
    if (key === 'and') return (wanted as Row[]).every((one) => matches(row, one))
    if (key === 'or') return (wanted as Row[]).some((one) => matches(row, one))
    const parts = /^(.*?)(?:_(not|gt|gte|lt|lte|in|not_in))?$/.exec(key)!
    const [field, operator] = [parts[1], parts.at(2)]
    const value = row[field]
    if (operator === 'in') return (wanted as unknown[]).includes(value)
    if (operator === 'not_in') return !(wanted as unknown[]).includes(value)
    const order = compare(value, wanted)
    if (operator === undefined) return order === 0
    return { not: order !== 0, gt: order > 0, gte: order >= 0, lt: order < 0, lte: order <= 0 }[
      operator as 'not' | 'gt' | 'gte' | 'lt' | 'lte'
    ]
  })
}
