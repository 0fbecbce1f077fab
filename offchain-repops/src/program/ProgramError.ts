/** The rules of docs/spec/repops.md, section 4, by the names under which their breach is reported. */
export type Rule =
  | 'length'
  | 'trailing'
  | 'operator'
  | 'type'
  | 'inputs'
  | 'kind'
  | 'ref'
  | 'rank'
  | 'dim'
  | 'count'
  | 'reduction'
  | 'canonical'
  | 'mask'
  | 'flags'
  | 'divisor'
  | 'terms'
  | 'range'
  | 'stream'
  | 'immediate'
  | 'step'
  | 'source'
  | 'producer'
  | 'limits'
  | 'container'
  | 'name'

/** What a rule was broken by. `input` is the index of the input, where one is at fault. */
export type Where =
  | { readonly entry: 'program' }
  | { readonly entry: 'node'; readonly index: number; readonly input?: number }
  | { readonly entry: 'state'; readonly index: number }
  | { readonly entry: 'constant'; readonly index: number }

/** A program, or one of its entries, breaks a rule of the specification. */
export class ProgramError extends Error {
  override readonly name = 'ProgramError'
  readonly rule: Rule
  readonly where: Where

  constructor(rule: Rule, where: Where, what: string) {
    const place = where.entry === 'program' ? 'program' : `${where.entry} ${where.index}`
    super(`${place}: ${what} (rule: ${rule})`)
    this.rule = rule
    this.where = where
  }
}
