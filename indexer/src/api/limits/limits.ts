/** What one request may ask for. docs/guides/read-the-network.md tells them. */
export interface Limits {
  /** Fields within fields. */
  readonly depth: number
  /**
   * Objects that it can answer with: a list counts as long as it may get, an object in it as often. What is counted or
   * drawn from many rows costs more.
   */
  readonly cost: number
  readonly aliases: number
  /** Lists of the schema's own parts within one another, each of which may lead back to all types. */
  readonly introspection: number
  /** Words and signs of the query. */
  readonly tokens: number
  /** Bytes of the request's body. */
  readonly body: number
  /** Milliseconds that a query may take. */
  readonly timeout: number
  /** Subscriptions at a time, of all clients. */
  readonly subscriptions: number
}

export const LIMITS: Limits = {
  depth: 12,
  cost: 20_000,
  aliases: 30,
  introspection: 2,
  tokens: 2_000,
  body: 100_000,
  timeout: 10_000,
  subscriptions: 500,
}
