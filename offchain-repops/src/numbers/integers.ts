/** i32 arithmetic: two's complement, wrapping, defined everywhere. */
export function addInt(a: number, b: number): number {
  return (a + b) | 0
}

export function subInt(a: number, b: number): number {
  return (a - b) | 0
}

export function mulInt(a: number, b: number): number {
  return Math.imul(a, b)
}

/** Truncates; x/0 = 0, MIN/−1 = MIN. */
export function divInt(a: number, b: number): number {
  return b === 0 ? 0 : (a / b) | 0
}

/** Sign of the dividend; x%0 = 0, MIN%−1 = 0. */
export function remInt(a: number, b: number): number {
  return b === 0 ? 0 : a % b | 0
}

/** ⌊a·b / 2^32⌋ of unsigned 32-bit words. */
export function highProduct(a: number, b: number): number {
  return Math.floor((a * (b >>> 16) + Math.floor((a * (b & 0xffff)) / 65536)) / 65536)
}
