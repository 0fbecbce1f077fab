import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { privateKeyToAddress } from 'viem/accounts'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { decryptKey } from '../config/keystore.ts'
import { PseudoTerminal } from '../testing/pseudo-terminal.ts'

const ENTER = '\r'
const DOWN = '\u001b[B'
const CTRL_C = '\u0003'
/** Takes back what stands there. */
const CLEAR = '\b'.repeat(40)
const PASSPHRASE = 'correct horse battery'

let folder: string
let home: string
let terminal: PseudoTerminal | undefined

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lockstep-init-'))
  home = join(folder, 'keeper')
})
afterEach(() => {
  terminal?.stop()
  rmSync(folder, { recursive: true, force: true })
})

/** `lockstep init` as somebody types it. */
function init(args: readonly string[] = [], columns?: number): PseudoTerminal {
  const strange = Object.keys(process.env).filter((name) => name.startsWith('LOCKSTEP_'))
  const clean = Object.fromEntries(strange.map((name) => [name, '']))
  terminal = new PseudoTerminal(['init', ...args], clean, columns)
  return terminal
}

/** The questions in their order, each with an answer. */
const ANSWERS: readonly (readonly [question: string, keys: string])[] = [
  ['What is it to do?', `${DOWN}${ENTER}`],
  ['Its home', ENTER],
  ['JSON-RPC endpoint', ENTER],
  ['Passphrase for the new key file', `${PASSPHRASE}${ENTER}`],
  ['The same again', `${PASSPHRASE}${ENTER}`],
]

describe('lockstep init on a terminal', () => {
  test('asks, and writes what was answered', async () => {
    const { shown, status } = await answerAll()
    expect(status).toBe(0)
    const config = JSON.parse(readFileSync(join(home, 'config.json'), 'utf8')) as object
    const keyFile = join(home, 'key.json')
    expect(config).toEqual({ role: 'challenger', rpc: 'http://127.0.0.1:9', keyFile })
    const key = decryptKey(readFileSync(keyFile, 'utf8'), PASSPHRASE, keyFile)
    expect(shown).toContain(`account ${privateKeyToAddress(key)}: send it ether for gas`)
    expect(shown).toContain(`npx lockstep challenger --home ${home}`)
    expect(shown).not.toContain(PASSPHRASE)
    for (const path of [join(home, 'config.json'), keyFile])
      expect(statSync(path).mode & 0o777).toBe(0o600)
  })

  test('asks in whole lines where the terminal does not know its width', async () => {
    const asked = init([], 0)
    await asked.answer('What is it to do?', CTRL_C)
    expect(await asked.ended).not.toBe(0)
  })

  test('asks again for what cannot be', async () => {
    const asked = init()
    await asked.answer('What is it to do?', ENTER)
    await asked.answer('Its home', `${CLEAR}${home}${ENTER}`)
    await asked.answer('JSON-RPC endpoint', `${CLEAR}localhost${ENTER}`)
    await asked.answer('It wants', `${CLEAR}https://rpc.example${ENTER}`)
    await asked.answer('Port on which', `x${ENTER}`)
    await asked.answer('It wants a port', `\b${ENTER}`)
    await asked.answer('Passphrase for', `short${ENTER}`)
    await asked.answer('It wants 8 characters', `er than that${ENTER}`)
    await asked.answer('The same again', `another${ENTER}`)
    await asked.answer('They differ', `${CLEAR}shorter than that${ENTER}`)
    expect(await asked.ended).toBe(0)
    expect(JSON.parse(readFileSync(join(home, 'config.json'), 'utf8'))).toMatchObject({
      ...{ role: 'solver', rpc: 'https://rpc.example', servePort: 9000 },
    })
  })

  test.each([0, 3, 4].map((i) => [ANSWERS[i][0], i] as const))(
    'Ctrl-C at "%s" writes nothing',
    async (question, i) => {
      const { shown, status } = await answerAll(i)
      expect(status).toBe(6)
      expect(shown).toContain('[stopped]')
      expect(shown).toContain('Nothing was written')
      expect(existsSync(home)).toBe(false)
    },
  )
})

test('lockstep init --yes tells nobody the key in its endpoint', async () => {
  const rpc = 'https://rpc.example/v2/secret'
  const made = init(['--yes', '--unencrypted', '--home', home, '--rpc', rpc])
  expect(await made.ended).toBe(0)
  expect(made.shown).toContain('on https://rpc.example/…')
  expect(made.shown).not.toContain('secret')
  expect(JSON.parse(readFileSync(join(home, 'config.json'), 'utf8'))).toMatchObject({ rpc })
})

/** Answers all questions, or stops at one of them. */
async function answerAll(stopAt = Infinity): Promise<{ shown: string; status: number | null }> {
  const asked = init(['--home', home, '--rpc', 'http://127.0.0.1:9'])
  for (const [i, [question, keys]] of ANSWERS.entries()) {
    await asked.answer(question, i === stopAt ? CTRL_C : keys)
    if (i === stopAt) break
  }
  const status = await asked.ended
  return { shown: asked.shown, status }
}
