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

  it('describes everything', () => {
    expect(silent(sdl)).toEqual([])
  })

  it('is refused if something is not described', () => {
    const bare = `"A" type A { f(x: Int): Int } enum E { "v" V W } "U" union U = A "B" directive @d(y: Int) on OBJECT
      extend type A { "g" g("z" z: Int): Int } scalar S "I" input I { i: Int "j" j: Int }`
    expect(silent(bare)).toEqual(['A.f', 'A.f(x)', 'E', 'E.W', '@d(y)', 'S', 'I.i'])
  })
})

/** A definition of a schema, or a part of one. */
interface Described {
  readonly kind: string
  readonly name?: { readonly value: string }
  readonly description?: unknown
  readonly loc?: { readonly start: number }
  readonly fields?: readonly Described[]
  readonly values?: readonly Described[]
  readonly arguments?: readonly Described[]
}

/** What says nothing of itself; of what is made, lists share the words on what narrows and orders them. */
function silent(text: string): string[] {
  const found: string[] = []
  const look = (name: string, { description }: Described): void => {
    if (description === undefined) found.push(name)
  }
  const made = text.includes(MARKER) ? text.indexOf(MARKER) : Infinity
  for (const type of graphql.parse(text).definitions as readonly Described[]) {
    const name = `${type.kind === 'DirectiveDefinition' ? '@' : ''}${type.name?.value ?? 'schema'}`
    if (!type.kind.endsWith('Extension')) look(name, type)
    for (const part of [...(type.fields ?? []), ...(type.values ?? [])]) {
      const place = `${name}.${part.name!.value}`
      look(place, part)
      if (type.loc!.start > made) continue
      for (const input of part.arguments ?? []) look(`${place}(${input.name!.value})`, input)
    }
    for (const input of type.arguments ?? []) look(`${name}(${input.name!.value})`, input)
  }
  return found
}

describe('ponder.schema.ts', () => {
  it('has a table for every entity, and no other that a reader could miss', () => {
    const inner = ['pricePoint', 'waiting']
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
