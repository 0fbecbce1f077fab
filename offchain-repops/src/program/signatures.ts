/** The operator table, as the encoding sees it: src/ops/ is its one definition. */
export type { Operator as Signature } from '../ops/define.ts'
export {
  OPERATORS as SIGNATURES,
  operatorOf as signatureOf,
  operatorOfCode as signatureOfCode,
} from '../ops/index.ts'
