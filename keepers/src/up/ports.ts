import { createServer } from 'node:net'
import { fail } from '../errors.ts'

/** Makes sure that ports of 127.0.0.1 are free, by the flags that name them, before anything is started on one; 0 is any. */
export async function checkPorts(ports: Readonly<Record<string, number>>): Promise<void> {
  const flagOf = new Map<number, string>()
  for (const [flag, port] of Object.entries(ports)) {
    if (port === 0) continue
    const other = flagOf.get(port)
    if (other !== undefined) {
      throw fail.badSetting({
        what: `both are ${port}`,
        where: `flags ${other} and ${flag}`,
        advice: 'give each a port of its own; 0 takes any that is free',
      })
    }
    flagOf.set(port, flag)
    await checkPort(port, flag)
  }
}

async function checkPort(port: number, flag: string): Promise<void> {
  const server = createServer()
  const problem = await new Promise<NodeJS.ErrnoException | undefined>((resolve) => {
    server.once('error', resolve)
    server.listen(port, '127.0.0.1', () => {
      server.close(() => {
        resolve(undefined)
      })
    })
  })
  if (problem === undefined) return
  const isTaken = problem.code === 'EADDRINUSE'
  throw fail.notStarted(
    {
      what: `port ${port} of 127.0.0.1 ${isTaken ? 'is in use' : `cannot be used: ${problem.message}`}`,
      where: flag,
      advice: `${isTaken ? 'end what listens there, or ' : ''}name another one; 0 takes any that is free`,
    },
    { cause: problem },
  )
}
