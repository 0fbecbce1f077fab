/** Unix seconds, as a number: 64 bits in the database, since 32 end in 2038. */
export const time = <Column>(t: { int8: (config: { mode: 'number' }) => Column }): Column =>
  t.int8({ mode: 'number' })
