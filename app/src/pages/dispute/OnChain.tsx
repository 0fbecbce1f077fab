import { verdeAbi } from '@lockstep/deployments/abis'
import { DISPUTE_STATUSES } from '@lockstep/deployments/protocol'
import { zeroHash } from 'viem'
import { useConfig } from '../../config/useConfig.ts'
import { useChainRead } from '../../data/useChainRead.ts'
import { words } from '../../format/hex.ts'
import { absolute } from '../../format/time.ts'
import { ChainCheck } from '../../ui/ChainCheck.tsx'
import type { DisputeData } from './query.ts'

/** Status, and whose turn it is until when, as the contract itself says. */
export function OnChain({ dispute }: { dispute: DisputeData }) {
  const { contracts } = useConfig()
  const { id, status, turn } = dispute
  const verde = { abi: verdeAbi, address: contracts.verde } as const
  const position = dispute.moves.nodes.at(-1)?.position
  const answer = useChainRead(['dispute', id, dispute.moveCount, position?.[0]], async (client) => {
    const [, , challenger, stored] = await client.readContract({
      ...verde,
      functionName: 'disputeOf',
      args: [BigInt(id)],
    })
    if (DISPUTE_STATUSES[stored] !== 'live' || position?.length !== 7) return { stored, challenger }
    const owed = await client
      .readContract({
        ...verde,
        functionName: 'owedBy',
        args: [BigInt(id), position as never, answerOf(dispute)],
      })
      // The position that the index knows is not the one that the contract has.
      .catch(() => undefined)
    return { stored, challenger, owed }
  })
  return (
    <ChainCheck
      answer={answer}
      compare={({ stored, challenger, owed }) => [
        { what: 'Status', indexed: words(status), onChain: DISPUTE_STATUSES[stored] ?? 'none' },
        {
          what: 'Challenger',
          indexed: dispute.challenger.id,
          onChain: challenger.toLowerCase(),
        },
        ...(DISPUTE_STATUSES[stored] === 'live'
          ? [
              {
                what: 'Turn',
                indexed: turnText(turn?.side === 'SOLVER', turn?.deadline),
                onChain: owed === undefined ? 'further than here' : turnText(owed[0], owed[1]),
              },
            ]
          : []),
      ]}
    />
  )
}

const turnText = (isSolver: boolean, deadline: number | undefined): string =>
  deadline === undefined
    ? 'nobody’s'
    : `${isSolver ? 'the solver’s' : 'the challenger’s'} until ${absolute(deadline)}`

/** The claim's answer that Steps or Graph waits for: root and time, or zeros while there is none. */
function answerOf({ phase, interval, step, claim }: DisputeData) {
  const [kind, index] = phase === 'STEPS' ? ['STEPS', interval] : ['GRAPH', step]
  const found =
    phase === 'STEPS' || phase === 'GRAPH'
      ? claim.answers.nodes.find((answer) => answer.kind === kind && answer.index === index)
      : undefined
  return { root: found?.root ?? zeroHash, time: found?.answeredAt ?? 0 }
}
