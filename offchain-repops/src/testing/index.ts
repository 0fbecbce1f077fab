/** Random data for tests, the same from the same seed: not for programs that are meant to be useful. */
export { Random } from './Random.ts'
export { randomProgram, type RandomProgram } from './randomProgram.ts'
