import { aiTokenAbi } from '@lockstep/deployments'
import { DEVNET_ACCOUNTS, type Devnet } from '@lockstep/deployments/devnet'
import {
  type Abi,
  type Address,
  type ContractFunctionArgs,
  type ContractFunctionName,
  encodeFunctionData,
  type Hex,
  toHex,
} from 'viem'

interface Mined {
  readonly status: Hex
  readonly gasUsed: Hex
}

/** An account of a devnet that the node signs for. */
export class Account {
  readonly address: Address
  readonly #devnet: Devnet

  constructor(devnet: Devnet, index: number) {
    this.#devnet = devnet
    this.address = DEVNET_ACCOUNTS[index].address
  }

  /** Calls a contract; returns the gas of the transaction, and throws if it was refused. */
  async call<A extends Abi, N extends ContractFunctionName<A, 'nonpayable' | 'payable'>>(
    abi: A,
    to: Address,
    functionName: N,
    args: ContractFunctionArgs<A, 'nonpayable' | 'payable', N>,
  ): Promise<bigint> {
    return this.send(to, encodeFunctionData({ abi, functionName, args } as never), functionName)
  }

  async send(to: Address, data: Hex, name = data.slice(0, 10)): Promise<bigint> {
    const { rpc } = this.#devnet
    const gas = toHex(20_000_000)
    const hash = await rpc.call('eth_sendTransaction', { from: this.address, to, data, gas })
    for (let waitedMs = 0; waitedMs < 30_000; waitedMs += 10) {
      const receipt = (await rpc.call('eth_getTransactionReceipt', hash)) as Mined | null
      if (receipt !== null) {
        if (receipt.status !== '0x1') throw new Error(`${name} of ${to} was refused`)
        return BigInt(receipt.gasUsed)
      }
      await new Promise((next) => setTimeout(next, 10))
    }
    throw new Error(`${name} of ${to} is not mined`)
  }

  /** Lets a contract take all its $AI. */
  async approve(spender: Address): Promise<void> {
    const { token } = this.#devnet.deployment.contracts
    await this.call(aiTokenAbi, token, 'approve', [spender, 2n ** 255n])
  }
}
