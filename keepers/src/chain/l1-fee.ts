import {
  parseAbi,
  type PublicClient,
  serializeTransaction,
  type Transaction,
  type TransactionReceipt,
  type TransactionSerializable,
} from 'viem'

/** The predeploy of OP Stack chains that prices a transaction's data on L1. */
const GAS_PRICE_ORACLE = '0x420000000000000000000000000000000000000F'
const abi = parseAbi(['function getL1Fee(bytes data) view returns (uint256)'])

/**
 * L1 data fee of a mined transaction in wei: what its receipt says, else what its data would cost at today's prices;
 * undefined on chains without such a fee. Deposits paid for their data on L1.
 */
export async function l1FeeWei(
  client: PublicClient,
  transaction: Transaction,
  receipt: TransactionReceipt,
): Promise<bigint | undefined> {
  const { l1Fee } = receipt as { l1Fee?: unknown }
  if (typeof l1Fee === 'string' && /^0x[0-9a-fA-F]{1,64}$/.test(l1Fee)) return BigInt(l1Fee)
  if ((transaction as { typeHex: string | null }).typeHex === '0x7e') return 0n
  const code = await client.getCode({ address: GAS_PRICE_ORACLE })
  if (code === undefined || code === '0x') return undefined
  // The oracle wants the transaction as it was before it was signed, and adds what a signature takes.
  const unsigned = {
    ...transaction,
    data: transaction.input,
    r: undefined,
    s: undefined,
    v: undefined,
  }
  return client.readContract({
    address: GAS_PRICE_ORACLE,
    abi,
    functionName: 'getL1Fee',
    args: [serializeTransaction(unsigned as TransactionSerializable)],
  })
}
