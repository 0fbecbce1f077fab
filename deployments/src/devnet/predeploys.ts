import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Address } from '../address.ts'
import type { Rpc } from '../rpc.ts'
import { send } from './send.ts'

/**
 * The predeploys of an OP Stack chain that have no immutables, where src/libraries/Predeploys.sol of
 * @eth-optimism/contracts-bedrock puts them. Implementations stand at the addresses themselves, without a proxy.
 */
const PREDEPLOYS = {
  WETH: '0x4200000000000000000000000000000000000006',
  L2CrossDomainMessenger: '0x4200000000000000000000000000000000000007',
  GasPriceOracle: '0x420000000000000000000000000000000000000F',
  L2StandardBridge: '0x4200000000000000000000000000000000000010',
  OptimismMintableERC20Factory: '0x4200000000000000000000000000000000000012',
  L2ERC721Bridge: '0x4200000000000000000000000000000000000014',
  L1Block: '0x4200000000000000000000000000000000000015',
  L2ToL1MessagePasser: '0x4200000000000000000000000000000000000016',
} as const satisfies Record<string, Address>

/** The only account that may set the L1 attributes. */
const DEPOSITOR: Address = '0xDeaDDEaDDeAdDeAdDEAdDEaddeAddEAdDEAd0001'

/** What a data byte costs: the figures of an ordinary day on a large OP Stack chain. */
export const L1_FEES = {
  baseFeeWei: 2_000_000_000n,
  blobBaseFeeWei: 100_000_000n,
  baseFeeScalar: 5_227n,
  blobBaseFeeScalar: 1_014_213n,
} as const

/** Makes an anvil look like an OP Stack chain: predeploys with the rules of Fjord for the L1 data fee. */
export async function setPredeploys(rpc: Rpc): Promise<void> {
  const require = createRequire(import.meta.url)
  for (const [name, address] of Object.entries(PREDEPLOYS)) {
    const path = require.resolve(
      `@eth-optimism/contracts-bedrock/forge-artifacts/${name}.sol/${name}.json`,
    )
    const artifact = JSON.parse(readFileSync(path, 'utf8')) as {
      deployedBytecode: { object: string }
    }
    await rpc.call('anvil_setCode', address, artifact.deployedBytecode.object)
  }
  await rpc.call('anvil_setBalance', DEPOSITOR, '0xde0b6b3a7640000')
  await rpc.call('anvil_impersonateAccount', DEPOSITOR)
  await send(rpc, DEPOSITOR, PREDEPLOYS.L1Block, ecotoneAttributes())
  await send(rpc, DEPOSITOR, PREDEPLOYS.GasPriceOracle, '0x22b90ab3') // setEcotone()
  await send(rpc, DEPOSITOR, PREDEPLOYS.GasPriceOracle, '0x8e98b106') // setFjord()
  await rpc.call('anvil_stopImpersonatingAccount', DEPOSITOR)
}

/** Calldata of L1Block.setL1BlockValuesEcotone(), packed as its comment says. */
function ecotoneAttributes(): string {
  const word = (value: bigint, bytes: number): string => value.toString(16).padStart(2 * bytes, '0')
  return [
    '0x440a5e20',
    word(L1_FEES.baseFeeScalar, 4),
    word(L1_FEES.blobBaseFeeScalar, 4),
    word(0n, 8), // L2 blocks since the epoch began
    word(1n, 8), // L1 time
    word(1n, 8), // L1 block
    word(L1_FEES.baseFeeWei, 32),
    word(L1_FEES.blobBaseFeeWei, 32),
    word(1n, 32), // L1 block hash
    word(0n, 32), // batcher
  ].join('')
}
