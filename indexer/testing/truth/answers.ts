import { graphql } from '../../src/api/graphql.ts'
import { type Entity, type Field, readEntities } from '../../src/api/sdl/entities.ts'
import { readSdl } from '../../src/api/sdl/file.ts'

/** An object by the names of its fields: of relations the id, of computed fields a value or a function of their arguments. */
export type Row = Readonly<Record<string, unknown>> & { readonly id: bigint | number | string }
/** Objects by the names of their types, in any order. */
export type Objects = Readonly<Record<string, readonly Row[]>>

interface Arguments {
  readonly first?: number | null
  readonly after?: string | null
  readonly last?: number | null
  readonly before?: string | null
  readonly where?: Filter | null
  readonly orderBy?: string | null
  readonly orderDirection?: 'asc' | 'desc' | null
}
type Filter = Readonly<Record<string, unknown>>

const sdl = readSdl()
const entities = new Map(readEntities(graphql.parse(sdl)).map((one) => [one.name, one]))
const schema = graphql.buildSchema(sdl)
for (const name of ['BigInt', 'Timestamp']) {
  const type = schema.getType(name) as InstanceType<typeof graphql.GraphQLScalarType>
  type.serialize = (value) => (name === 'BigInt' ? String(value) : Number(value))
}

/** What of `Query` is no entity. */
export interface Others {
  readonly meta: object
  /** Types and ids of what is found. */
  readonly search: (text: string) => readonly (readonly [type: string, id: Row['id']])[]
}

/**
 * The answer that the contract (subgraph-schema.graphql) asks for, made of objects in memory in the plainest way: every
 * list is filtered, sorted and cut whole. A cursor is the id of its row. Shared with the server: how the contract's text
 * is read (api/sdl), and the library that carries out a question; not how rows are found.
 */
export async function answerFrom(
  objects: Objects,
  others: Others,
  source: string,
  variableValues: Readonly<Record<string, unknown>> = {},
): Promise<unknown> {
  const graph = new Graph(objects)
  const rootValue = graph.query(others)
  const { data, errors } = await graphql.graphql({ schema, source, rootValue, variableValues })
  if (errors !== undefined) throw new AggregateError(errors, errors[0].message)
  return JSON.parse(JSON.stringify(data)) as unknown
}

class Graph {
  readonly #objects: Objects

  constructor(objects: Objects) {
    this.#objects = objects
  }

  query({ meta, search }: Others): Record<string, unknown> {
    const query: Record<string, unknown> = {
      meta,
      search: ({ text }: { text: string }) =>
        search(text).map(([type, id]) => this.#find(type, id)),
    }
    for (const entity of entities.values()) {
      query[entity.one] = ({ id }: { id: string }) => this.#find(entity.name, id)
      query[entity.many] = (given: Arguments) => this.#page(entity, this.#rows(entity.name), given)
    }
    return query
  }

  #rows(type: string): readonly Row[] {
    return this.#objects[type] ?? []
  }

