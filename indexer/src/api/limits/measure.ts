import type {
  DocumentNode,
  FieldNode,
  FragmentDefinitionNode,
  GraphQLNamedType,
  GraphQLSchema,
  OperationDefinitionNode,
  SelectionSetNode,
} from 'graphql'
import { DEFAULT_POINTS } from '../computed/prices.ts'
import { MOST_FOUND } from '../computed/search.ts'
import { DEFAULT_PAGE } from '../data/page.ts'
import { graphql } from '../graphql.ts'

/** What an operation asks for. */
export interface Measure {
  readonly depth: number
  readonly cost: number
  readonly aliases: number
  readonly introspection: number
}

type Variables = Readonly<Record<string, unknown>>

const { Kind, getNamedType, isCompositeType, isObjectType, isInterfaceType, valueFromASTUntyped } =
  graphql

/** Of a `totalCount`: rows are counted, not only read. */
const COUNT = 100
/** Of a price history: it takes statements of its own. */
const HISTORY = 50
const NOTHING: Measure = { depth: 0, cost: 0, aliases: 0, introspection: 0 }

/** Measures a valid operation. Fragments are measured once, however often they are spread. */
export function measure(
  schema: GraphQLSchema,
  document: DocumentNode,
  operationName: string | null | undefined,
  given: Variables,
): Measure {
  const fragments = new Map<string, FragmentDefinitionNode>()
  for (const node of document.definitions) {
    if (node.kind === Kind.FRAGMENT_DEFINITION) fragments.set(node.name.value, node)
  }
  const operation = graphql.getOperationAST(document, operationName)
  const root = operation && schema.getRootType(operation.operation)
  if (!root) return NOTHING
  const variables = { ...defaultsOf(operation), ...given }

  const known = new Map<string, Measure>()
  /** Of an object of a type, or of a page of so many. */
  const measureSelections = (
    { selections }: SelectionSetNode,
    type: GraphQLNamedType | undefined,
    page: number,
  ): Measure => {
    let { depth, cost, aliases, introspection } = NOTHING
    for (const selection of selections) {
      const part =
        selection.kind === Kind.FIELD
          ? measureField(selection, type, page)
          : selection.kind === Kind.INLINE_FRAGMENT
            ? measureSelections(
                selection.selectionSet,
                selection.typeCondition ? schema.getType(selection.typeCondition.name.value) : type,
                page,
              )
            : measureFragment(selection.name.value, page)
      depth = Math.max(depth, part.depth)
      cost += part.cost
      aliases += part.aliases
      introspection = Math.max(introspection, part.introspection)
    }
    return { depth, cost, aliases, introspection }
  }

  const measureFragment = (name: string, page: number): Measure => {
    const key = `${name}/${page}`
    const fragment = fragments.get(name)!
    let found = known.get(key)
    if (!found) {
      const type = schema.getType(fragment.typeCondition.name.value)
      known.set(key, (found = measureSelections(fragment.selectionSet, type, page)))
    }
    return found
  }

  const measureField = (
    node: FieldNode,
    parent: GraphQLNamedType | undefined,
    page: number,
  ): Measure => {
    const aliases = node.alias ? 1 : 0
    const field =
      isObjectType(parent) || isInterfaceType(parent)
        ? parent.getFields()[node.name.value]
        : undefined
    const type = field && getNamedType(field.type)
    if (node.name.value.startsWith('__')) {
      return { ...NOTHING, aliases, introspection: listsWithin(node) }
    }
    if (!node.selectionSet || !type || !isCompositeType(type)) {
      const isCount = node.name.value === 'totalCount' && parent && isConnection(parent)
      return { ...NOTHING, depth: 1, cost: isCount ? COUNT : 0, aliases }
    }
    const size = isConnection(type) ? pageSize(node, variables) : 1
    const inner = measureSelections(node.selectionSet, type, size)
    return {
      depth: inner.depth + 1,
      cost: costOf(node, parent!, type, inner.cost, { page, size }),
      aliases: inner.aliases + aliases,
      introspection: inner.introspection,
    }
  }

  const lists = new Map<string, number>()
  /** How many lists of types, fields or the like lie within one another: the rule that later versions of graphql have. */
  const listsWithin = ({ name, selectionSet }: FieldNode): number =>
    (LISTS.has(name.value) ? 1 : 0) + (selectionSet ? listsOf(selectionSet) : 0)
  const listsOf = ({ selections }: SelectionSetNode): number =>
    Math.max(
      ...selections.map((selection) => {
        if (selection.kind === Kind.FIELD) return listsWithin(selection)
        if (selection.kind === Kind.INLINE_FRAGMENT) return listsOf(selection.selectionSet)
        const name = selection.name.value
        const known = lists.get(name) ?? listsOf(fragments.get(name)!.selectionSet)
        lists.set(name, known)
        return known
      }),
    )

  /** A list costs as many as it may be long, what is in it as often; every other object costs 1. */
  const costOf = (
    { name, arguments: given }: FieldNode,
    parent: GraphQLNamedType,
    type: GraphQLNamedType,
    inner: number,
    { page, size }: { page: number; size: number },
  ): number => {
    if (isConnection(type)) return size + inner
    if (isConnection(parent)) return name.value === 'pageInfo' ? 0 : page * inner
    if (parent.name.endsWith('Edge')) return inner
    if (type.name === 'PriceHistory') {
      return HISTORY + (numberOf(given, 'points', variables) ?? DEFAULT_POINTS)
    }
    return name.value === 'search' ? MOST_FOUND * (1 + inner) : 1 + inner
  }

  return measureSelections(operation.selectionSet, root, 1)
}

function defaultsOf({ variableDefinitions }: OperationDefinitionNode): Variables {
  return Object.fromEntries(
    (variableDefinitions ?? []).flatMap(({ variable, defaultValue }) =>
      defaultValue ? [[variable.name.value, valueFromASTUntyped(defaultValue)]] : [],
    ),
  )
}

const LISTS = new Set(['fields', 'interfaces', 'possibleTypes', 'inputFields'])

const isConnection = (type: GraphQLNamedType): boolean => type.name.endsWith('Connection')

const pageSize = ({ arguments: given }: FieldNode, variables: Variables): number =>
  numberOf(given, 'first', variables) ?? numberOf(given, 'last', variables) ?? DEFAULT_PAGE

/** An argument that is a number, if it is given. */
function numberOf(
  given: FieldNode['arguments'],
  name: string,
  variables: Variables,
): number | undefined {
  const value = given?.find((one) => one.name.value === name)?.value
  const number =
    value?.kind === Kind.VARIABLE
      ? variables[value.name.value]
      : value?.kind === Kind.INT
        ? Number(value.value)
        : undefined
  // What is negative is refused where it is read.
  return typeof number === 'number' ? Math.max(0, number) : undefined
}
