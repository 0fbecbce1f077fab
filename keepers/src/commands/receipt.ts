import type { Command } from 'commander'
import { join } from 'node:path'
import { readClaim } from '../chain/claims.ts'
import { readJob, readJobClaims, readJobUri } from '../chain/jobs.ts'
import { loadKeyIfGiven } from '../config/key.ts'
import { fail } from '../errors.ts'
import { writeAtomic } from '../files/atomic.ts'
import { createCommandLog } from '../log.ts'
import { Metrics } from '../metrics.ts'
import { receiptText } from '../receipts/receipt.ts'
import { receiptHash } from '../receipts/sign.ts'
import { writeReceipt } from '../receipts/write.ts'
import { Workshop } from '../trace/workshop.ts'
import { openEngine } from './backend.ts'
import { addCommand, type Done } from './command.ts'
import { openContracts, openMirror, READING, WORKING } from './open.ts'

/** `lockstep receipt <job>`: writes the receipt of a job that was claimed, from this home's run or from a new one. */
export function addReceipt(parent: Command, done: Done, signal: AbortSignal): void {
  addCommand(
    parent,
    {
      name: 'receipt <job>',
      examples: ['lockstep receipt 7 --out receipt.json'],
      description:
        "write the receipt of a job's last claim, from this home's run of it or from a new one, signed where a key is given",
      settings: [
        ...READING,
        ...WORKING,
        'maxJobMib',
        'maxJobNodes',
        'keyFile',
        'keyPassphraseFile',
        'out',
      ],
      defaults: { logLevel: 'warn' },
      run: async (values, _, argument = '') => {
        const id = jobNumber(argument)
        const log = createCommandLog(values.logLevel)
        const contracts = await openContracts(values)
        const account = await loadKeyIfGiven(values, process.env, contracts.chain.id)
        const head = await contracts.chain.head()
        const job = await readJob(contracts, id)
        const made = (await readJobClaims(contracts, { job: id }, head.number)).at(-1)
        if (job.status === 'none' || made === undefined) throw nothingClaimed(id, job.status)
        const claim = await readClaim(contracts, made.claim)
        const metrics = new Metrics('receipt')
        const engine = await openEngine(values, log, metrics)
        try {
          const workshop = new Workshop({
            folder: join(values.home, 'work'),
            contracts,
            mirror: openMirror(values, log),
            engine,
            maxJobBytes: values.maxJobMib * 2 ** 20,
            maxJobNodes: values.maxJobNodes,
            saysProgress: true,
            user: 'receipt',
            log,
            metrics,
          })
          const uri = await readJobUri(contracts, id, head.number)
          const trace = await workshop.complete(job.computation, uri)
          const { root } = trace.checkpoints
          if (root !== claim.checkpointRoot) {
            throw fail.negative({
              what: `the claim is wrong: its checkpoint root is ${claim.checkpointRoot}, the run's ${root}`,
              where: `job ${id}, claim ${claim.id}`,
              advice: `lockstep verify ${id} shows where; a receipt of it is the solver's to give`,
            })
          }
          const of = { job: id, attempt: made.attempt, claim, uri }
          const receipt = await writeReceipt(contracts, of, trace, account)
          await workshop.leave(job.computation)
          const text = receiptText(receipt)
          const { out } = values
          if (out === undefined) return { json: receipt, lines: [text.trimEnd()] }
          writeAtomic(out, text)
          const by = account === undefined ? 'unsigned' : `signed by ${account.address}`
          return {
            json: { file: out, receipt: receiptHash(receipt), job: id, claim: claim.id },
            lines: [`${out}: the receipt of job ${id}, ${by}`],
          }
        } finally {
          await engine.close()
        }
      },
    },
    done,
    signal,
  )
}

/** The number of a job from a command's argument. */
function jobNumber(argument: string): bigint {
  if (/^\d{1,30}$/.test(argument)) return BigInt(argument)
  throw fail.badSetting({
    what: `${JSON.stringify(argument)} is not the number of a job`,
    where: 'receipt <job>',
    advice: 'lockstep status lists jobs',
  })
}

/** Of a job that nobody has claimed a result of, or that is not there. */
export function nothingClaimed(id: bigint, status: string): Error {
  return fail.notFound({
    what: status === 'none' ? 'there is no such job' : 'nothing was claimed for it yet',
    where: `job ${id}`,
    advice:
      status === 'none'
        ? 'lockstep status lists jobs'
        : `it is ${status}; ask again when a solver has claimed a result`,
  })
}
