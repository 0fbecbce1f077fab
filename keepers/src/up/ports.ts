import { createServer } from 'node:net'
import { fail, type LockstepError } from '../errors.ts'

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
  }
  const problems: Problem[] = []
  for (const [port, flag] of flagOf) {
    const cause = await problemOf(port)
    if (cause !== undefined) problems.push({ port, flag, cause })
  }
  if (problems.length > 0) throw notFree(problems)
}

interface Problem {
  readonly port: number
  readonly flag: string
  readonly cause: NodeJS.ErrnoException
}

/** Why nothing can listen on a port; undefined where something can. */
async function problemOf(port: number): Promise<NodeJS.ErrnoException | undefined> {
  const server = createServer()
  return new Promise((resolve) => {
    server.once('error', resolve)
    server.listen(port, '127.0.0.1', () => {
      server.close(() => {
        resolve(undefined)
      })
    })
  })
}

/** All of them in one error: who mends them one by one starts once for each. */
function notFree(problems: readonly Problem[]): LockstepError {
  const isTaken = ({ cause }: Problem): boolean => cause.code === 'EADDRINUSE'
  const what = problems.map(
    (problem) =>
      `port ${problem.port} of 127.0.0.1 ${isTaken(problem) ? 'is in use' : `cannot be used: ${problem.cause.message}`}`,
  )
  return fail.notStarted(
    {
      what: what.join(', '),
      where: problems.map(({ flag }) => flag).join(', '),
      advice: `${problems.some(isTaken) ? 'end what listens there, or ' : ''}name another one; 0 takes any that is free`,
    },
    { cause: problems[0].cause },
  )
}
