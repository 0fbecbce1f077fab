/** A key of nobody, for tests of accounts that have nothing. */
export const LOCAL_KEY = `0x${'5a'.repeat(32)}` as const
