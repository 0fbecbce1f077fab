import { execFileSync } from 'node:child_process'
import { chownSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const BINARIES = '/usr/lib/postgresql/15/bin'

export interface Postgres {
  readonly url: string
  stop(): void
}

/** A server of its own, of Debian's PostgreSQL 15, that forgets everything; undefined where there is none. */
export async function startPostgres(): Promise<Postgres | undefined> {
  if (!existsSync(join(BINARIES, 'initdb'))) return undefined
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-postgres-'))
  const data = join(folder, 'data')
  mkdirSync(data)
  const isRoot = process.getuid?.() === 0
  if (isRoot) {
    // It refuses to be run by root.
    const [user, group] = ['-u', '-g'].map((of) =>
      Number(execFileSync('id', [of, 'postgres'], { encoding: 'utf8' })),
    )
    for (const path of [folder, data]) chownSync(path, user, group)
  }
  const run = (command: string): void => {
    const [file, args] = isRoot
      ? ['su', ['postgres', '-s', '/bin/sh', '-c', command]]
      : ['/bin/sh', ['-c', command]]
    execFileSync(file, args, { stdio: ['ignore', 'ignore', 'inherit'], cwd: folder })
  }
  const port = await new Promise<number>((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      server.close(() => {
        resolve(port)
      })
    })
  })
  run(`${BINARIES}/initdb -D ${data} -A trust -U postgres --no-sync`)
  const settings = `-p ${port} -c listen_addresses=127.0.0.1 -c unix_socket_directories=${folder} -c fsync=off -c synchronous_commit=off -c full_page_writes=off`
  run(`${BINARIES}/pg_ctl -D ${data} -w -l ${folder}/log -o "${settings}" start`)
  return {
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    stop: () => {
      run(`${BINARIES}/pg_ctl -D ${data} -w -m immediate stop`)
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
