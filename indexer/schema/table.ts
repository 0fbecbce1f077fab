import { onchainTable as ponderTable } from 'ponder'

/**
 * Ponder's tables with text that is compared byte by byte, whatever language the database sorts by: so PGlite and every
 * PostgreSQL list in the same order, and hexadecimal is compared the fast way.
 */
export const onchainTable: typeof ponderTable = (...args) => {
  const table = ponderTable(...args)
  const columns = Reflect.get(table, Symbol.for('drizzle:Columns')) as Record<string, Column>
  for (const column of Object.values(columns)) {
    if (column.getSQLType() === 'text') column.getSQLType = () => 'text COLLATE "C"'
  }
  return table
}

interface Column {
  getSQLType: () => string
}
