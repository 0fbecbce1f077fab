// The tables, one for each type with `@entity` of subgraph-schema.graphql, exported under the name of the field of
// `Query` that finds one. A field `x` of a scalar or an enumeration is the column `x`, a relation `x` the column `xId`
// with the other's id. Ids: uint256 as whole numbers, addresses and hashes as hexadecimal, composite ones as text.
// Times are unix seconds in 64 bits, since 32 end in 2038, and numbers in TypeScript.
// Columns and tables beyond the contract say what they are for.
export * from './schema/contests.ts'
export * from './schema/disputes.ts'
export * from './schema/markets.ts'
export * from './schema/network.ts'
export * from './schema/stake.ts'
export * from './schema/work.ts'
