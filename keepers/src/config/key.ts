import { readFileSync } from 'node:fs'
import { mnemonicToAccount, privateKeyToAccount, type PrivateKeyAccount } from 'viem/accounts'
import { toHex } from 'viem'
import { fail } from '../errors.ts'
import { isDevnet } from './devnet.ts'
import { decryptKey, isKeystore } from './keystore.ts'
import { readPassphrase } from './passphrase.ts'

export const KEY_VARIABLE = 'LOCKSTEP_PRIVATE_KEY'
// The mnemonic that every development chain prefunds; whoever holds ether there loses it to bots.
const PUBLIC_MNEMONIC = 'test test test test test test test test test test test junk'
const PUBLIC_ACCOUNTS = 20

/** Where a key and what opens it are, beside the environment. */
export interface KeyPlaces {
  readonly keyFile?: string | undefined
  readonly keyPassphraseFile?: string | undefined
}

type Environment = Readonly<Record<string, string | undefined>>

/**
 * The account that signs: from --key-file, else from LOCKSTEP_PRIVATE_KEY; never from a flag, where every
 * user of the machine could read it. The publicly known development keys are refused off devnets.
 */
export async function loadKey(
  places: KeyPlaces,
  env: Environment,
  chainId: number,
): Promise<PrivateKeyAccount> {
  const account = await readKey(places, env)
  checkKey(account, places, chainId)
  return account
}

/** Refuses a key that everybody knows on a chain where it matters. */
export function checkKey(
  { address }: { address: string },
  places: KeyPlaces,
  chainId: number,
): void {
  if (isDevnet(chainId) || !isPublicAccount(address)) return
  throw fail.unsafeKey({
    what: `the key of ${address} is publicly known`,
    where: placeOfKey(places),
    advice: `chain ${chainId} is not a devnet: use a key of your own`,
  })
}

/** The same where an account is not needed: undefined if no key is given. */
export async function loadKeyIfGiven(
  places: KeyPlaces,
  env: Environment,
  chainId: number,
): Promise<PrivateKeyAccount | undefined> {
  return isKeyGiven(places, env) ? loadKey(places, env, chainId) : undefined
}

export const isKeyGiven = ({ keyFile }: KeyPlaces, env: Environment): boolean =>
  keyFile !== undefined || (env[KEY_VARIABLE] ?? '').trim() !== ''

const placeOfKey = ({ keyFile }: KeyPlaces): string =>
  keyFile ?? `environment variable ${KEY_VARIABLE}`

/** The same before the chain is known: whether there is a key. */
export async function readKey(places: KeyPlaces, env: Environment): Promise<PrivateKeyAccount> {
  const where = placeOfKey(places)
  const { keyFile } = places
  const text = keyFile === undefined ? env[KEY_VARIABLE] : readKeyFile(keyFile)
  if (text === undefined || text.trim() === '') {
    throw fail.missingKey({
      what: 'no private key',
      where,
      advice: `set ${KEY_VARIABLE} or give --key-file; lockstep init makes a key`,
    })
  }
  if (!isKeystore(text)) return toAccount(parseHex(text, where), where)
  return toAccount(decryptKey(text, await readPassphrase(places, env), where), where)
}

/** The key of the environment itself, for those who keep it elsewhere. */
export function readHexKey(env: Environment): `0x${string}` {
  const where = placeOfKey({})
  const key = parseHex(env[KEY_VARIABLE] ?? '', where)
  toAccount(key, where)
  return key
}

function parseHex(text: string, where: string): `0x${string}` {
  const hex = text.trim().replace(/^(?!0x)/, '0x')
  if (!/^0x[0-9a-fA-F]{64}$/.test(hex)) {
    // The text itself stays out of the message: it may be a key with a typing error.
    throw fail.missingKey({
      what: `not a private key: ${text.trim().length} characters`,
      where,
      advice:
        'it must be 64 hex digits, with or without 0x, or an encrypted keystore (lockstep init)',
    })
  }
  return hex as `0x${string}`
}

function toAccount(hex: `0x${string}`, where: string): PrivateKeyAccount {
  try {
    return privateKeyToAccount(hex)
  } catch (cause) {
    throw fail.missingKey(
      {
        what: 'not a private key of secp256k1',
        where,
        advice: 'it must be above zero and below the order',
      },
      { cause },
    )
  }
}

function readKeyFile(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    throw fail.missingKey(
      {
        what: `the key file cannot be read: ${(cause as Error).message}`,
        where: path,
        advice: 'check --key-file',
      },
      { cause },
    )
  }
}

/** Private key of a public development account, for devnets only. */
export function publicKeyOf(index: number): `0x${string}` {
  const key = mnemonicToAccount(PUBLIC_MNEMONIC, { addressIndex: index }).getHdKey().privateKey
  return toHex(key!)
}

let known: ReadonlySet<string> | undefined

/** Whether everybody has the key of this account. */
export function isPublicAccount(address: string): boolean {
  known ??= new Set(
    Array.from(
      { length: PUBLIC_ACCOUNTS },
      (_, addressIndex) => mnemonicToAccount(PUBLIC_MNEMONIC, { addressIndex }).address,
    ),
  )
  return known.has(address)
}
