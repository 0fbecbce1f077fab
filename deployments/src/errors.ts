export type DeploymentErrorCode =
  | 'unknownChain' // no deployment is known for the chain
  | 'badDeployment' // a deployment file is unreadable or incomplete
  | 'badRpc' // an endpoint is unreachable or answers with an error
  | 'badKey' // the key of the account that pays is missing or is none
  | 'unfitChain' // the chain lacks something that the contracts need
  | 'forgeFailed' // forge is missing or ended with an error
  | 'anvilFailed' // anvil is missing or did not start

/** What happened, with which values, and what to do, in one line. */
export class DeploymentError extends Error {
  override readonly name = 'DeploymentError'
  readonly code: DeploymentErrorCode

  constructor(code: DeploymentErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
