import {
  aiTokenAbi,
  basketAbi,
  delphiAbi,
  jobRegistryAbi,
  judgeAbi,
  perpetualAbi,
  stakeVaultAbi,
  stakeVaultFactoryAbi,
  verdeAbi,
  verdeParametersAbi,
} from '@lockstep/deployments'

/** What is followed, by the name that events are recorded under. */
export const ABIS = {
  token: aiTokenAbi,
  stakeVaultFactory: stakeVaultFactoryAbi,
  vault: stakeVaultAbi,
  verde: verdeAbi,
  verdeParameters: verdeParametersAbi,
  jobRegistry: jobRegistryAbi,
  judge: judgeAbi,
  delphi: delphiAbi,
  perpetual: perpetualAbi,
  basket: basketAbi,
} as const
