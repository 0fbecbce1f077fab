import { isCancel, password } from '@clack/prompts'
import { readFileSync } from 'node:fs'
import { fail } from '../errors.ts'

export const PASSPHRASE_VARIABLE = 'LOCKSTEP_KEY_PASSPHRASE'

const NEEDED = 'LOCKSTEP_KEY_PASSPHRASE or --key-passphrase-file'

export interface PassphrasePlaces {
  readonly keyFile?: string | undefined
  readonly keyPassphraseFile?: string | undefined
}

/** What opens a key file: from --key-passphrase-file, else from the environment, else asked for on a terminal. */
export async function readPassphrase(
  places: PassphrasePlaces,
  env: Readonly<Record<string, string | undefined>>,
): Promise<string> {
  const given = givenPassphrase(places, env)
  if (given !== undefined) return given
  const where = places.keyFile ?? 'the key file'
  if (!isTerminal()) {
    throw fail.missingKey({
      what: 'the key file is encrypted and there is no passphrase',
      where,
      advice: `give ${NEEDED}`,
    })
  }
  return askPassphrase(`Passphrase of ${where}`)
}

/** The passphrase that a file or the environment has; undefined if neither was given. */
export function givenPassphrase(
  { keyPassphraseFile: path }: PassphrasePlaces,
  env: Readonly<Record<string, string | undefined>>,
): string | undefined {
  if (path === undefined) return env[PASSPHRASE_VARIABLE] || undefined
  try {
    // Editors end a file with a line break, which nobody means.
    return readFileSync(path, 'utf8').replace(/\r?\n$/, '')
  } catch (cause) {
    throw fail.missingKey(
      {
        what: `the passphrase cannot be read: ${(cause as Error).message}`,
        where: path,
        advice: 'check --key-passphrase-file',
      },
      { cause },
    )
  }
}

/** Whether somebody is there to be asked; standard output is left to results. */
export const isTerminal = (): boolean => process.stdin.isTTY && process.stderr.isTTY

async function askPassphrase(message: string): Promise<string> {
  const answer = await password({ message, output: process.stderr })
  if (!isCancel(answer)) return answer
  throw fail.stopped({
    what: 'nobody gave a passphrase',
    where: 'the prompt',
    advice: `or give ${NEEDED}`,
  })
}
