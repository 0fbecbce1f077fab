import type { Command } from 'commander'
import { parseCheat, requireDevnet } from '../config/cheat.ts'
import type { SettingName, Values } from '../config/settings.ts'
import { Challenger } from '../roles/challenger.ts'
import { Defender } from '../roles/defender.ts'
import { EvaluatorRole } from '../roles/evaluator.ts'
import { type Keeper, loop, type Tick } from '../roles/keeper.ts'
import { Solver } from '../roles/solver.ts'
import { serve, type TraceSource } from '../store/server.ts'
import { TracePeer } from '../trace/peer.ts'
import { addCommand, type Done, type Result } from './command.ts'
import { limitsOf, openSecrets } from './office.ts'
import { openKeeper, ROLE } from './open.ts'

const SERVING = ['servePort', 'serveHost'] as const satisfies SettingName[]

/** The roles: each is a process of its own that runs until it is told to stop. */
export function addRoles(parent: Command, done: Done, signal: AbortSignal): void {
  addCommand(
    parent,
    {
      name: 'solver',
      examples: [
        'lockstep solver --serve-port 9000',
        'lockstep solver --min-reward 50 --parallel-jobs 2 --metrics-port 9100',
        'lockstep solver --once   # work off what is open, then stop',
      ],
      description: 'take jobs, run them, claim the results and answer for them',
      settings: [
        ...ROLE,
        ...SERVING,
        'vault',
        'delegate',
        'minReward',
        'maxSteps',
        'parallelJobs',
        'jobs',
        'submitters',
        'keepDays',
        'cheat',
        'withhold',
      ],
      run: async (values, context) => {
        const corruption = values.cheat === undefined ? undefined : parseCheat(values.cheat)
        const { keeper, close } = await openKeeper('solver', values, corruption)
        try {
          const { contracts } = keeper
          if (values.cheat !== undefined) requireDevnet(contracts.chain.id, '--cheat')
          if (values.withhold !== undefined) requireDevnet(contracts.chain.id, '--withhold')
          const shared = values.withhold === undefined ? keeper.shared : undefined
          const server = await startServing(keeper, values, shared)
          const answers = { silent: 'never', late: 'late', data: 'prompt' } as const
          const terms = { ...values, answers: answers[values.withhold ?? 'data'] }
          const solver = new Solver(keeper, terms)
          return await runLoop(keeper, solver.tick, values, context.signal, server)
        } finally {
          await close()
        }
      },
    },
    done,
    signal,
  )
  addCommand(
    parent,
    {
      name: 'challenger',
      examples: [
        'lockstep challenger --peer http://solver.example:9000',
        'lockstep challenger --claims 0x3fa2c1… --once   # only this claim',
      ],
      description: 'run claims again and dispute those that are wrong, down to one scalar',
      settings: [...ROLE, ...SERVING, 'delegate', 'claims'],
      run: async (values, context) => {
        const { keeper, close } = await openKeeper('challenger', values)
        try {
          const server = await startServing(keeper, values)
          const peers = values.peers.map((peer) => new TracePeer(peer))
          const challenger = new Challenger(keeper, { ...values, peers })
          return await runLoop(keeper, challenger.tick, values, context.signal, server)
        } finally {
          await close()
        }
      },
    },
    done,
    signal,
  )
  addCommand(
    parent,
    {
      name: 'defender',
      examples: [
        'lockstep defender --serve-port 9001',
        'lockstep defender --claims 0x3fa2c1…   # the ones that it is paid for',
      ],
      description: 'answer for right claims that name this account as their delegate',
      settings: [...ROLE, ...SERVING, 'claims'],
      run: async (values, context) => {
        const { keeper, close } = await openKeeper('defender', values)
        try {
          const server = await startServing(keeper, values, keeper.shared)
          const defender = new Defender(keeper, values.claims)
          return await runLoop(keeper, defender.tick, values, context.signal, server)
        } finally {
          await close()
        }
      },
    },
    done,
    signal,
  )
  addCommand(
    parent,
    {
      name: 'evaluator',
      examples: [
        'lockstep evaluator --serve-port 8601 --uri https://host.example',
        'lockstep evaluator --contests 0x3fa2c1… --once',
      ],
      description: 'reveal, order, report and conclude in contests, as each becomes due',
      settings: [...ROLE, ...SERVING, 'uri', 'contests'],
      run: async (values, context) => {
        const { keeper, close } = await openKeeper('evaluator', values)
        try {
          const server = await startServing(keeper, values)
          const { contests, once, uri = server?.url } = values
          const terms = { contests, once, uri, limits: limitsOf(values) }
          const role = new EvaluatorRole(keeper, openSecrets(values.home), terms)
          return await runLoop(keeper, role.tick, values, context.signal, server)
        } finally {
          await close()
        }
      },
    },
    done,
    signal,
  )
}

type Serving = Values<(typeof SERVING)[number] | 'maxArtifactMib'>

/** Shares the artifact folder, and traces and receipts of claims if there are any to share, where --serve-port is given. */
export async function startServing(
  { workshop, receipts, log, metrics }: Pick<Keeper, 'workshop' | 'receipts' | 'log' | 'metrics'>,
  { servePort, serveHost, maxArtifactMib }: Serving,
  traces?: TraceSource,
): Promise<{ url: string; close: () => Promise<void> } | undefined> {
  if (servePort === undefined) return undefined
  const server = await serve({
    port: servePort,
    host: serveHost,
    folder: workshop.artifacts,
    ...(traces === undefined ? {} : { traces, receipts }),
    maxBytes: maxArtifactMib * 2 ** 20,
    log,
    metrics,
  })
  log.info({ url: server.url }, 'serving')
  return server
}

async function runLoop(
  keeper: Keeper,
  tick: Tick,
  { pollSeconds, once, rpc }: { pollSeconds: number; once: boolean; rpc: string },
  signal: AbortSignal,
  server: { close: () => Promise<void> } | undefined,
): Promise<Result> {
  try {
    await loop(keeper, tick, { pollSeconds, once, rpc, signal })
  } finally {
    await server?.close()
  }
  keeper.log.info('stopped')
  return { json: { stopped: true }, lines: [] }
}
