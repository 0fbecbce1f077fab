import { join } from 'node:path'
import { getAddress, isAddressEqual } from 'viem'
import { loadKeyIfGiven } from '../config/key.ts'
import type { SettingName, Values } from '../config/settings.ts'
import { ExitCode } from '../errors.ts'
import { writeAtomic } from '../files/atomic.ts'
import { createCommandLog } from '../log.ts'
import { Metrics } from '../metrics.ts'
import { checkReceipt } from '../receipts/check.ts'
import { describeDifference, firstDifference } from '../receipts/difference.ts'
import { checkFacts } from '../receipts/facts.ts'
import { loadReceipt } from '../receipts/load.ts'
import { type Receipt, receiptText } from '../receipts/receipt.ts'
import { rerun } from '../receipts/rerun.ts'
import { checkSignatures, computationId, receiptHash, signReceipt } from '../receipts/sign.ts'
import { FolderStore } from '../store/folder.ts'
import { HttpStore } from '../store/http.ts'
import { jobStore } from '../store/job-store.ts'
import { Planner } from '../trace/planner.ts'
import { openEngine } from './backend.ts'
import type { Context, Result } from './command.ts'
import { openContracts, openMirror, READING, WORKING } from './open.ts'

export const VERIFYING = [
  ...READING,
  ...WORKING,
  'maxJobMib',
  'maxJobNodes',
  'keyFile',
  'keyPassphraseFile',
  'out',
] as const satisfies SettingName[]
type Verifying = (typeof VERIFYING)[number]

/** Checks a receipt, asks its chain where an endpoint is given, and runs it again: docs/spec/receipts.md. */
export async function verifyReceipt(
  values: Values<Verifying>,
  { given, signal }: Context<Verifying>,
  place: string,
): Promise<Result> {
  const log = createCommandLog(values.logLevel)
  const receipt = await loadReceipt(place)
  checkReceipt(receipt, place)
  const contracts = given.has('rpc') ? await openContracts(values) : undefined
  const facts = contracts && (await checkFacts(contracts, receipt, place))
  const signers = await checkSignatures(receipt, place, contracts?.chain.client)
  const metrics = new Metrics('verify')
  const engine = await openEngine(values, log, metrics)
  try {
    // What the receipt says of its chain is a stranger's word: only a chain that was asked makes a private address usable.
    const store = jobStore(receipt.uri, contracts?.chain.id ?? 0)
    const work = join(values.home, 'work', computationId(receipt.computation), 'store')
    const mirror = openMirror(values, log).with([
      new FolderStore(work),
      ...hostOf(place),
      ...(store === undefined ? [] : [store]),
    ])
    const running = {
      engine,
      folder: join(values.home, 'verify'),
      maxJobBytes: values.maxJobMib * 2 ** 20,
      maxJobNodes: values.maxJobNodes,
      plan: new Planner().plan,
      signal,
      log,
    }
    const differs = await rerun(receipt, mirror, running, (trace) =>
      firstDifference(receipt, trace),
    )
    const { version, repops, job, claim, solver, computation } = receipt
    const json = {
      receipt: receiptHash(receipt),
      ...{ version, repops, job, claim, solver, signers },
      ...(facts === undefined ? {} : { chain: facts }),
      backend: engine.name,
      match: differs === undefined,
    }
    const name = `receipt of job ${job} (version ${version}, RepOps ${repops})`
    if (differs !== undefined) {
      const line = `${name}: wrong on ${engine.name}, ${describeDifference(differs, receipt)}`
      return { json: { ...json, differs }, lines: [line], exit: ExitCode.negative }
    }
    const says = [
      `${name}: right, ${computation.steps} steps on ${engine.name} have its roots`,
      describeSigners(receipt, signers),
      ...(facts === undefined ? [] : [`the claim is ${facts.claim}, the job ${facts.job}`]),
    ]
    const signed = await countersign(receipt, values)
    return {
      json: { ...json, ...(signed === undefined ? {} : { signed }) },
      lines: [
        says.join('; '),
        ...(signed === undefined ? [] : [`${signed.file}: signed by ${signed.signer}`]),
      ],
    }
  } finally {
    await engine.close()
  }
}

/** The store that serves a receipt as well, where the receipt came from a URL: whoever named it trusts it that far. */
function hostOf(place: string): HttpStore[] {
  const base = /^(https?:\/\/.+)\/receipts\/[^/]+$/.exec(place)?.[1]
  return base === undefined ? [] : [new HttpStore(base)]
}

function describeSigners({ solver }: Receipt, signers: readonly `0x${string}`[]): string {
  if (signers.length === 0) return 'nobody signed it'
  const others = signers.filter((signer) => !isAddressEqual(signer, solver))
  const isSolvers = others.length < signers.length
  return [
    isSolvers ? 'signed by its solver' : 'not signed by its solver',
    ...(others.length === 0 ? [] : [`signed by ${others.join(', ')}`]),
  ].join(', ')
}

/** Writes a receipt that was found right with the signature of one's own account, where that is asked for. */
async function countersign(
  receipt: Receipt,
  values: Values<'out' | 'keyFile' | 'keyPassphraseFile'>,
): Promise<{ file: string; signer: `0x${string}` } | undefined> {
  const { out } = values
  if (out === undefined) return undefined
  const account = await loadKeyIfGiven(values, process.env, receipt.chain.id)
  if (account === undefined) return undefined
  writeAtomic(out, receiptText(await signReceipt(receipt, account)))
  return { file: out, signer: getAddress(account.address) }
}
