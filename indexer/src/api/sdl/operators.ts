import type { Entity, Field } from './entities.ts'
import { isComparable } from './entities.ts'

/** How a filter compares a field, by what follows its name: The Graph's words. */
export interface Operator {
  readonly suffix: string
  readonly description: string
  /** The same for a field that can be null. */
  readonly ofNull?: string
  readonly isList?: boolean
}

const EQUALITY: readonly Operator[] = [
  { suffix: '', description: 'Is this.', ofNull: 'Is this; null: has none.' },
  {
    suffix: '_not',
    description: 'Is not this.',
    ofNull: 'Is not this, or has none; null: has one.',
  },
  { suffix: '_in', description: 'Is one of these, 1,000 at most.', isList: true },
  { suffix: '_not_in', description: 'Is none of these, 1,000 at most.', isList: true },
]
const ORDER: readonly Operator[] = [
  { suffix: '_gt', description: 'Comes after this.' },
  { suffix: '_gte', description: 'Is this or comes after it.' },
  { suffix: '_lt', description: 'Comes before this.' },
  { suffix: '_lte', description: 'Is this or comes before it.' },
]
const TEXT: readonly Operator[] = [
  { suffix: '_contains', description: 'Has this in it.' },
  { suffix: '_contains_nocase', description: 'Has this in it, in whatever case of A to Z.' },
  { suffix: '_starts_with', description: 'Begins with this.' },
]
const NESTED: Operator = { suffix: '_', description: 'Is there, and matches this.' }

/** A field of a filter. */
export interface Condition extends Operator {
  /** Its name, such as `reward_gt`. */
  readonly key: string
  readonly field: Field
  /** Type of its argument, as the contract writes it. */
  readonly type: string
}

/** All that the filter of an entity can say, besides `and` and `or`. */
export function conditionsOf(entity: Entity): Condition[] {
  return entity.fields.filter(isComparable).flatMap((field) =>
    operatorsOf(field).map((operator) => ({
      ...operator,
      description: (field.isNullable && operator.ofNull) || operator.description,
      field,
      key: field.name + operator.suffix,
      type: typeOf(field, operator),
    })),
  )
}

function operatorsOf(field: Field): readonly Operator[] {
  if (field.kind === 'relation') return [...EQUALITY, NESTED]
  switch (field.type) {
    case 'Boolean':
      return EQUALITY.slice(0, 2)
    case 'String':
      return [...EQUALITY, ...TEXT]
    case 'ID':
    case 'Int':
    case 'BigInt':
    case 'Timestamp':
      return [...EQUALITY, ...ORDER]
    default:
      return EQUALITY
  }
}

function typeOf(field: Field, operator: Operator): string {
  if (operator === NESTED) return `${field.type}Filter`
  const type = field.kind === 'relation' ? 'ID' : field.type
  return operator.isList ? `[${type}!]` : type
}
