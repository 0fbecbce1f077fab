import { exp, ln, ONE } from './precise.ts'

/** Nats by which the largest term may leave the middle of the numbers that precise.ts holds. */
const SLACK = 40n

/** C(q) / b = ln Σ e^(q_i / b) to more than 70 digits after the point, kept along while quantities change. */
export class Exact {
  #b: bigint
  #terms: bigint[] = []
  #offset = 0n // whole nats
  #sum = 0n
  /** C(q) / b, with the point where precise.ts has it. */
  potential = 0n

  constructor(b: bigint, quantities: readonly bigint[]) {
    this.#b = b
    this.#make(quantities)
  }

  /** The quantity of one outcome, or of one more, is now this; `quantities` holds it already. */
  set(outcome: number, quantities: readonly bigint[]): void {
    const exponent = this.#exponent(quantities[outcome])
    if (exponent > SLACK * ONE) {
      this.#make(quantities)
      return
    }
    const term = exp(exponent)
    this.#sum += term - (this.#terms[outcome] ?? 0n)
    this.#terms[outcome] = term
    if (this.#sum < ONE >> 58n)
      this.#make(quantities) // e^-40
    else this.potential = ln(this.#sum) + this.#offset * ONE
  }

  /** Liquidity and all quantities are now these. */
  reset(b: bigint, quantities: readonly bigint[]): void {
    this.#b = b
    this.#make(quantities)
  }

  #exponent(quantity: bigint): bigint {
    return (quantity * 10n ** 9n * ONE) / this.#b - this.#offset * ONE
  }

  #make(quantities: readonly bigint[]): void {
    const most = quantities.reduce((a, c) => (c > a ? c : a))
    this.#offset = (most * 10n ** 9n) / this.#b
    this.#terms = quantities.map((quantity) => exp(this.#exponent(quantity)))
    this.#sum = this.#terms.reduce((a, c) => a + c)
    this.potential = ln(this.#sum) + this.#offset * ONE
  }
}
