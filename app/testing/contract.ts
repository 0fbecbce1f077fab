import { buildASTSchema, type DocumentNode, type GraphQLSchema, Kind, parse } from 'graphql'
import type { DirectiveNode, FieldDefinitionNode } from 'graphql'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** The public contract, as it is written. */
const SCHEMA_FILE = fileURLToPath(new URL('../../subgraph-schema.graphql', import.meta.url))

/** A table of the contract: a type with `@entity`. */
export interface Table {
  readonly name: string
  readonly one: string
  readonly many: string
  readonly fields: readonly FieldDefinitionNode[]
}

const directive = (node: { directives?: readonly DirectiveNode[] | undefined }, name: string) =>
  node.directives?.find((candidate) => candidate.name.value === name)

/** A string argument of a directive of a field or type; undefined where there is no such directive. */
export function argumentOf(
  node: { directives?: readonly DirectiveNode[] | undefined },
  name: string,
  argument: string,
): string | undefined {
  const value = directive(node, name)?.arguments?.find((a) => a.name.value === argument)?.value
  return value?.kind === Kind.STRING ? value.value : undefined
}

export function typeName(field: FieldDefinitionNode): { name: string; isList: boolean } {
  let { type } = field
  let isList = false
  while (type.kind !== Kind.NAMED_TYPE) {
    if (type.kind === Kind.LIST_TYPE) isList = true
    type = type.type
  }
  return { name: type.name.value, isList }
}

export function tablesOf(document: DocumentNode): Table[] {
  return document.definitions.flatMap((node) => {
    if (node.kind !== Kind.OBJECT_TYPE_DEFINITION || directive(node, 'entity') === undefined)
      return []
    const [one, many] = ['one', 'many'].map((a) => argumentOf(node, 'entity', a)!)
    return [{ name: node.name.value, one, many, fields: node.fields! }]
  })
}

/** The contract, and the schema that it describes. */
export function readContract(): { document: DocumentNode; schema: GraphQLSchema } {
  const document = parse(readFileSync(SCHEMA_FILE, 'utf8'))
  return { document, schema: buildASTSchema(withoutExtensions(document)) }
}

/** `buildASTSchema` takes no extensions: their fields go into the type. */
function withoutExtensions(document: DocumentNode): DocumentNode {
  const extra = document.definitions.flatMap((node) =>
    node.kind === Kind.OBJECT_TYPE_EXTENSION ? (node.fields ?? []) : [],
  )
  const definitions = document.definitions.flatMap((node) => {
    if (node.kind === Kind.OBJECT_TYPE_EXTENSION) return []
    if (node.kind !== Kind.OBJECT_TYPE_DEFINITION || node.name.value !== 'Query') return [node]
    return [{ ...node, fields: [...(node.fields ?? []), ...extra] }]
  })
  return { ...document, definitions }
}
