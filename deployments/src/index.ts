export * from './abis/index.ts'
export type { Address } from './address.ts'
export {
  type Build,
  CONTRACTS,
  type ContractName,
  type Deployment,
  deploymentFile,
  devnetFile,
  loadDeployment,
} from './deployment.ts'
export { DeploymentError, type DeploymentErrorCode } from './errors.ts'
export { withoutSecrets } from './withoutSecrets.ts'
