import { ARITY, INTEGER_ARITHMETIC, OPERATIONS, type Hardware } from './arithmetic.ts'

/** For tests: floats that are exact on every device, because they are the integer arithmetic under other names. */
export const EXACT_HARDWARE = hardwareOf(INTEGER_ARITHMETIC)

/** Floats that compute as an integer arithmetic does: its functions under other names, so that both can be called. */
export function hardwareOf(arithmetic: string): Hardware {
  const names = [...arithmetic.matchAll(/^fn (\w+)/gm)].map(([, name]) => name)
  const renamed = names.reduce(
    (text, name) => text.replaceAll(new RegExp(`\\b${name}\\(`, 'g'), `other_${name}(`),
    arithmetic,
  )
  return Object.fromEntries(
    OPERATIONS.map((operation) => {
      const operands = ['a', 'b', 'c'].slice(0, ARITY[operation])
      const bits = operands.map((operand) => `bitcast<u32>(${operand})`).join(', ')
      const own = `fn h_${operation}(${operands.map((operand) => `${operand}: f32`).join(', ')}) -> f32 {
  return bitcast<f32>(other_f_${operation}(${bits}));
}`
      return [operation, `${own}\n${renamed}`]
    }),
  ) as unknown as Hardware
}
