import type { Contracts } from '../chain/contracts.ts'
import type { Sender } from '../chain/sender.ts'
import type { Log } from '../log.ts'
import type { Mirror } from '../store/mirror.ts'
import type { EvaluatorLimits } from './evaluator.ts'
import type { Secrets } from './secrets.ts'

/** What everything that acts in contests works with. */
export interface Office {
  readonly contracts: Contracts
  readonly sender: Sender
  /** Where artifacts are kept and fetched from. */
  readonly mirror: Mirror
  readonly secrets: Secrets
  readonly limits: EvaluatorLimits
  readonly log: Log
}
