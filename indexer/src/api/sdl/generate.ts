import { type Entity, isComparable, readEntities } from './entities.ts'
import { graphql } from '../graphql.ts'
import { conditionsOf } from './operators.ts'

/** Lists, filters, orders and beginnings of queries for every entity of the part that is written by hand. */
export function generate(byHand: string): string {
  const entities = readEntities(graphql.parse(byHand))
  return [...entities.map(typesOf), queriesOf(entities)].join('\n')
}

function typesOf(entity: Entity): string {
  const { name, fields, many } = entity
  const conditions = conditionsOf(entity).map(
    ({ key, type, description }) => `"${description}" ${key}: ${type}`,
  )
  const orders = fields
    .filter(isComparable)
    .map((field) => `"By \`${field.name}\`, then \`id\`." ${field.name}`)
  return `
    "A page of \`${many}\`."
    type ${name}Connection {
      "The page with a cursor for each of it."
      edges: [${name}Edge!]!
      "The page."
      nodes: [${name}!]!
      "Where the page begins and ends, and whether there is more."
      pageInfo: PageInfo!
      "How many match, whatever the page; counted up to 10,000, which means so many or more."
      totalCount: Int!
    }

    "One of \`${many}\` in a page."
    type ${name}Edge {
      "Where it stands in the list: \`after\` or \`before\` for another page of the same order."
      cursor: String!
      "It."
      node: ${name}!
    }

    "What \`${many}\` are to be: all that is said at once."
    input ${name}Filter {
      ${conditions.join('\n      ')}
      "All of these."
      and: [${name}Filter!]
      "At least one of these."
      or: [${name}Filter!]
    }

    "What \`${many}\` can be ordered by; what is null comes last in either direction."
    enum ${name}Order {
      ${orders.join('\n      ')}
    }
  `
}

function queriesOf(entities: readonly Entity[]): string {
  const fields = entities.map(
    ({ name, one, many }) => `
      "The ${name} with this id; null if there is none."
      ${one}("Its id." id: ID!): ${name}
      "All of them, page by page; by \`id\`, the smallest first, if nothing else is said."
      ${many}(
        "The first so many: 50 if not said, 1,000 at most."
        first: Int
        "After this cursor."
        after: String
        "The last so many, instead of \`first\`."
        last: Int
        "Before this cursor."
        before: String
        where: ${name}Filter
        orderBy: ${name}Order
        orderDirection: OrderDirection
      ): ${name}Connection!
    `,
  )
  return `extend type Query { ${fields.join('\n')} }`
}
