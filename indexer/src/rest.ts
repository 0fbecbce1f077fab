// Events that nothing folds: approvals, owners, what governance set. They are recorded all the same.
import './answers.ts'
import './basket.ts'
import './delphi.ts'
import './disputes.ts'
import './exchange.ts'
import './jobRegistry.ts'
import './judge.ts'
import './locks.ts'
import './perpetual.ts'
import './stakeVaultFactory.ts'
import './token.ts'
import './vault.ts'
import './verde.ts'
import './verdeParameters.ts'
import type { EventNames } from 'ponder:registry'
import { ABIS } from '../config/contracts.ts'
import { type Folded, type Happening, isKnown, on } from './support/fold.ts'

for (const [contract, abi] of Object.entries(ABIS)) {
  for (const item of abi) {
    if (item.type !== 'event') continue
    const name = `${contract}:${item.name}`
    if (!isKnown(name) && !isKnown(`${contract}Moves:${item.name}`)) {
      on(name as EventNames, (args) => aboutIt(contract, (args as { event: Happening }).event))
    }
  }
}

const aboutIt = (contract: string, { log }: Happening): Folded =>
  contract === 'vault' ? { vault: log.address } : {}
