import type { PonderDatabase } from './wholeBlocks.ts'

/**
 * Has PostgreSQL end statements that take longer than their question may: whoever asked has been told so by then.
 * Ponder lets them take 30 s. It holds for connections that are made from now on, so it is said before any question;
 * PGlite can end none.
 */
export function limitStatements(
  { driver }: Pick<PonderDatabase, 'driver'>,
  milliseconds: number,
): void {
  if (driver.dialect === 'postgres') driver.readonly.options.statement_timeout = milliseconds
}
