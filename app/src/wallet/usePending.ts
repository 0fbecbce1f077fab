import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useEffectEvent, useState, useSyncExternalStore } from 'react'
import { useConfig } from '../config/useConfig.ts'
import { clientOf } from '../data/chain.ts'
import { useHead } from '../data/useHead.ts'
import { look } from './follow.ts'
import { changePending, type Pending, pendingOf, subscribePending } from './pending.ts'

const EVERY_MS = 1500

/** What was sent from here, followed until it is mined and the index has read its block. */
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
  const isWaiting = list.some(({ stage }) => stage === 'sent' || stage === 'lost')

  const follow = useEffectEvent(async () => {
    try {
      for (const one of pendingOf(config.chainId)) {
        if (one.stage !== 'sent' && one.stage !== 'lost') continue
        const change = await look(clientOf(config), one)
        if (change === undefined) continue
        changePending(config.chainId, one.hash, change)
        if (change.stage === 'mined' || change.stage === 'failed')
          void queries.invalidateQueries({ queryKey: ['chain', config.rpcUrl] })
      }
      setProblem(undefined)
    } catch (error) {
      setProblem((error instanceof Error ? error.message : String(error)).split('\n', 1)[0])
    }
  })
  useEffect(() => {
    if (!isWaiting) return
    let timer: ReturnType<typeof setTimeout>
    let isOver = false
    const again = async () => {
      await follow()
      if (!isOver) timer = setTimeout(() => void again(), EVERY_MS)
    }
    void again()
    return () => {
      isOver = true
      clearTimeout(timer)
    }
  }, [isWaiting])

  const indexed = head === undefined ? undefined : Number(head.meta.block.number)
  useEffect(() => {
    if (indexed === undefined) return
    for (const { hash, stage, block } of list)
      if (stage === 'mined' && block !== undefined && block <= indexed) {
        changePending(config.chainId, hash, { stage: 'done' })
        void queries.invalidateQueries({ queryKey: ['graphql'] })
      }
  }, [indexed, list, config.chainId, queries])
  return { list, problem }
}
