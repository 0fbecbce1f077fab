import { MerkleTree } from '@lockstep/repops'
import {
  type Address,
  concat,
  getAddress,
  type Hash,
  hashTypedData,
  isAddressEqual,
  keccak256,
  type LocalAccount,
  numberToHex,
  type PublicClient,
  recoverAddress,
} from 'viem'
import { fail } from '../errors.ts'
import type { Computation } from '../trace/work.ts'
import type { Receipt } from './receipt.ts'

const uint = <N extends string>(name: N) => ({ name, type: 'uint256' }) as const
const bytes32 = <N extends string>(name: N) => ({ name, type: 'bytes32' }) as const
const account = <N extends string>(name: N) => ({ name, type: 'address' }) as const

const types = {
  Receipt: [
    uint('repops'),
    bytes32('genesis'),
    uint('job'),
    uint('attempt'),
    uint('claim'),
    account('solver'),
    bytes32('computation'),
    bytes32('checkpointRoot'),
    bytes32('finalStateRoot'),
    uint('every'),
    bytes32('traceRoot'),
    { name: 'evaluations', type: 'Evaluation[]' },
  ],
  Evaluation: [
    account('judge'),
    uint('contest'),
    uint('entrant'),
    uint('round'),
    uint('scoreState'),
    { name: 'score', type: 'int256' },
  ],
} as const

/** What is signed of a receipt: docs/spec/receipts.md, section 3. */
export function typedReceipt(receipt: Receipt) {
  const { chain, evaluation, trace } = receipt
  return {
    domain: {
      name: 'Lockstep Receipt',
      version: String(receipt.version),
      chainId: chain.id,
      verifyingContract: getAddress(chain.jobRegistry),
    },
    types,
    primaryType: 'Receipt',
    message: {
      repops: BigInt(receipt.repops),
      genesis: chain.genesis,
      job: receipt.job,
      attempt: BigInt(receipt.attempt),
      claim: receipt.claim,
      solver: getAddress(receipt.solver),
      computation: computationId(receipt.computation),
      checkpointRoot: receipt.checkpointRoot,
      finalStateRoot: receipt.finalStateRoot,
      every: BigInt(trace.every),
      traceRoot: new MerkleTree(trace.roots).root,
      evaluations:
        evaluation === undefined
          ? []
          : [
              {
                judge: getAddress(evaluation.judge),
                contest: evaluation.contest,
                entrant: BigInt(evaluation.entrant),
                round: BigInt(evaluation.round),
                scoreState: BigInt(evaluation.scoreState),
                score: BigInt(evaluation.score),
              },
            ],
    },
  } as const
}

/** The digest that is signed; it names the receipt. */
export const receiptHash = (receipt: Receipt): Hash => hashTypedData(typedReceipt(receipt))

/** The receipt with an account's signature, once. The account says that it ran the computation. */
export async function signReceipt(receipt: Receipt, signer: LocalAccount): Promise<Receipt> {
  const others = receipt.signatures.filter((one) => !isAddressEqual(one.signer, signer.address))
  const signature = await signer.signTypedData(typedReceipt(receipt))
  return { ...receipt, signatures: [...others, { signer: signer.address, signature }] }
}

/**
 * The accounts that signed a receipt; throws a `bad-receipt` where a signature is not its signer's. Signatures of
 * contracts (ERC-1271) can only be checked on their chain, by `client`.
 */
export async function checkSignatures(
  receipt: Receipt,
  where: string,
  client?: PublicClient,
): Promise<Address[]> {
  const hash = receiptHash(receipt)
  for (const { signer, signature } of receipt.signatures) {
    const recovered = await recoverAddress({ hash, signature }).catch(() => undefined)
    if (recovered !== undefined && isAddressEqual(recovered, signer)) continue
    if (await client?.verifyHash({ address: signer, hash, signature })) continue
    throw fail.badReceipt({
      what: `the signature of ${signer} is not its own: it is of ${recovered ?? 'nobody'}`,
      where,
      advice:
        client === undefined
          ? 'the receipt was altered after it was signed; if the signer is a contract, ask its chain by --rpc'
          : 'the receipt was altered after it was signed: get it again from whoever signed it',
    })
  }
  return receipt.signatures.map(({ signer }) => getAddress(signer))
}

/** keccak256(abi.encode(Computation)): docs/spec/verde.md, section 2. */
export function computationId(computation: Computation): Hash {
  const words = COMPUTATION.map((name) => computation[name])
  return keccak256(
    concat(
      words.map((word) => (typeof word === 'string' ? word : numberToHex(word, { size: 32 }))),
    ),
  )
}

/** The fields of `Computation` of IVerde.sol, in their order there. */
const COMPUTATION = [
  'nodesRoot',
  'statesRoot',
  'constantEntriesRoot',
  'initialStateRoot',
  'constantsRoot',
  'nodes',
  'states',
  'constants',
  'steps',
  'interval',
  'seed',
] as const satisfies (keyof Computation)[]
