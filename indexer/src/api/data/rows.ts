import type * as schema from '../../../ponder.schema.ts'

/** A row of a table, by the table's name in ponder.schema.ts. Times are numbers there. */
export type RowOf<Name extends keyof typeof schema> = {
  [Column in keyof (typeof schema)[Name]['$inferSelect']]: Told<
    (typeof schema)[Name]['$inferSelect'][Column]
  >
}

/** `time` of schema/time.ts makes columns of numbers, whatever its type says. */
type Told<Value> = number | bigint extends Value ? Exclude<Value, bigint> : Value
