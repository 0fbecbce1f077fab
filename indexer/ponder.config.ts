import { createConfig, factory } from 'ponder'
import { getAbiItem } from 'viem'
import { ABIS } from './config/contracts.ts'
import { readSettings } from './config/settings.ts'

const { deployment, rpcUrl, rpcRate, pollingInterval, home, databaseUrl } = readSettings(
  process.env,
)
const { contracts } = deployment
const startBlock = Number(deployment.startBlock)
const common = { chain: 'chain', startBlock } as const

/**
 * Ponder asks for every block that has an event, and an entry of this list for 20 blocks a second at first, which no
 * setting changes: so one node is listed many times.
 */
const PER_ENTRY = 20
const rpc = Array.from({ length: Math.ceil(rpcRate / PER_ENTRY) }, () => rpcUrl)

export default createConfig({
  database:
    databaseUrl === undefined
      ? { kind: 'pglite', directory: home }
      : { kind: 'postgres', connectionString: databaseUrl },
  chains: { chain: { id: deployment.chainId, rpc, pollingInterval } },
  contracts: {
    token: { ...common, abi: ABIS.token, address: contracts.token },
    stakeVaultFactory: {
      ...common,
      abi: ABIS.stakeVaultFactory,
      address: contracts.stakeVaultFactory,
    },
    vault: {
      ...common,
      abi: ABIS.vault,
      address: factory({
        address: contracts.stakeVaultFactory,
        event: getAbiItem({ abi: ABIS.stakeVaultFactory, name: 'VaultCreated' }),
        parameter: 'vault',
        startBlock,
      }),
    },
    verde: { ...common, abi: ABIS.verde, address: contracts.verde },
    // The same contract once more: its moves alone are followed with their receipts, for what they cost.
    verdeMoves: {
      ...common,
      abi: ABIS.verde,
      address: contracts.verde,
      includeTransactionReceipts: true,
    },
    verdeParameters: { ...common, abi: ABIS.verdeParameters, address: contracts.verdeParameters },
    jobRegistry: { ...common, abi: ABIS.jobRegistry, address: contracts.jobRegistry },
    judge: { ...common, abi: ABIS.judge, address: contracts.judge },
    delphi: { ...common, abi: ABIS.delphi, address: contracts.delphi },
    perpetual: { ...common, abi: ABIS.perpetual, address: contracts.perpetual },
    basket: { ...common, abi: ABIS.basket, address: contracts.basket },
  },
})
