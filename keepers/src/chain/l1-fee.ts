import { type Hex, parseAbi, type PublicClient } from 'viem'

/** The predeploy of OP Stack chains that prices a transaction's data on L1. */
const GAS_PRICE_ORACLE = '0x420000000000000000000000000000000000000F'
const abi = parseAbi(['function getL1Fee(bytes data) view returns (uint256)'])

/** L1 data fee of a signed transaction in wei; undefined on chains without the oracle. */
export async function l1FeeWei(client: PublicClient, raw: Hex): Promise<bigint | undefined> {
  const code = await client.getCode({ address: GAS_PRICE_ORACLE })
  if (code === undefined || code === '0x') return undefined
  return client.readContract({
    address: GAS_PRICE_ORACLE,
    abi,
    functionName: 'getL1Fee',
    args: [raw],
  })
}
