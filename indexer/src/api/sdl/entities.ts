import type {
  ConstDirectiveNode,
  DocumentNode,
  FieldDefinitionNode,
  ObjectTypeDefinitionNode,
  TypeNode,
} from 'graphql'
import { graphql } from '../graphql.ts'

export type Direction = 'asc' | 'desc'

/** A field of an entity as the contract declares it. */
export interface Field {
  readonly name: string
  /** Name of its type, without `!` and brackets. */
  readonly type: string
  readonly kind: 'scalar' | 'enum' | 'relation' | 'derived' | 'computed'
  readonly isList: boolean
  readonly isNullable: boolean
  /** Of a derived field: the relation of the listed type that is this object, and how the list is ordered. */
  readonly derived?: {
    readonly from: string
    readonly orderBy: string
    readonly direction: Direction
  }
}

/** A type with `@entity`. */
export interface Entity {
  readonly name: string
  /** Field of `Query` that finds one, and export of ponder.schema.ts. */
  readonly one: string
  readonly many: string
  readonly fields: readonly Field[]
}

const { Kind } = graphql

/** The entities of a contract, in its order. */
export function readEntities(document: DocumentNode): Entity[] {
  const enums = new Set<string>()
  const types: ObjectTypeDefinitionNode[] = []
  for (const node of document.definitions) {
    if (node.kind === Kind.ENUM_TYPE_DEFINITION) enums.add(node.name.value)
    if (node.kind === Kind.OBJECT_TYPE_DEFINITION) types.push(node)
  }
  const entities = types.filter((type) => directive(type, 'entity'))
  const names = new Set(entities.map((type) => type.name.value))
  return entities.map((type) => {
    const { one = '', many = '' } = directive(type, 'entity')!
    const fields = (type.fields ?? []).map((field) => readField(field, enums, names))
    return { name: type.name.value, one, many, fields }
  })
}

/** Whether lists can be filtered and ordered by it. */
export const isComparable = ({ kind, isList, type }: Field): boolean =>
  (kind === 'scalar' || kind === 'enum' || kind === 'relation') && !isList && type !== 'JSON'

function readField(
  node: FieldDefinitionNode,
  enums: ReadonlySet<string>,
  entities: ReadonlySet<string>,
): Field {
  const { type, isList, isNullable } = unwrap(node.type)
  const derived = directive(node, 'derived')
  const kind = directive(node, 'computed')
    ? 'computed'
    : derived
      ? 'derived'
      : entities.has(type)
        ? 'relation'
        : enums.has(type)
          ? 'enum'
          : 'scalar'
  return {
    name: node.name.value,
    type,
    kind,
    isList,
    isNullable,
    ...(derived
      ? {
          derived: {
            from: derived.from ?? '',
            orderBy: derived.orderBy ?? 'id',
            direction: derived.orderDirection === 'desc' ? 'desc' : 'asc',
          },
        }
      : {}),
  }
}

function unwrap(node: TypeNode): { type: string; isList: boolean; isNullable: boolean } {
  const isNullable = node.kind !== Kind.NON_NULL_TYPE
  const inner = node.kind === Kind.NON_NULL_TYPE ? node.type : node
  if (inner.kind === Kind.NAMED_TYPE) return { type: inner.name.value, isList: false, isNullable }
  return { ...unwrap(inner.type), isList: true, isNullable }
}

function directive(
  node: { readonly directives?: readonly ConstDirectiveNode[] | undefined },
  name: string,
): Partial<Record<string, string>> | undefined {
  const found = node.directives?.find((one) => one.name.value === name)
  if (!found) return undefined
  return Object.fromEntries(
    (found.arguments ?? []).map(({ name, value }) => [
      name.value,
      'value' in value ? String(value.value) : '',
    ]),
  )
}