  #find(type: string, id: unknown): unknown {
    const row = this.#rows(type).find((one) => text(one.id) === text(id))
    return row === undefined ? null : this.#shown(entities.get(type)!, row)
  }

  /** With relations and lists in the place of ids. */
  #shown({ name, fields }: Entity, row: Row): Record<string, unknown> {
    const shown: Record<string, unknown> = { __typename: name }
    for (const field of fields) {
      const value = row[field.name]
      if (field.name === 'id') shown.id = text(value)
      else if (field.kind === 'relation')
        shown[field.name] = () => (value === null ? null : this.#find(field.type, value))
      else if (field.derived !== undefined) {
        const { from, orderBy, direction } = field.derived
        const of = entities.get(field.type.replace(/Connection$/, ''))!
        shown[field.name] = (given: Arguments) =>
          this.#page(
            of,
            this.#rows(of.name).filter((one) => text(one[from]) === text(row.id)),
            given,
            { orderBy, orderDirection: direction },
          )
      } else if (typeof value === 'function')
        shown[field.name] = (given: object) =>
          this.#told(field, (value as (given: object) => unknown)(given), given)
      else shown[field.name] = this.#told(field, value, {})
    }
    return shown
  }

  /** A computed field may be another entity, or a list of it. */
  #told(field: Field, value: unknown, given: Arguments): unknown {
    const one = entities.get(field.type)
    if (one !== undefined) return value === null ? null : this.#find(field.type, value)
    const listed = entities.get(field.type.replace(/Connection$/, ''))
    if (listed !== undefined) return this.#page(listed, value as Row[], given)
    // A step of a walk names its move.
    if (field.type !== 'WalkStep') return value
    return (value as { move: string | null }[]).map((step) => ({
      ...step,
      move: () => (step.move === null ? null : this.#find('Move', step.move)),
    }))
  }

  #page(
    entity: Entity,
    all: readonly Row[],
    given: Arguments,
    byDefault: Pick<Arguments, 'orderBy' | 'orderDirection'> = {},
  ): object {
    const { first, last, after, before, where } = given
    const orderBy = given.orderBy ?? byDefault.orderBy ?? 'id'
    const way = given.orderDirection ?? (given.orderBy ? 'asc' : byDefault.orderDirection)
    const found = all
      .filter((row) => this.#matches(entity, row, where ?? {}))
      .sort((a, b) => compare(a, b, orderBy, way === 'desc' ? -1 : 1))
    const at = (cursor: string): number => found.findIndex(({ id }) => text(id) === cursor)
    const from = after ? at(after) + 1 : 0
    const to = before ? at(before) : found.length
    const size = Math.min(last ?? first ?? 50, to - from)
    const [start, end] = typeof last === 'number' ? [to - size, to] : [from, from + size]
    const rows = found.slice(start, end)
    const nodes = rows.map((row) => this.#shown(entity, row))
    return {
      totalCount: found.length,
      nodes,
      edges: rows.map(({ id }, i) => ({ cursor: text(id), node: nodes[i] })),
      pageInfo: {
        hasPreviousPage: start > 0,
        hasNextPage: end < found.length,
        startCursor: rows.length === 0 ? null : text(rows[0].id),
        endCursor: rows.length === 0 ? null : text(rows[rows.length - 1].id),
      },
    }
  }

  #matches(entity: Entity, row: Row, filter: Filter): boolean {
    return Object.entries(filter).every(([key, value]) => {
      if (key === 'and') return (value as Filter[]).every((one) => this.#matches(entity, row, one))
      if (key === 'or') return (value as Filter[]).some((one) => this.#matches(entity, row, one))
      const field = entity.fields
        .filter(({ name }) => key === name || key.startsWith(`${name}_`))
        .reduce((a, b) => (a.name.length > b.name.length ? a : b))
      const own = row[field.name] ?? null
      const suffix = key.slice(field.name.length)
      if (suffix === '_') {
        const other = this.#rows(field.type).find(({ id }) => text(id) === text(own))
        return (
          other !== undefined && this.#matches(entities.get(field.type)!, other, value as Filter)
        )
      }
      return COMPARE[suffix](own as Value, typed(value, own) as Value & Value[])
    })
  }
}

type Value = bigint | number | string | boolean | null

const COMPARE: Readonly<Record<string, (own: Value, given: Value & Value[]) => boolean>> = {
  '': (own, given) => own === given,
  _not: (own, given) => own !== given,
  _in: (own, given) => given.includes(own),
  _not_in: (own, given) => !given.includes(own),
  _gt: (own, given) => own !== null && own > given,
  _gte: (own, given) => own !== null && own >= given,
  _lt: (own, given) => own !== null && own < given,
  _lte: (own, given) => own !== null && own <= given,
  _contains: (own, given) => String(own).includes(String(given)),
  _contains_nocase: (own, given) => low(own).includes(low(given)),
  _starts_with: (own, given) => String(own).startsWith(String(given)),
}
/** As the contract has it: A to Z alone. */
const low = (value: Value): string => String(value).replace(/[A-Z]/g, (one) => one.toLowerCase())

/** What a filter is given, as the row has such values. */
function typed(given: unknown, own: unknown): unknown {
  if (Array.isArray(given)) return given.map((one) => typed(one, own))
  if (typeof own === 'bigint' && given !== null) return BigInt(given as string)
  return typeof own === 'number' && given !== null ? Number(given) : given
}

/** By a field and then by id, in one direction; what is null comes last in both. */
function compare(a: Row, b: Row, by: string, sign: 1 | -1): number {
  const [x, y] = [(a[by] ?? null) as Value, (b[by] ?? null) as Value]
  if (x === y) return sign * order(a.id, b.id)
  if (x === null || y === null) return x === null ? 1 : -1
  return sign * order(x, y)
}

const order = (a: Value, b: Value): number => (a === b ? 0 : a! < b! ? -1 : 1)
const text = (value: unknown): string => String(value)
