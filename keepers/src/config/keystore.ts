import { Keystore } from 'ox'
import { z } from 'zod'
import { fail } from '../errors.ts'

// What geth takes: a guess costs a second and 256 MiB.
const COST = { n: 2 ** 18, r: 8, p: 1 }

const hex = z.string().regex(/^([0-9a-f]{2})+$/i)
const whole = z.number().int().min(1)
const schema = z.object({
  version: z.literal(3),
  crypto: z.intersection(
    z.object({
      cipher: z.literal('aes-128-ctr'),
      ciphertext: hex,
      cipherparams: z.object({ iv: hex }),
      mac: hex,
    }),
    z.discriminatedUnion('kdf', [
      z.object({
        kdf: z.literal('scrypt'),
        kdfparams: z.object({ dklen: z.literal(32), n: whole, r: whole, p: whole, salt: hex }),
      }),
      z.object({
        kdf: z.literal('pbkdf2'),
        kdfparams: z.object({
          dklen: z.literal(32),
          c: whole,
          prf: z.literal('hmac-sha256'),
          salt: hex,
        }),
      }),
    ]),
  ),
})

/** Whether a key file is a keystore rather than a key: a keystore is JSON. */
export const isKeystore = (text: string): boolean => text.trimStart().startsWith('{')

/** A private key as the text of a Web3 secret storage file, version 3: scrypt, AES-128-CTR, keccak256. */
export function encryptKey(key: `0x${string}`, passphrase: string): string {
  const iv = crypto.getRandomValues(new Uint8Array(16))
  const [derived, options] = Keystore.scrypt({ password: passphrase, iv, ...COST })
  return `${JSON.stringify(Keystore.encrypt(key, derived, options), undefined, 2)}\n`
}

/** The private key in a keystore; `where` names it in errors. */
export function decryptKey(text: string, passphrase: string, where: string): `0x${string}` {
  const keystore = parse(text, where)
  try {
    return Keystore.decrypt(keystore, Keystore.toKey(keystore, { password: passphrase }))
  } catch (cause) {
    const isPassphrase = (cause as Error).message === 'corrupt keystore'
    throw fail.missingKey(
      {
        what: isPassphrase
          ? 'the passphrase does not open the key file'
          : `the key file cannot be opened: ${(cause as Error).message}`,
        where,
        advice: 'check the passphrase; if it is right the file is damaged',
      },
      { cause },
    )
  }
}

function parse(text: string, where: string): Keystore.Keystore {
  try {
    return schema.parse(JSON.parse(text)) as Keystore.Keystore
  } catch (cause) {
    throw fail.missingKey(
      {
        what: 'not a keystore of version 3 with aes-128-ctr and scrypt or pbkdf2',
        where,
        advice: 'lockstep init writes one',
      },
      { cause },
    )
  }
}
