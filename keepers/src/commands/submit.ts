import { decodeProgram, LOSS_HISTORY, type Program, type Tensor } from '@lockstep/repops'
import type { Command } from 'commander'
import { formatEther, parseEther } from 'viem'
import { readClaim } from '../chain/claims.ts'
import type { Job } from '../chain/jobs.ts'
import { ExitCode, oneLine } from '../errors.ts'
import type { SettingName, Values } from '../config/settings.ts'
import { createCommandLog, type Log } from '../log.ts'
import { awaitJob, type Order, postJob, storeOrder } from '../roles/submitter.ts'
import { serve } from '../store/server.ts'
import { fetchTensors } from '../trace/work.ts'
import { createProgress, type Progress } from '../progress.ts'
import { addCommand, type Done, type Result } from './command.ts'
import { openChain, openMirror, READING, SENDING, WORKING } from './open.ts'
import { readOrder } from './order.ts'

const SETTINGS = [
  ...READING,
  ...WORKING,
  ...SENDING,
  'model',
  'modelOptions',
  'text',
  'program',
  'state',
  'constants',
  'steps',
  'interval',
  'seed',
  'reward',
  'stake',
  'workSeconds',
  'openSeconds',
  'uri',
  'servePort',
  'serveHost',
  'wait',
] as const satisfies SettingName[]
const PREPARING = ['the computation', 'its artifacts', 'the transaction'] as const

/** `lockstep submit`: builds or loads a computation, publishes its artifacts, posts the job, waits if asked to. */
export function addSubmit(parent: Command, done: Done, signal: AbortSignal): void {
  addCommand(
    parent,
    {
      name: 'submit',
      examples: [
        'lockstep submit --model transformer --steps 48 --reward 1000 --stake 5000 --serve-port 0 --wait',
        'lockstep submit --program step.repops --state start.safetensors --steps 100 --reward 10 --stake 1000 --uri https://store.example',
      ],
      description: 'post a job with its reward in escrow',
      settings: SETTINGS,
      run: (values) => {
        const log = createCommandLog(values.logLevel)
        const progress = createProgress('preparing', PREPARING.length, { log })
        return submit(values, progress, log, signal).finally(() => {
          progress.stop()
        })
      },
    },
    done,
    signal,
  )
}

async function submit(
  values: Values<(typeof SETTINGS)[number]>,
  progress: Progress,
  log: Log,
  signal: AbortSignal,
): Promise<Result> {
  const begun = (stage: (typeof PREPARING)[number]): void => {
    progress.update(PREPARING.indexOf(stage), stage)
  }
  begun('the computation')
  const order = await readOrder(values)
  const { contracts, sender, close } = await openChain(values, log)
  const mirror = openMirror(values, log)
  begun('its artifacts')
  const { programRoot, computation } = storeOrder(order, mirror.folder)
  const { servePort, serveHost: host } = values
  const maxBytes = values.maxArtifactMib * 2 ** 20
  const server =
    servePort === undefined
      ? undefined
      : await serve({ port: servePort, host, folder: mirror.folder, maxBytes, log })
  try {
    const uri = values.uri ?? server?.url ?? ''
    if (server !== undefined) log.info({ url: server.url }, 'serving')
    if (uri === '') log.warn('nobody can fetch this job: give --serve-port with --wait, or --uri')
    await sender.recover()
    const offer = {
      reward: parseEther(values.reward),
      stake: parseEther(values.stake),
      workSeconds: values.workSeconds,
      openSeconds: values.openSeconds,
      uri,
    }
    // Every run of this command is meant: the number of transactions so far tells them apart.
    const run = await contracts.chain.client.getTransactionCount({ address: sender.address })
    begun('the transaction')
    const id = await postJob(contracts, sender, computation, offer, String(run))
    progress.stop()
    log.info({ job: id.toString(), uri }, 'posted a job')
    const posted = { job: id, program: programRoot, uri, submitter: sender.address }
    if (!values.wait) return { json: posted, lines: [`job ${id} is open`] }
    const job = await awaitJob(contracts, id, values.pollSeconds, signal, (seen) => {
      log.info(
        { job: id.toString(), status: seen.status, attempt: seen.attempt },
        'the job moved on',
      )
    })
    const claim = job.status === 'settled' ? await readClaim(contracts, job.claim) : undefined
    const state =
      claim &&
      (await fetchTensors(
        mirror,
        claim.finalStateRoot,
        decodeProgram(order.encoded).states,
        'state',
      ).catch((error: unknown) => {
        log.warn({ problem: oneLine(error) }, 'the result cannot be fetched')
        return undefined
      }))
    const json = {
      ...posted,
      status: job.status,
      reward: formatEther(job.reward),
      attempts: job.attempt,
      ...(claim === undefined
        ? {}
        : { solver: claim.solver, claim: claim.id, finalStateRoot: claim.finalStateRoot }),
      ...(state === undefined ? {} : lossesOf(order, state)),
    }
    return {
      json,
      lines: [describe(id, job)],
      ...(job.status === 'settled' ? {} : { exit: ExitCode.negative }),
    }
  } finally {
    await server?.close()
    close()
  }
}

/** First and last value of a loss that the program records, one entry a step. */
function lossesOf(
  { encoded }: Order,
  state: readonly Tensor[],
): { lossFirst?: number; lossLast?: number } {
  const { states }: Program = decodeProgram(encoded)
  const history = state[states.findIndex(({ name }) => name === LOSS_HISTORY)] as Tensor | undefined
  if (history?.type !== 'f32') return {}
  return { lossFirst: history.floats[0], lossLast: history.floats[history.count - 1] }
}

function describe(id: bigint, { status, reward, attempt }: Job): string {
  if (status !== 'settled') return `job ${id} is ${status} after ${attempt} attempt(s)`
  return `job ${id} is done: ${formatEther(reward)} $AI paid, attempt ${attempt}`
}
