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
      settings: ['rpcPort', 'indexerPort', 'pagePort', 'home'],
      examples: [
        'lockstep up',
        'lockstep up --rpc-port 0 --json   # one object once all of it is there',
      ],
      run: async ({ home, rpcPort, indexerPort, pagePort }, context) => {
        await runLocalNetwork(
          {
            home,
            rpcPort,
            ports: { indexer: indexerPort, page: pagePort },
            tell: (line) => process.stderr.write(`${line}\n`),
            signal: context.signal,
          },
          (links) => {
            context.show(describe(links))
          },
        )
        return undefined
      },
    },
    done,
    signal,
  )
}

function describe(links: Links): Result {
  const { rpc, chain, account, solver, folder, services } = links
  return {
    json: { ...links },
    lines: [
      '',
      `chain     ${rpc}  (id ${chain}; the clock is moved past what nobody waits for)`,
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
