import type { Random } from '@lockstep/repops/testing'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'vitest'
import type { Actor, TestNetwork } from './network.ts'
import type { LockstepProcess } from './processes.ts'

/** Every transaction that an account has on the chain. */
export async function allTransactionsOf(
  network: TestNetwork,
  actor: Actor,
): Promise<{ nonce: number; to: string | null; input: string }[]> {
  const { client } = network.contracts.chain
  const head = await client.getBlockNumber({ cacheTime: 0 })
  const found = []
  for (let blockNumber = 0n; blockNumber <= head; blockNumber++) {
    const { transactions } = await client.getBlock({ blockNumber, includeTransactions: true })
    found.push(
      ...transactions.filter(
        ({ from }) => from.toLowerCase() === network.address(actor).toLowerCase(),
      ),
    )
  }
  return found
}

/** No nonce is missing, and nothing that a keeper meant once was sent twice. */
export async function expectAllSentOnce(
  network: TestNetwork,
  actor: Actor,
  from: number,
): Promise<void> {
  const sent = (await allTransactionsOf(network, actor)).slice(from)
  expect(new Set(sent.map(({ nonce }) => nonce)).size).toBe(sent.length)
  const contents = sent.map(({ to, input }) => `${to} ${input}`)
  expect(contents.filter((content, i) => contents.indexOf(content) !== i)).toEqual([])
}

/**
 * Runs a role, kills it -9 shortly after it has made a move, starts it again in the same home, and so on. The
 * pause after a move is random: the kill meets the next move anywhere between its plan and its receipt.
 */
export class Victim {
  kills = 0
  #process: LockstepProcess
  readonly #start: () => LockstepProcess
  readonly #random: Random

  constructor(random: Random, start: () => LockstepProcess) {
    this.#random = random
    this.#start = start
    this.#process = start()
  }

  /** Kills until there were so many kills in all or `done`. */
  async torment(done: () => Promise<boolean>, kills = 4): Promise<void> {
    while (this.kills < kills && !(await done())) {
      if (!this.#process.lines.some(({ msg }) => msg === 'transaction mined')) {
        await sleep(50)
        continue
      }
      await sleep(this.#random.below(400))
      await this.#process.stop('SIGKILL')
      this.#process = this.#start()
      this.kills++
    }
  }

  stop(): Promise<unknown> {
    return this.#process.stop('SIGKILL')
  }
}
