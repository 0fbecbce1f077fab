import { toFunctionSelector } from 'viem'
import { verdeAbi } from '../abis/verde.ts'

/** Names of the functions of Verde that change something, by selector: what its events call a move. */
export const MOVES: ReadonlyMap<string, string> = new Map(
  verdeAbi.flatMap((item) =>
    item.type === 'function' && item.stateMutability !== 'view'
      ? [[toFunctionSelector(item), item.name] as const]
      : [],
  ),
)
