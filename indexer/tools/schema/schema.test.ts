import { describe, expect, it } from 'vitest'
import * as schema from '../../ponder.schema.ts'
import { type Table, readTables } from '../../src/api/data/tables.ts'
import { graphql } from '../../src/api/graphql.ts'
import { type Field, readEntities } from '../../src/api/sdl/entities.ts'
import { MARKER, byHand, readSdl } from '../../src/api/sdl/file.ts'
import { formatSdl } from './format.ts'

const sdl = readSdl()
const entities = readEntities(graphql.parse(byHand(sdl)))
const tables = readTables(entities, schema)

describe('subgraph-schema.graphql', () => {
  it('is what npm run schema writes', async () => {
    expect(await formatSdl(byHand(sdl))).toBe(sdl)
    expect(await formatSdl(byHand(sdl).replace('jobsPosted', 'jobsAsked'))).not.toBe(sdl)
  })

  it('describes everything that is made', () => {
    const made = graphql.parse(sdl.slice(sdl.indexOf(MARKER)))
    const silent: string[] = []
    for (const type of made.definitions) {
      if (!('fields' in type)) continue
      for (const field of type.fields ?? []) {
        if (!field.description) silent.push(`${type.name.value}.${field.name.value}`)
      }
    }
    expect(silent).toEqual([])
  })
})

describe('ponder.schema.ts', () => {
  it('has a table for every entity, and no other that a reader could miss', () => {
    const inner = ['pricePoint']
    expect(
      Object.keys(schema)
        .filter((name) => !inner.includes(name))
        .sort(),
    ).toEqual(entities.map(({ one }) => one).sort())
  })

  const columns = [...tables.values()].flatMap((table) =>
    table.entity.fields
      .filter(({ kind }) => kind !== 'derived' && kind !== 'computed')
      .map((field) => ({ name: `${table.entity.one}.${field.name}`, table, field })),
  )
  it.each(columns)('keeps $name in a column that fits', ({ table, field }) => {
    const column = table.column(field)
    expect(column.getSQLType()).toMatch(sqlType(table, field))
    expect(column.notNull).toBe(!field.isNullable)
    if (field.kind === 'enum') {
      const type = graphql.buildSchema(sdl).getType(field.type)
      const values = graphql.isEnumType(type) ? type.getValues().map(({ name }) => name) : []
      expect(column.enumValues).toEqual(values)
    }
  })

  it('is refused if a column is missing', () => {
    const { id, ...rest } = schema.job
    const broken = {
      ...schema,
      job: Object.assign(rest, {
        [Symbol.for('drizzle:Name')]: 'job',
        [Symbol.for('drizzle:Columns')]: { id },
      }),
    }
    expect(() => readTables(entities, broken)).toThrow('table job has no column status for Job')
    expect(() => readTables(entities, { ...schema, job: undefined })).toThrow('no table job')
  })
})

/** Compared byte by byte, so that all databases order it alike. */
const TEXT = 'text COLLATE "C"'

function sqlType(table: Table, field: Field): RegExp {
  if (field.kind === 'relation') {
    const other = tables.get(field.type)!
    return new RegExp(`^${other.id.getSQLType().replace(/[()]/g, '\\$&')}$`)
  }
  const types: Record<string, string> = {
    ID: `numeric\\(78\\)|integer|${TEXT}`,
    BigInt: 'numeric\\(78\\)',
    Timestamp: 'bigint',
    Int: 'integer',
    Boolean: 'boolean',
    JSON: 'json',
  }
  return new RegExp(
    `^(${types[field.type] ?? (field.isList ? 'text' : TEXT)})${field.isList ? '\\[\\]' : ''}$`,
  )
}
