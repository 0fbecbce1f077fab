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
import { createConfig, factory } from 'ponder'
import { getAbiItem } from 'viem'
import { readSettings } from './config/settings.ts'

const { deployment, rpcUrl, pollingInterval, home, databaseUrl } = readSettings(process.env)
const { contracts } = deployment
const startBlock = Number(deployment.startBlock)
const common = { chain: 'chain', startBlock } as const

/**
 * Ponder asks for every block that has an event, and an entry of this list for 20 blocks a second at first, which no
 * setting changes: so one node is listed many times.
 */
const rpc = Array.from({ length: 40 }, () => rpcUrl)

export default createConfig({
  database:
    databaseUrl === undefined
      ? { kind: 'pglite', directory: home }
      : { kind: 'postgres', connectionString: databaseUrl },
  chains: { chain: { id: deployment.chainId, rpc, pollingInterval } },
  contracts: {
    token: { ...common, abi: aiTokenAbi, address: contracts.token },
    stakeVaultFactory: {
      ...common,
      abi: stakeVaultFactoryAbi,
      address: contracts.stakeVaultFactory,
    },
    vault: {
      ...common,
      abi: stakeVaultAbi,
      address: factory({
        address: contracts.stakeVaultFactory,
        event: getAbiItem({ abi: stakeVaultFactoryAbi, name: 'VaultCreated' }),
        parameter: 'vault',
        startBlock,
      }),
    },
    verde: { ...common, abi: verdeAbi, address: contracts.verde, includeTransactionReceipts: true },
    verdeParameters: { ...common, abi: verdeParametersAbi, address: contracts.verdeParameters },
    jobRegistry: { ...common, abi: jobRegistryAbi, address: contracts.jobRegistry },
    judge: { ...common, abi: judgeAbi, address: contracts.judge },
    delphi: { ...common, abi: delphiAbi, address: contracts.delphi },
    perpetual: { ...common, abi: perpetualAbi, address: contracts.perpetual },
    basket: { ...common, abi: basketAbi, address: contracts.basket },
  },
})
