import { withoutSecrets } from '@lockstep/deployments'
import type { Command } from 'commander'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { isKeyGiven, KEY_VARIABLE, readHexKey, readKey } from '../config/key.ts'
import { isKeystore } from '../config/keystore.ts'
import { givenPassphrase, isTerminal, PASSPHRASE_VARIABLE } from '../config/passphrase.ts'
import type { SettingName, Values } from '../config/settings.ts'
import { fail } from '../errors.ts'
import {
  askForHome,
  askNewPassphrase,
  endAsking,
  LEAST_PASSPHRASE,
  type Terminal,
  tooShort,
} from '../setup/ask.ts'
import { checkNewHome, writeHome } from '../setup/write-home.ts'
import { addCommand, type Context, type Done, type Result } from './command.ts'

/** What may go into the configuration, where it is given. */
const KEPT = [
  'rpc',
  'witnessRpc',
  'deployment',
  'maxFeeGwei',
  'confirmations',
  'peers',
  'backend',
  'threads',
  'servePort',
  'serveHost',
  'metricsPort',
  'logLevel',
  'indexer',
] as const satisfies SettingName[]
const SETTINGS = [
  'role',
  'yes',
  'unencrypted',
  ...KEPT,
  'home',
  'keyFile',
  'keyPassphraseFile',
] as const satisfies SettingName[]
type Given = Values<(typeof SETTINGS)[number]>

/** `lockstep init`: writes the configuration and the key of a new keeper. */
export function addInit(parent: Command, done: Done, signal: AbortSignal): void {
  addCommand(
    parent,
    {
      name: 'init',
      description:
        'set up the home of a keeper: its configuration and an encrypted key; asks on a terminal, with --yes nothing',
      settings: SETTINGS,
      examples: [
        'lockstep init   # asks',
        'lockstep init --yes --home keeper --role solver --rpc https://rpc.example --serve-port 9000 --key-passphrase-file passphrase',
        'lockstep init --yes --home keeper --key-file key.json   # with a key that is there',
      ],
      run: (values, context) => init(values, context, { output: process.stderr }),
    },
    done,
    signal,
  )
}

async function init(
  values: Given,
  { given }: Context<(typeof SETTINGS)[number]>,
  terminal: Terminal,
): Promise<Result> {
  const asks = !values.yes
  if (asks && !isTerminal()) {
    throw fail.badSetting({
      what: 'nobody is there to be asked: this is no terminal',
      where: 'lockstep init',
      advice: 'give --yes, and flags for what is not as usual',
    })
  }
  // Before the first question.
  if (given.has('home') || !asks) checkNewHome(values.home)
  const chosen = asks ? { ...values, ...(await askForHome(values, terminal)) } : values
  const source = await keySource(chosen, asks, terminal)
  const settings = {
    role: chosen.role,
    ...Object.fromEntries(
      KEPT.filter((name) => given.has(name) || name === 'rpc')
        .map((name) => [name, chosen[name]] as const)
        .filter(([, value]) => value !== undefined),
    ),
    ...(chosen.servePort === undefined ? {} : { servePort: chosen.servePort }),
    ...(chosen.deployment === undefined ? {} : { deployment: resolve(chosen.deployment) }),
    ...(chosen.keyPassphraseFile === undefined || chosen.unencrypted
      ? {}
      : { keyPassphraseFile: resolve(chosen.keyPassphraseFile) }),
  }
  const written = writeHome({ home: chosen.home, settings, ...source })
  if (asks) endAsking(terminal)
  const address = written.address ?? source.address
  const needsPassphrase = source.passphrase !== undefined || source.isEncrypted === true
  const next = nextCommands(chosen, needsPassphrase)
  const { config, keyFile } = written
  return {
    json: { home: resolve(chosen.home), role: chosen.role, config, keyFile, address, next },
    lines: [
      `${config}: settings of a ${chosen.role}, on ${withoutSecrets(chosen.rpc)}`,
      `${keyFile}: ${describeKey(source)}`,
      `account ${address}: send it ether for gas${chosen.role === 'solver' ? ', and $AI to stake' : ''}`,
      '',
      'next:',
      ...next.map((line) => `  ${line}`),
    ],
  }
}

interface KeySource {
  readonly keyFile?: string
  readonly key?: `0x${string}`
  readonly passphrase?: string
  readonly address?: string
  readonly isEncrypted?: boolean
}

/** The key that the keeper gets: a file that is there, the one of the environment, or a new one. */
async function keySource(values: Given, asks: boolean, terminal: Terminal): Promise<KeySource> {
  const { keyFile, unencrypted } = values
  if (keyFile !== undefined) {
    const { address } = await readKey(values, process.env)
    const isEncrypted = isKeystore(readFileSync(keyFile, 'utf8'))
    return { keyFile, address, isEncrypted }
  }
  const key = isKeyGiven({}, process.env) ? readHexKey(process.env) : undefined
  const of = key === undefined ? {} : { key }
  if (unencrypted) return of
  const given = givenPassphrase(values, process.env)
  if (given === undefined && !asks) {
    throw fail.missingKey({
      what: 'there is no passphrase to encrypt the key with',
      where: 'lockstep init --yes',
      advice: `give --key-passphrase-file or ${PASSPHRASE_VARIABLE}; --unencrypted writes it as it is`,
    })
  }
  const passphrase = given ?? (await askNewPassphrase(terminal))
  const problem = tooShort(passphrase)
  if (problem === undefined) return { ...of, passphrase }
  throw fail.badSetting({
    what: `the passphrase has ${passphrase.length} characters`,
    where: `--key-passphrase-file or ${PASSPHRASE_VARIABLE}`,
    advice: `it wants ${LEAST_PASSPHRASE} at least`,
  })
}

function describeKey({ keyFile, key, passphrase }: KeySource): string {
  if (keyFile !== undefined) return 'the key, where it was'
  const which = key === undefined ? 'a new key' : `the key of ${KEY_VARIABLE}`
  return passphrase === undefined ? `${which}, not encrypted` : `${which}, encrypted`
}

/** What a person types next, in this order. */
function nextCommands(
  { home, role, keyPassphraseFile }: Given,
  needsPassphrase: boolean,
): string[] {
  const command = (words: string) => `npx lockstep ${words} --home ${quoted(home)}`
  const needed = { 'market-maker': ' --beliefs beliefs.json --max-loss 100' } as const
  const flags = role in needed ? needed[role as keyof typeof needed] : ''
  return [
    ...(needsPassphrase && keyPassphraseFile === undefined
      ? [`export ${PASSPHRASE_VARIABLE}=…   # or be asked for it by every command`]
      : []),
    command('doctor'),
    ...(role === 'solver' ? [command('stake --amount 20000')] : []),
    command(`${role}${flags}`),
  ]
}

const quoted = (path: string): string =>
  /^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`
