import { useState } from 'react'
import { useConfig } from '../config/useConfig.ts'
import { clientOf } from '../data/chain.ts'
import { explain, type Explained } from './explain.ts'
import type { Sending, Step } from './send.ts'
import { openWallets } from './session.ts'

export interface SendingState {
  /** What is done now; undefined if nothing is. */
  readonly step: Step | undefined
  readonly problem: Explained | undefined
  /** Runs what sends a transaction; tells whether it was sent. */
  readonly run: (send: (sending: Sending) => Promise<unknown>) => Promise<boolean>
  readonly clear: () => void
}

/** Sends transactions about a market with the connected wallet, one at a time. */
export function useSending(market: string): SendingState {
  const config = useConfig()
  const [step, setStep] = useState<Step | undefined>(undefined)
  const [problem, setProblem] = useState<Explained | undefined>(undefined)
  return {
    step,
    problem,
    clear: () => {
      setProblem(undefined)
    },
    run: async (send) => {
      setProblem(undefined)
      setStep('checking')
      try {
        const { walletClient } = await openWallets(config)
        const wallet = await walletClient(config)
        const client = clientOf(config)
        await send({ wallet, client, config, market: BigInt(market), onStep: setStep })
        return true
      } catch (error) {
        setProblem(explain(error))
        return false
      } finally {
        setStep(undefined)
      }
    },
  }
}
