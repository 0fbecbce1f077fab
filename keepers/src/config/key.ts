import { readFileSync } from 'node:fs'
import { mnemonicToAccount, privateKeyToAccount, type PrivateKeyAccount } from 'viem/accounts'
import { toHex } from 'viem'
import { fail } from '../errors.ts'
import { isDevnet } from './devnet.ts'

export const KEY_VARIABLE = 'LOCKSTEP_PRIVATE_KEY'
export const PASSPHRASE_VARIABLE = 'LOCKSTEP_KEY_PASSPHRASE'
// The mnemonic that every development chain prefunds; whoever holds ether there loses it to bots.
const PUBLIC_MNEMONIC = 'test test test test test test test test test test test junk'
const PUBLIC_ACCOUNTS = 20

/**
 * The account that signs: from --key-file, else from LOCKSTEP_PRIVATE_KEY; never from a flag, where every
 * user of the machine could read it. The publicly known development keys are refused off devnets.
 */
export function loadKey(
  keyFile: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
  chainId: number,
): PrivateKeyAccount {
  const account = readKey(keyFile, env)
  if (!isDevnet(chainId) && publicAccounts().has(account.address)) {
    throw fail.unsafeKey({
      what: `the key of ${account.address} is publicly known`,
      where: placeOfKey(keyFile),
      advice: `chain ${chainId} is not a devnet: use a key of your own`,
    })
  }
  return account
}

/** The same where an account is not needed: undefined if no key is given. */
export function loadKeyIfGiven(
  keyFile: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
  chainId: number,
): PrivateKeyAccount | undefined {
  const isGiven = keyFile !== undefined || (env[KEY_VARIABLE] ?? '').trim() !== ''
  return isGiven ? loadKey(keyFile, env, chainId) : undefined
}

const placeOfKey = (keyFile: string | undefined): string =>
  keyFile ?? `environment variable ${KEY_VARIABLE}`

/** The same before the chain is known: whether there is a key. */
export function readKey(
  keyFile: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
): PrivateKeyAccount {
  const where = placeOfKey(keyFile)
  const text = keyFile === undefined ? env[KEY_VARIABLE] : readKeyFile(keyFile)
  if (text === undefined || text.trim() === '') {
    throw fail.missingKey({
      what: 'no private key',
      where,
      advice: `set ${KEY_VARIABLE} or give --key-file`,
    })
  }
  const hex = text.trim().replace(/^(?!0x)/, '0x')
  if (!/^0x[0-9a-fA-F]{64}$/.test(hex)) {
    // The text itself stays out of the message: it may be a key with a typing error.
    throw fail.missingKey({
      what: `not a private key: ${text.trim().length} characters`,
      where,
      advice: 'it must be 64 hex digits, with or without 0x',
    })
  }
  return toAccount(hex as `0x${string}`, where)
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

function publicAccounts(): ReadonlySet<string> {
  known ??= new Set(
    Array.from(
      { length: PUBLIC_ACCOUNTS },
      (_, addressIndex) => mnemonicToAccount(PUBLIC_MNEMONIC, { addressIndex }).address,
    ),
  )
  return known
}
