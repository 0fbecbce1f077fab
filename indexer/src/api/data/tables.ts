import type { PgColumn } from 'ponder'
import type { Entity, Field } from '../sdl/entities.ts'
import { type Database, type RawRow, type Statement, relation } from './database.ts'

/** A value of a column: whole numbers of any size as bigint, hexadecimal as text. */
export type Value = string | number | bigint | boolean | null

/** A row by the names of the fields of its table; those of relations end in `Id`. */
export type Row = Record<string, unknown> & { readonly id: Key }
export type Key = string | number | bigint

/** A table and the entity that it holds. */
export interface Table {
  readonly entity: Entity
  /** Its name in the database. */
  readonly relation: Statement
  readonly columns: ReadonlyMap<string, PgColumn>
  readonly id: PgColumn
  /** The column of a field of the contract; of a relation, the one with its id. */
  column(field: Field): PgColumn
  field(name: string): Field
  row(raw: RawRow): Row
}

/** Tables by the name of the type that they hold. */
export type Tables = ReadonlyMap<string, Table>

const COLUMNS = Symbol.for('drizzle:Columns')
const NAME = Symbol.for('drizzle:Name')

/** Name of the column of a field. */
export const columnName = ({ kind, name }: Field): string =>
  kind === 'relation' ? `${name}Id` : name

/** The tables for entities among the exports of ponder.schema.ts; throws if one or a column of one is missing. */
export function readTables(
  entities: readonly Entity[],
  schema: Record<string, unknown>,
  database: Pick<Database, 'namespace'> = {},
): Tables {
  return new Map(
    entities.map((entity) => [entity.name, readTable(entity, schema[entity.one], database)]),
  )
}

function readTable(entity: Entity, table: unknown, database: Pick<Database, 'namespace'>): Table {
  if (table === null || typeof table !== 'object' || !(COLUMNS in table) || !(NAME in table)) {
    throw new Error(`ponder.schema.ts exports no table ${entity.one} for ${entity.name}`)
  }
  const columns = new Map(Object.entries(table[COLUMNS] as Record<string, PgColumn>))
  const fields = new Map(entity.fields.map((field) => [field.name, field]))
  const column = (field: Field): PgColumn => {
    const found = columns.get(columnName(field))
    if (found) return found
    throw new Error(`table ${entity.one} has no column ${columnName(field)} for ${entity.name}`)
  }
  for (const field of fields.values()) {
    if (field.kind !== 'derived' && field.kind !== 'computed') column(field)
  }
  return {
    entity,
    relation: relation(database, table[NAME] as string),
    columns,
    id: columns.get('id')!,
    column,
    field: (name) => fields.get(name)!,
    row: (raw) => {
      const entries = Array.from(columns, ([key, column]) => {
        const value = raw[column.name] ?? null
        return [key, value === null ? null : column.mapFromDriverValue(value)] as const
      })
      return Object.fromEntries(entries) as Row
    },
  }
}
