import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { LockstepError } from '../errors.ts'
import { parseCheat, requireDevnet } from './cheat.ts'
import { loadKey, publicKeyOf, readKey } from './key.ts'
import { decryptKey, encryptKey } from './keystore.ts'
import { type ConfigFile, configPlace, readConfigFile } from './config-file.ts'
import { loadSettings } from './load.ts'
import { nearest } from './nearest.ts'
import { variableOf } from './setting.ts'
import { settings, type SettingName } from './settings.ts'

const folder = mkdtempSync(join(tmpdir(), 'lockstep-config-'))
afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

function file(content: string): string {
  const path = join(folder, `${Math.random()}.json`)
  writeFileSync(path, content)
  return path
}

const read = (path: string): ConfigFile | undefined =>
  readConfigFile({ path, namedBy: '--config', exists: true })

function errorOf(task: () => unknown): LockstepError {
  try {
    task()
  } catch (error) {
    if (error instanceof LockstepError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

describe('settings', () => {
  const names = ['rpc', 'pollSeconds', 'peers', 'once', 'jobs'] as const
  const config = read(file('{"rpc": "http://file:1", "pollSeconds": 7, "jobs": [1, "2"]}'))

  test('come from flags, then the environment, then the file, then defaults', () => {
    const env = { LOCKSTEP_RPC: 'http://env:1', LOCKSTEP_PEER: 'http://a:1,http://b:2' }
    const values = loadSettings(names, { flags: { rpc: 'http://flag:1' }, env, file: config })
    expect(values).toEqual({
      rpc: 'http://flag:1',
      pollSeconds: 7,
      peers: ['http://a:1', 'http://b:2'],
      once: false,
      jobs: [1n, 2n],
    })
    expect(loadSettings(names, { flags: {}, env, file: config }).rpc).toBe('http://env:1')
    expect(loadSettings(names, { flags: {}, env: {}, file: config }).rpc).toBe('http://file:1')
    expect(loadSettings(names, { flags: {}, env: {} }).rpc).toBe('http://127.0.0.1:8545')
  })

  test.each([
    [{ rpc: 'ftp://x' }, {}, 'flag --rpc'],
    [{}, { LOCKSTEP_POLL_SECONDS: 'soon' }, 'LOCKSTEP_POLL_SECONDS'],
    [{}, { LOCKSTEP_ONCE: 'perhaps' }, 'LOCKSTEP_ONCE'],
    [{ jobs: '1,x' }, {}, 'flag --jobs'],
    [{ jobs: '-1' }, {}, 'flag --jobs'],
  ])('a wrong value names its source: %j %j', (flags, env, where) => {
    const error = errorOf(() => loadSettings(names, { flags, env }))
    expect(error).toMatchObject({ code: 'bad-setting', exit: 2 })
    expect(error.message).toContain(where)
    expect(error.message).not.toContain('\n')
  })

  test.each(Object.entries(settings))(
    'a wrong %s is said with flag, value and what is wanted, in words of ours',
    (name, { flag, wants }) => {
      const [option] = flag.split(' ')
      for (const wrong of [{ no: [] }, [[]], -1.5, '\u0000', 'a=', '=', 'x', '1,x']) {
        const from = { flags: { [name]: wrong }, env: {} }
        let message: string
        try {
          loadSettings([name as SettingName], from)
          continue // some of them are right
        } catch (error) {
          message = (error as LockstepError).message
        }
        const said = `${JSON.stringify(wrong)} is not a value for ${option} (flag ${flag})`
        expect(message).toContain(said)
        expect(message).toContain(`it wants ${wants}`)
        expect(message.replace(said, '')).not.toMatch(/invalid|expected|received|NaN|undefined/i)
      }
      expect(wants).not.toBe('')
    },
  )

  test('a missing one names its flag', () => {
    const error = errorOf(() => loadSettings(['reward'], { flags: {}, env: {} }))
    expect(error.message).toBe(
      '--reward is missing (flag --reward <$AI>): it wants an amount such as 1000 or 12.5',
    )
  })

  test('pairs without = say which', () => {
    const load = (flags: Record<string, string>) => () =>
      loadSettings(['inputFiles', 'dims'], { flags, env: {} })
    expect(errorOf(load({ inputFiles: 'a=b.bin,x' })).message).toBe(
      '"a=b.bin,x" is not a value for --input (flag --input <name=file,…>): "x" has no =; ' +
        'it wants names of inputs with files, such as x=x.safetensors',
    )
    expect(errorOf(load({ dims: '=3' })).message).toContain('"=3" has no name before its =')
    expect(load({ inputFiles: 'a=b=c.bin', dims: 'n=3' })()).toEqual({
      inputFiles: { 'a=b': 'c.bin' },
      dims: { n: 3 },
    })
  })

  test.each([
    ['', 'steps'],
    [' ', 'threads'],
    [null, 'steps'],
    [true, 'threads'],
    [[5], 'interval'],
    ['1e400', 'pollSeconds'],
  ])('%j is no number', (wrong, name) => {
    const from = { flags: { [name]: wrong }, env: {} }
    expect(errorOf(() => loadSettings([name as SettingName], from)).code).toBe('bad-setting')
  })

  test.each([
    ['commissionBps', '--commission-bps', 'src/staking/StakeVault.sol', 'MAX_COMMISSION_BPS'],
    ['workSeconds', '--work-seconds', 'src/jobs/JobRegistry.sol', 'MAX_SECONDS'],
    ['openSeconds', '--open-seconds', 'src/jobs/JobRegistry.sol', 'MAX_SECONDS'],
  ] as const)('%s ends where the contract ends it', (name, flag, contract, constant) => {
    const source = readFileSync(new URL(`../../../${contract}`, import.meta.url), 'utf8')
    const [, text, unit] =
      new RegExp(`constant ${constant} = ([\\d_]+)(| days);`).exec(source) ?? []
    const most = Number(text.replaceAll('_', '')) * (unit === '' ? 1 : 86_400)
    const load = (value: number) =>
      loadSettings([name], { flags: { [name]: String(value) }, env: {} })[name]
    expect(load(most)).toBe(most)
    const error = errorOf(() => load(most + 1))
    expect(error).toMatchObject({ code: 'bad-setting', exit: 2 })
    expect(error.message).toContain(`flag ${flag}`)
    expect(error.message).toContain(String(most))
  })

  test.each(['{', '[]', '"x"'])('a bad file is refused: %s', (content) => {
    expect(errorOf(() => read(file(content)))).toMatchObject({ code: 'bad-setting', exit: 2 })
  })

  test('an unknown name in a file is refused with the nearest that is known', () => {
    const error = errorOf(() => read(file('{"polSecond": 2}')))
    expect(error).toMatchObject({ code: 'bad-setting', exit: 2 })
    expect(error.message).toContain('did you mean "pollSeconds"?')
    expect(nearest('metricport', Object.keys(settings))).toBe('metricsPort')
  })

  test('a missing file is refused if it was named', () => {
    const path = join(folder, 'none.json')
    expect(errorOf(() => read(path)).message).toContain(path)
  })

  test('without a name it is the config.json of the home, if there is one', () => {
    const home = join(folder, 'home')
    const path = join(home, 'config.json')
    const none = configPlace({ home }, {})
    expect(none).toEqual({ path, namedBy: 'home', exists: false })
    expect(readConfigFile(none)).toBeUndefined()
    mkdirSync(home)
    writeFileSync(path, '{"rpc": "http://home:1"}')
    expect(readConfigFile(configPlace({ home }, {}))?.values).toEqual({ rpc: 'http://home:1' })
    expect(configPlace({}, { LOCKSTEP_HOME: home })).toMatchObject({ path, exists: true })
    expect(configPlace({ home }, { LOCKSTEP_CONFIG: 'x' })).toMatchObject({ path: 'x' })
    expect(configPlace({ config: 'y' }, { LOCKSTEP_CONFIG: 'x' })).toMatchObject({ path: 'y' })
    writeFileSync(path, '{"home": "elsewhere"}')
    expect(errorOf(() => readConfigFile(configPlace({ home }, {}))).code).toBe('bad-setting')
  })

  test('variables are named after flags', () => {
    expect(variableOf('--poll-seconds <seconds>')).toBe('LOCKSTEP_POLL_SECONDS')
  })
})

describe('keys', () => {
  const key = `0x${'11'.repeat(32)}` as const
  const address = '0x19E7E376E7C213B7E7e7e46cc70A5dD086DAff2A'
  const env = { LOCKSTEP_PRIVATE_KEY: key }

  test('come from the environment or a file, which goes first', async () => {
    expect((await loadKey({}, env, 1)).address).toBe(address)
    const keyFile = file(`${'22'.repeat(32)}\n`)
    const other = await loadKey({ keyFile }, env, 1)
    expect(other.address).toBe('0x1563915e194D8CfBA1943570603F7606A3115508')
  })

  test.each([
    [{}, {}],
    [{}, { LOCKSTEP_PRIVATE_KEY: ' ' }],
    [{}, { LOCKSTEP_PRIVATE_KEY: '0x1234' }],
    [{}, { LOCKSTEP_PRIVATE_KEY: `0x${'00'.repeat(32)}` }],
    [{ keyFile: join(folder, 'nowhere') }, {}],
  ])('a missing or malformed one is refused: %j %j', async (places, variables) => {
    const expected = { code: 'missing-key', exit: 2 }
    await expect(loadKey(places, variables, 1)).rejects.toMatchObject(expected)
  })

  test('the message does not repeat a key with a typing error', async () => {
    const typo = loadKey({}, { LOCKSTEP_PRIVATE_KEY: key.slice(0, -1) }, 1)
    await expect(typo).rejects.toThrow(/^((?!1111).)*$/)
  })

  test('public keys are for devnets only', async () => {
    for (const index of [0, 1, 19]) {
      const known = { LOCKSTEP_PRIVATE_KEY: publicKeyOf(index) }
      const expected = { code: 'unsafe-key', exit: 2 }
      await expect(loadKey({}, known, 8453)).rejects.toMatchObject(expected)
      expect((await loadKey({}, known, 31337)).address).toMatch(/^0x/)
    }
  })

  test('are opened out of keystores by a passphrase of a file or of the environment', async () => {
    const text = encryptKey(key, 'correct horse')
    expect(text).not.toContain('1111')
    const keyFile = file(text)
    const keyPassphraseFile = file('correct horse\n')
    expect((await readKey({ keyFile, keyPassphraseFile }, {})).address).toBe(address)
    const passphrase = { LOCKSTEP_KEY_PASSPHRASE: 'wrong' }
    await expect(readKey({ keyFile }, passphrase)).rejects.toThrow('does not open')
    await expect(readKey({ keyFile }, {})).rejects.toThrow('LOCKSTEP_KEY_PASSPHRASE')
    const damaged = file(text.replace('"version": 3', '"version": 2'))
    await expect(readKey({ keyFile: damaged, keyPassphraseFile }, {})).rejects.toThrow('version 3')
  })

  test('of others’ keystores are opened: the test vector of Web3 secret storage', () => {
    const keystore = {
      crypto: {
        cipher: 'aes-128-ctr',
        cipherparams: { iv: '83dbcc02d8ccb40e466191a123791e0e' },
        ciphertext: 'd172bf743a674da9cdad04534d56926ef8358534d458fffccd4e6ad2fbde479c',
        kdf: 'scrypt',
        kdfparams: {
          dklen: 32,
          n: 262144,
          r: 1,
          p: 8,
          salt: 'ab0c7876052600dd703518d6fc3fe8984592145b591fc8fb5c6d43190334ba19',
        },
        mac: '2103ac29920d71da29f15d75b4a16dbe95cfd7ff8faea1056c33131d846e3097',
      },
      id: '3198bc9c-6672-5ab3-d995-4942343ae5b6',
      version: 3,
    }
    expect(decryptKey(JSON.stringify(keystore), 'testpassword', 'vector')).toBe(
      '0x7a28b5ba57c53603b0b07b56bba752f7784bf506fa95edc395f5cf6c7514fe9d',
    )
  })
})

describe('lies', () => {
  test('are written as step, node, element and bit', () => {
    expect(parseCheat('step=3,node=5,element=0,bit=31')).toEqual({
      step: 3,
      node: 5,
      element: 0,
      bit: 31,
    })
  })

  test.each([
    '',
    'step=3',
    'step=3,node=5,element=0,bit=32',
    'step=3,node=5,element=0,bit=1,bit=2',
    'step=-1,node=5,element=0,bit=1',
    'step=3,node=5,element=0,bits=1',
    'step=3,node=5,element=0,bit=1,x=1',
  ])('are refused in any other form: %s', (text) => {
    expect(errorOf(() => parseCheat(text))).toMatchObject({ code: 'bad-setting' })
  })

  test('are refused off devnets', () => {
    expect(() => {
      requireDevnet(31337, '--cheat')
    }).not.toThrow()
    expect(
      errorOf(() => {
        requireDevnet(8453, '--cheat')
      }),
    ).toMatchObject({
      code: 'refused',
      exit: 2,
    })
  })
})
