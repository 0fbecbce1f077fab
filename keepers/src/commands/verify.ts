import type { Command } from 'commander'
import { join } from 'node:path'
import { readClaim } from '../chain/claims.ts'
import { type DisputePath, reportDispute } from '../chain/dispute-report.ts'
import { disputeAt } from '../chain/claims.ts'
import { readJob, readJobClaims, readJobUri } from '../chain/jobs.ts'
import { ExitCode } from '../errors.ts'
import { createCommandLog } from '../log.ts'
import { Metrics } from '../metrics.ts'
import { TracePeer } from '../trace/peer.ts'
import { Workshop } from '../trace/workshop.ts'
import { Evidence } from '../walk/evidence.ts'
import { addCommand, type Done } from './command.ts'
import { openEngine } from './backend.ts'
import { openContracts, openMirror } from './open.ts'
import { nothingClaimed } from './receipt.ts'
import { VERIFYING, verifyReceipt } from './verify-receipt.ts'

/** `lockstep verify <job | receipt>`: runs a computation again and compares the claim or the receipt with it. */
export function addVerify(parent: Command, done: Done, signal: AbortSignal): void {
  addCommand(
    parent,
    {
      name: 'verify <job|receipt>',
      examples: [
        'lockstep verify 7',
        'lockstep verify receipt.json --backend reference',
        'lockstep verify http://solver.example:9000/receipts/7-1.json --rpc http://127.0.0.1:8545',
      ],
      argument: { place: 'file' },
      description:
        "run a job again and compare its solver's roots: by the number of the job, or from the file or the URL of " +
        'its receipt, which needs no chain (with --rpc it is asked too)',
      settings: VERIFYING,
      defaults: { logLevel: 'warn' },
      run: async (values, context, argument = '') => {
        if (!/^\d{1,30}$/.test(argument)) return verifyReceipt(values, context, argument)
        const id = BigInt(argument)
        const log = createCommandLog(values.logLevel)
        const contracts = await openContracts(values)
        const head = await contracts.chain.head()
        const job = await readJob(contracts, id)
        const made = (await readJobClaims(contracts, { job: id }, head.number)).at(-1)
        if (job.status === 'none' || made === undefined) throw nothingClaimed(id, job.status)
        const claim = await readClaim(contracts, made.claim)
        const metrics = new Metrics('verify')
        const workshop = new Workshop({
          folder: join(values.home, 'work'),
          contracts,
          mirror: openMirror(values, log),
          engine: await openEngine(values, log, metrics),
          maxJobBytes: values.maxJobMib * 2 ** 20,
          maxJobNodes: values.maxJobNodes,
          saysProgress: true,
          log,
          metrics,
        })
        const uri = await readJobUri(contracts, id, head.number)
        const trace = await workshop.complete(job.computation, uri)
        const own = trace.checkpoints
        const roots = { claimed: claim.checkpointRoot, right: own.root }
        const base = { job: id, claim: claim.id, status: claim.status, solver: claim.solver, roots }
        if (own.root === claim.checkpointRoot) {
          return {
            json: { ...base, match: true },
            lines: [`job ${id}: right, ${trace.job.steps} steps have the claimed roots`],
          }
        }
        const path = join(workshop.folderOf(job.computation), 'claims', `${claim.id}.jsonl`)
        const peers = values.peers.map((peer) => new TracePeer(peer))
        const evidence = new Evidence(claim.checkpointRoot, peers, path, log)
        const tree = evidence.tree(claim.checkpointRoot, own)
        const found = await evidence.descend(tree, { tree: 'checkpoints' })
        const first: DisputePath & { operator?: string } = {
          ...(found.kind === 'leaf' ? { checkpoint: found.index - 1 } : {}),
          ...(await deepest(claim.disputes, async (place) => {
            const report = await reportDispute(contracts, disputeAt(claim.id, place), made.block)
            return report.winner === 'challenger' ? report.path : {}
          })),
        }
        const operator =
          first.node === undefined ? undefined : trace.job.program.nodes[first.node].op
        const differs = { ...first, ...(operator === undefined ? {} : { operator }) }
        const where = Object.entries(differs).map(([name, value]) => `${name} ${value}`)
        return {
          json: { ...base, match: false, differs },
          lines: [`job ${id}: wrong${where.length > 0 ? `, first at ${where.join(' › ')}` : ''}`],
          exit: ExitCode.negative,
        }
      },
    },
    done,
    signal,
  )
}

/** The dispute that came furthest down, of all that the challengers won. */
async function deepest(
  disputes: number,
  pathAt: (place: number) => Promise<DisputePath>,
): Promise<DisputePath> {
  let best: DisputePath = {}
  for (let place = 0; place < disputes; place++) {
    const path = await pathAt(place)
    if (Object.keys(path).length > Object.keys(best).length) best = path
  }
  return best
}
