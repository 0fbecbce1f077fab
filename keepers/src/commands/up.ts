import type { Command } from 'commander'
import { type Links, runLocalNetwork } from '../up/local-network.ts'
import { addCommand, type Done, type Result } from './command.ts'

/** `lockstep up`: a whole network on this machine, until it is interrupted. */
export function addUp(parent: Command, done: Done, signal: AbortSignal): void {
  addCommand(
    parent,
    {
      name: 'up',
      description:
        'run a whole local network until Ctrl-C: chain, contracts, solver, challenger, indexer, page; prints where everything is',
      settings: ['rpcPort', 'indexerPort', 'pagePort', 'realTime', 'home'],
      examples: [
        'lockstep up',
        'lockstep up --rpc-port 0 --json   # one object once all of it is there; what happens: lines of JSON on stderr',
      ],
      run: async ({ home, rpcPort, indexerPort, pagePort, realTime }, context) => {
        const { tell, signal } = context
        const ports = { indexer: indexerPort, page: pagePort }
        await runLocalNetwork({ home, rpcPort, ports, realTime, tell, signal }, (links) => {
          context.show(describe(links, realTime))
        })
        return undefined
      },
    },
    done,
    signal,
  )
}

function describe(links: Links, realTime: boolean): Result {
  const { rpc, chain, account, solver, folder, services } = links
  const clock = realTime ? '' : '; the clock is moved past windows of claims that were checked'
  return {
    json: { ...links },
    lines: [
      '',
      `chain     ${rpc}  (id ${chain}${clock})`,
      `solver    ${solver}  (its artifacts; 20000 $AI staked)`,
      `indexer   ${services['indexer']}/graphql`,
      `page      ${services['page']}`,
      `logs      ${folder}/<role>/log.jsonl`,
      '',
      'In another terminal, with an account that has ether and 1,000,000 $AI:',
      `  export LOCKSTEP_RPC=${rpc} LOCKSTEP_HOME=.lockstep/me`,
      `  export LOCKSTEP_PRIVATE_KEY=${account.privateKey}`,
      `  npx lockstep submit --model transformer --steps 48 --reward 100 --stake 5000 --serve-port 0 --wait --peer ${solver}`,
      '  npx lockstep status',
      '',
      'Ctrl-C ends all of it.',
    ],
  }
}
