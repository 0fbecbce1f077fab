import type { Backend } from '../backend.ts'
import { HostExecutable } from '../hostExecutable.ts'
import { tensorNeeds } from '../tensorNeeds.ts'
import type { computeNode } from './computeNode.ts'

/** A backend in this process that walks the nodes of a plan and takes no notice of kernels. */
export function nodeByNode(name: string, compute: typeof computeNode): Backend {
  return {
    name,
    fuses: false,
    needs: tensorNeeds,
    compile: (plan) =>
      Promise.resolve(
        new HostExecutable(plan, ({ nodes, kernel }, inputs, [output], context) => {
          if (kernel.kind === 'copy') {
            output.words.set(inputs[0].words)
            return
          }
          if (nodes.length !== 1)
            throw new Error(
              `a plan without fusion is wanted, not nodes ${nodes.join(', ')} at once`,
            )
          compute(plan.program.nodes[nodes[0]], inputs, output, context)
        }),
      ),
    close: () => Promise.resolve(),
  }
}
