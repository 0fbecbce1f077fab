import { useJobOnChain } from '../data/useJobOnChain.ts'
import { words } from '../format/hex.ts'
import { ai } from '../format/number.ts'
import { ChainCheck } from '../ui/ChainCheck.tsx'

/** What the index says of a job. */
interface Indexed {
  readonly id: string
  readonly status: string
  readonly reward: string
  readonly stake: string
  readonly claim: { readonly status: string; readonly finalStateRoot: string } | null
}

/** Whether the contracts say the same of a job's money, and of what was claimed for it. */
export function JobCheck({ job: { id, status, reward, stake, claim } }: { job: Indexed }) {
  const answer = useJobOnChain(id)
  return (
    <ChainCheck
      answer={answer}
      compare={(onChain) => [
        { what: 'Status', indexed: words(status), onChain: onChain.status },
        { what: 'Reward', indexed: ai(reward), onChain: ai(onChain.reward) },
        { what: 'Stake', indexed: ai(stake), onChain: ai(onChain.stake) },
        {
          what: 'Claim',
          indexed: standing(claim === null ? 'none' : words(claim.status)),
          onChain: standing(onChain.claim.status),
        },
        ...(claim === null || onChain.claim.status === 'none'
          ? []
          : [
              {
                what: 'Final state',
                indexed: claim.finalStateRoot,
                onChain: onChain.claim.finalStateRoot,
              },
            ]),
      ]}
    />
  )
}

/** Pending claims become upheld as time goes by, which the index may know before there is a block. */
const standing = (status: string): string =>
  status === 'pending' || status === 'upheld' ? 'not void' : status
