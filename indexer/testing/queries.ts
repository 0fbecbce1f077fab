import type { GraphQLObjectType, GraphQLSchema } from 'graphql'
import { graphql } from '../src/api/graphql.ts'
import { type Entity, isComparable } from '../src/api/sdl/entities.ts'

/** All fields of a type but some: of relations the id, of lists how many, of what is computed all that is plain. */
export function selectionOf(type: GraphQLObjectType, without: readonly string[] = []): string {
  return Object.values(type.getFields())
    .filter(({ name }) => !without.includes(name))
    .map((field) => {
      const inner = graphql.getNamedType(field.type)
      if (!graphql.isObjectType(inner)) return field.name
      if (inner.name.endsWith('Connection')) return `${field.name} { totalCount }`
      const plain = Object.values(inner.getFields()).filter(({ type: t }) =>
        graphql.isLeafType(graphql.getNamedType(t)),
      )
      return `${field.name} { ${plain.some(({ name }) => name === 'id') ? 'id' : plain.map(({ name }) => name).join(' ')} }`
    })
    .join(' ')
}

/** Fields that go by the clock. */
const FLEETING = ['clock', 'turn', 'secondsLeft', 'isTrading']

/** Everything that can be asked of an entity's list: all fields, every order, and what text is compared with. */
export function queriesOf(
  schema: GraphQLSchema,
  { name, many, fields }: Entity,
  first = 40,
): string[] {
  const type = schema.getType(name) as GraphQLObjectType
  const orders = fields
    .filter(isComparable)
    .flatMap((field) => ['asc', 'desc'].map((direction) => [field.name, direction] as const))
  const texts = fields.filter((field) => field.type === 'String' && isComparable(field))
  const compared = texts.flatMap((field) => [
    `{${field.name}_contains: "e"}`,
    `{${field.name}_contains_nocase: "E"}`,
    `{${field.name}_contains_nocase: "Ü"}`,
    `{${field.name}_starts_with: "J"}`,
  ])
  const page = 'pageInfo { startCursor endCursor hasNextPage } nodes { id }'
  const lists = [
    ...orders.map(
      ([by, way]) => `${many}(first: ${first}, orderBy: ${by}, orderDirection: ${way})`,
    ),
    ...orders.map(([by, way]) => `${many}(last: ${first}, orderBy: ${by}, orderDirection: ${way})`),
    ...compared.map((where) => `${many}(first: ${first}, where: ${where})`),
  ]
  return [
    `{ ${many}(first: ${first}) { totalCount nodes { ${selectionOf(type, FLEETING)} } } }`,
    ...chunks(lists, 25).map(
      (some) => `{ ${some.map((list, i) => `l${i}: ${list} { ${page} }`).join(' ')} }`,
    ),
  ]
}

const chunks = <T>(list: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(list.length / size) }, (_, i) =>
    list.slice(i * size, (i + 1) * size),
  )
