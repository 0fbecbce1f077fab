import { cancel, intro, isCancel, note, outro, password, select, text } from '@clack/prompts'
import type { Readable, Writable } from 'node:stream'
import { url } from '../config/kinds.ts'
import { KEEPER_ROLES } from '../config/setup-settings.ts'
import type { Values } from '../config/settings.ts'
import { fail } from '../errors.ts'
import { checkNewHome } from './write-home.ts'

/** Where questions are put and answered; results have standard output for themselves. */
export interface Terminal {
  readonly input?: Readable
  readonly output: Writable
}

export const LEAST_PASSPHRASE = 8

type Asked = Values<'role' | 'home' | 'rpc' | 'servePort'>

const ABOUT: Readonly<Record<(typeof KEEPER_ROLES)[number], string>> = {
  solver: 'takes jobs, runs them and is paid',
  challenger: 'runs claims again and disputes wrong ones',
  defender: 'answers for the right claims of others',
  evaluator: 'moves contests on',
  attest: 'serves and attests entries of contests',
  'market-maker': 'trades on markets',
  'market-keeper': 'settles markets and redeems',
}
// They share what they compute: others have to reach it.
const SERVING: readonly string[] = ['solver', 'defender', 'evaluator', 'attest']

/** Asks for what a keeper needs to know, with what is given as the answers that Enter takes. */
export async function askForHome(given: Asked, terminal: Terminal): Promise<Asked> {
  intro('Set up a keeper', terminal)
  const role = await answered(
    select({
      message: 'What is it to do?',
      options: KEEPER_ROLES.map((value) => ({ value, label: value, hint: ABOUT[value] })),
      initialValue: given.role,
      ...terminal,
    }),
    terminal,
  )
  const home = await answered(
    text({
      message: 'Its home: journal, work, configuration and key',
      initialValue: given.home,
      validate: (path = '') =>
        problemOf(() => {
          checkNewHome(path)
        }),
      ...terminal,
    }),
    terminal,
  )
  const rpc = await answered(
    text({
      message: 'JSON-RPC endpoint of its chain',
      initialValue: given.rpc,
      validate: (answer) =>
        url.schema.safeParse(answer).success ? undefined : `It wants ${url.wants}.`,
      ...terminal,
    }),
    terminal,
  )
  const port = SERVING.includes(role) ? await askPort(given.servePort, terminal) : undefined
  return { role, home, rpc, servePort: port }
}

async function askPort(given: number | undefined, terminal: Terminal): Promise<number> {
  const answer = await answered(
    text({
      message: 'Port on which it shares artifacts over HTTP',
      initialValue: String(given ?? 9000),
      validate: (port = '') =>
        /^\d{1,5}$/.test(port) && Number(port) <= 65_535
          ? undefined
          : 'It wants a port, 0 to 65535.',
      ...terminal,
    }),
    terminal,
  )
  return Number(answer)
}

/** A new passphrase, twice. */
export async function askNewPassphrase(terminal: Terminal): Promise<string> {
  note('The key is kept encrypted. Whoever loses the passphrase loses the key.', 'Key', terminal)
  const ask = (message: string, validate: (text?: string) => string | undefined) =>
    answered(password({ message, validate, ...terminal }), terminal)
  const first = await ask('Passphrase for the new key file', (text = '') => tooShort(text))
  await ask('The same again', (text) => (text === first ? undefined : 'They differ.'))
  return first
}

export const tooShort = (passphrase: string): string | undefined =>
  passphrase.length >= LEAST_PASSPHRASE
    ? undefined
    : `It wants ${LEAST_PASSPHRASE} characters at least.`

export function endAsking(terminal: Terminal): void {
  outro('Written.', terminal)
}

async function answered<T>(prompt: Promise<T>, terminal: Terminal): Promise<Exclude<T, symbol>> {
  const answer = await prompt
  if (!isCancel(answer)) return answer as Exclude<T, symbol>
  cancel('Nothing was written.', terminal)
  throw fail.stopped({
    what: 'the questions were not answered',
    where: 'lockstep init',
    advice: 'nothing was written; --yes asks nothing',
  })
}

function problemOf(check: () => void): string | undefined {
  try {
    check()
    return undefined
  } catch (error) {
    return (error as Error).message
  }
}
