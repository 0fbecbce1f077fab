import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useEffectEvent, useState, useSyncExternalStore } from 'react'
import { useConfig } from '../config/useConfig.ts'
import { clientOf } from '../data/chain.ts'
import { useHead } from '../data/useHead.ts'
import { firstLine } from '../format/firstLine.ts'
import { isOpen, look } from './follow.ts'
import { changePending, type Pending, pendingOf, subscribePending } from './pending.ts'

const EVERY_MS = 1500

/** What was sent from here, followed until the index has read its block and that is not taken back any more. */
export function usePending(): {
  readonly list: readonly Pending[]
  /** Why the chain could not be asked last time. */
  readonly problem: string | undefined
} {
  const config = useConfig()
  const queries = useQueryClient()
  const { head } = useHead()
  const list = useSyncExternalStore(subscribePending, () => pendingOf(config.chainId))
  const [problem, setProblem] = useState<string | undefined>(undefined)
  const indexed = head === undefined ? -1 : Number(head.meta.block.number)
  const isWaiting = list.some(({ stage }) => ['sent', 'lost', 'mined'].includes(stage))

  const follow = useEffectEvent(async () => {
    try {
      for (const one of pendingOf(config.chainId)) {
        if (!isOpen(one, indexed)) continue
        const change = await look(clientOf(config), one, indexed)
        if (change === undefined) continue
        changePending(config.chainId, one.hash, change)
        for (const source of [['chain', config.rpcUrl], ['graphql']])
          void queries.invalidateQueries({ queryKey: source })
      }
      setProblem(undefined)
    } catch (error) {
      setProblem(firstLine(error))
    }
  })
  // At once after a block: what was in one may be in none now.
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout>
    let isOver = false
    const again = async () => {
      await follow()
      if (!isOver && isWaiting) timer = setTimeout(() => void again(), EVERY_MS)
    }
    void again()
    return () => {
      isOver = true
      clearTimeout(timer)
    }
  }, [isWaiting, indexed])
  return { list, problem }
}
