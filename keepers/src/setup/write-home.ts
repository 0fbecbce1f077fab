import { existsSync, linkSync, mkdirSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { privateKeyToAccount, generatePrivateKey } from 'viem/accounts'
import { CONFIG_NAME } from '../config/config-file.ts'
import { encryptKey } from '../config/keystore.ts'
import { fail } from '../errors.ts'
import { needingSpace, writeAtomic } from '../files/atomic.ts'

const KEY_NAME = 'key.json'
const ONLY_OWNER = 0o600

/** What a keeper's home is begun with. */
export interface HomePlan {
  readonly home: string
  /** Settings by name, as they go into its configuration. */
  readonly settings: Readonly<Record<string, unknown>>
  /** A key file that is there already: it stays where it is. */
  readonly keyFile?: string | undefined
  /** The key to keep; a new one if there is neither this nor a file. */
  readonly key?: `0x${string}` | undefined
  /** Undefined: the key is written as it is. */
  readonly passphrase?: string | undefined
}

export interface WrittenHome {
  readonly config: string
  readonly keyFile: string
  /** Of the key that was written; undefined of a file that was there. */
  readonly address?: string
}

/** Refuses a home that has a configuration or a key: neither is ever overwritten. */
export function checkNewHome(home: string): void {
  for (const name of [CONFIG_NAME, KEY_NAME]) {
    const path = join(home, name)
    if (existsSync(path)) throw alreadyThere(path)
  }
}

/** Writes the key and the configuration of a new home, readable by this account only: both or neither. */
export function writeHome(plan: HomePlan): WrittenHome {
  const { home, settings, passphrase } = plan
  checkNewHome(home)
  needingSpace(home, () => mkdirSync(home, { recursive: true, mode: 0o700 }))
  const config = resolve(home, CONFIG_NAME)
  const text = (keyFile: string) => `${JSON.stringify({ ...settings, keyFile }, undefined, 2)}\n`
  if (plan.keyFile !== undefined) {
    const keyFile = resolve(plan.keyFile)
    writeNew(config, text(keyFile))
    return { config, keyFile }
  }
  const key = plan.key ?? generatePrivateKey()
  const keyFile = resolve(home, KEY_NAME)
  writeNew(keyFile, passphrase === undefined ? `${key}\n` : encryptKey(key, passphrase))
  try {
    writeNew(config, text(keyFile))
  } catch (cause) {
    rmSync(keyFile, { force: true }) // nobody knows of it yet, and it would keep the next try from its home
    throw cause
  }
  return { config, keyFile, address: privateKeyToAccount(key).address }
}

/** Whole or not at all, and never over a file that somebody else has written meanwhile. */
function writeNew(path: string, text: string): void {
  const temporary = `${path}.new`
  try {
    writeAtomic(temporary, text, ONLY_OWNER)
    linkSync(temporary, path)
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST') throw alreadyThere(path)
    throw cause
  } finally {
    rmSync(temporary, { force: true })
  }
}

const alreadyThere = (path: string) =>
  fail.exists({
    what: 'the home is set up already, and nothing is overwritten',
    where: path,
    advice: 'choose another --home, or move the file away if nobody needs it',
  })
