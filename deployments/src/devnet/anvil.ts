import { DeploymentError } from '../errors.ts'
import { foundryBinary } from '../foundry.ts'
import { guarded } from '../guarded.ts'
import { connectRpc, type Rpc } from '../rpc.ts'

export interface Anvil {
  readonly rpc: Rpc
  /** Ends the chain and waits until it is gone. */
  stop(): Promise<void>
}

const START_SECONDS = 30

// Old states stay in memory or go: anvil would fill a folder of the user's home with them, gigabytes in a day.
const ALWAYS = ['--host', '127.0.0.1', '--max-persisted-states', '0']

/**
 * Starts anvil on a free port of 127.0.0.1 and waits until it listens. It ends with `stop`, or with this process,
 * even one that is killed.
 * @param args further arguments of anvil
 */
export async function startAnvil(args: readonly string[], port = 0): Promise<Anvil> {
  const command = [foundryBinary('anvil'), ...ALWAYS, '--port', String(port), ...args]
  const child = guarded(command)
  const ended = new Promise<void>((resolve) =>
    child.once('exit', () => {
      resolve()
    }),
  )

  const stop = async (): Promise<void> => {
    child.ref()
    child.stdin.end()
    await ended
  }

  let output = ''
  try {
    const url = await new Promise<string>((resolve, reject) => {
      const listen = (chunk: Buffer): void => {
        output += chunk.toString()
        const found = /Listening on (127\.0\.0\.1:\d+)/.exec(output)
        if (found?.[1] !== undefined) resolve(`http://${found[1]}`)
      }
      child.stdout.on('data', listen)
      child.stderr.on('data', listen)
      child.once('error', reject)
      child.once('close', () => {
        reject(new Error(output.trim().split('\n').at(-1) ?? 'it ended'))
      })
      setTimeout(() => {
        reject(new Error(`it does not listen after ${START_SECONDS} seconds`))
      }, START_SECONDS * 1000).unref()
    })
    // Whatever anvil prints from here on is read and dropped, or the pipe would fill up and block it.
    child.stdout.removeAllListeners('data').resume()
    child.stderr.removeAllListeners('data').resume()
    // The chain does not keep this process alive; the end of this process ends the chain.
    child.unref()
    for (const stream of [child.stdin, child.stdout, child.stderr]) {
      ;(stream as unknown as { unref(): void }).unref()
    }
    return { rpc: connectRpc(url), stop }
  } catch (cause) {
    await stop()
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new DeploymentError('anvilFailed', `anvil did not start (${command.join(' ')}): ${why}`, {
      cause,
    })
  }
}
