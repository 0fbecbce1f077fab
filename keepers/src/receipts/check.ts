import {
  checkpointCount,
  MerkleTree,
  REPOPS_VERSION,
  rootOfList,
  stepOfCheckpoint,
  ZERO_HASH,
} from '@lockstep/repops'
import { programRootOf } from '../trace/workshop.ts'
import { fail } from '../errors.ts'
import type { Receipt } from './receipt.ts'

/**
 * Throws a `bad-receipt` unless the parts of a receipt agree with each other (docs/spec/receipts.md, section 2), so that
 * what is signed covers all of it, and this lockstep can compute what it says. `where` names the receipt in errors.
 */
export function checkReceipt(receipt: Receipt, where: string): void {
  if (receipt.repops !== REPOPS_VERSION) {
    throw fail.badReceipt({
      what: `it was computed by version ${receipt.repops} of RepOps, this lockstep computes version ${REPOPS_VERSION}`,
      where,
      advice: 'use a lockstep that computes it',
    })
  }
  const problem = contradiction(receipt)
  if (problem === undefined) return
  throw fail.badReceipt({
    what: problem,
    where,
    advice: 'it was damaged or altered: get it again from whoever signed it',
  })
}

function contradiction(receipt: Receipt): string | undefined {
  const { computation, trace, outputs, evaluation, checkpointRoot, finalStateRoot } = receipt
  const { steps, interval, states } = computation
  const hasNone = computation.constants === 0
  for (const name of ['constantsRoot', 'constantEntriesRoot'] as const)
    if ((computation[name] === ZERO_HASH) !== hasNone)
      return `computation.${name} is ${computation[name]} with ${computation.constants} constants`
  const program = programRootOf(computation)
  if (receipt.program !== program)
    return `program is ${receipt.program}, that of the computation is ${program}`
  const { every, roots } = trace
  if (interval % every !== 0 && every % interval !== 0)
    return `trace.every is ${every}, which neither divides the interval ${interval} nor is a multiple of it`
  const count = Math.ceil(steps / every) + 1
  if (roots.length !== count)
    return `trace.roots has ${roots.length} roots, ${steps} steps have ${count}`
  if (roots[0] !== computation.initialStateRoot)
    return `trace.roots begins with ${roots[0]}, the initial state is ${computation.initialStateRoot}`
  if (roots[count - 1] !== finalStateRoot)
    return `trace.roots ends with ${roots[count - 1]}, finalStateRoot is ${finalStateRoot}`
  if (interval % every === 0) {
    const checkpoints = Array.from(
      { length: checkpointCount(computation) },
      (_, i) => roots[Math.ceil(stepOfCheckpoint(computation, i) / every)],
    )
    const { root } = new MerkleTree(checkpoints)
    if (root !== checkpointRoot)
      return `checkpointRoot is ${checkpointRoot}, that of the trace is ${root}`
  }
  if (outputs !== undefined) {
    if (outputs.length !== states)
      return `outputs has ${outputs.length} roots, there are ${states} states`
    const root = rootOfList(outputs)
    if (root !== finalStateRoot)
      return `finalStateRoot is ${finalStateRoot}, that of the outputs is ${root}`
  }
  if (evaluation !== undefined && evaluation.scoreState >= states)
    return `evaluation.scoreState is ${evaluation.scoreState}, there are ${states} states`
  return undefined
}
