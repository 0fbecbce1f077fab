import { execFileSync } from 'node:child_process'
import { chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { freePort } from '../preflight.ts'

const VERSIONS = '/usr/lib/postgresql'

export interface Postgres {
  /** Of a database that sorts text as this machine does. */
  readonly url: string
  /** Makes a database that sorts text by a language (ICU); returns its address. */
  database(name: string, locale: string): string
  /** What a statement says of a database. */
  query(url: string, statement: string): Promise<{ rows: Record<string, unknown>[] }>
  /** Ends it at once, as a power cut would. */
  kill(): void
  /** Starts it again, with what it had. */
  start(): void
  /** Ends it for good. */
  stop(): void
}

/** A server of its own, of Debian's PostgreSQL, that forgets everything in the end; undefined where there is none. */
export async function startPostgres(): Promise<Postgres | undefined> {
  const binaries = newest()
  if (binaries === undefined) return undefined
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
      ? ['su', ['postgres', '-s', '/bin/sh', '-c', `${binaries}/${command}`]]
      : ['/bin/sh', ['-c', `${binaries}/${command}`]]
    execFileSync(file, args, { stdio: ['ignore', 'ignore', 'inherit'], cwd: folder })
  }
  const port = await freePort(0)
  const settings = `-p ${port} -c listen_addresses=127.0.0.1 -c unix_socket_directories=${folder} -c fsync=off -c synchronous_commit=off -c full_page_writes=off`
  let isRunning = false
  const start = (): void => {
    isRunning = true
    run(`pg_ctl -D ${data} -w -l ${folder}/log -o "${settings}" start`)
  }
  const kill = (): void => {
    if (!isRunning) return
    isRunning = false
    run(`pg_ctl -D ${data} -w -m immediate stop`)
  }
  run(`initdb -D ${data} -A trust -U postgres -E UTF8 --no-sync`)
  start()
  const address = (database: string): string => `postgres://postgres@127.0.0.1:${port}/${database}`
  return {
    url: address('postgres'),
    database: (name, locale) => {
      const how = `--locale-provider=icu --icu-locale=${locale} -T template0 -E UTF8`
      run(`createdb -h 127.0.0.1 -p ${port} -U postgres ${how} ${name}`)
      return address(name)
    },
    query: async (connectionString, statement) => {
      const client = new pg.Client({ connectionString })
      await client.connect()
      try {
        return await client.query<Record<string, unknown>>(statement)
      } finally {
        await client.end()
      }
    },
    kill,
    start,
    stop: () => {
      kill()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Folder of the programs of the newest version that is installed. */
function newest(): string | undefined {
  if (!existsSync(VERSIONS)) return undefined
  return readdirSync(VERSIONS)
    .sort((a, b) => Number(b) - Number(a))
    .map((version) => join(VERSIONS, version, 'bin'))
    .find((folder) => existsSync(join(folder, 'initdb')))
}
