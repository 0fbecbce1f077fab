import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { connectRpc } from '../rpc.ts'
import { startAnvil } from './anvil.ts'

async function isGone(url: string): Promise<boolean> {
  for (let i = 0; i < 100; ++i) {
    try {
      await connectRpc(url).call('eth_chainId')
    } catch {
      return true
    }
    await sleep(100)
  }
  return false
}

test('listens until it is stopped', async () => {
  const anvil = await startAnvil(['--chain-id', '4321'])
  expect(await anvil.rpc.call('eth_chainId')).toBe('0x10e1')
  await anvil.stop()
  expect(await isGone(anvil.rpc.url)).toBe(true)
})

test('two chains do not get in each other’s way', async () => {
  const [a, b] = await Promise.all([startAnvil([]), startAnvil([])])
  expect(a.rpc.url).not.toBe(b.rpc.url)
  await Promise.all([a.stop(), b.stop()])
})

/** A program in a process group of its own that starts a chain, does as it says, and prints the chain's address. */
async function startProgram(does: string) {
  const module = new URL('./anvil.ts', import.meta.url).href
  const code = `
    const { startAnvil } = await import(${JSON.stringify(module)})
    const { rpc } = await startAnvil([])
    setInterval(() => {}, 1000)
    ${does}
    console.log(rpc.url)`
  const args = ['--import', 'tsx', '--input-type=module', '-e', code]
  const program = spawn(process.execPath, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  })
  const said = async () => ((await once(program.stdout, 'data')) as [Buffer])[0].toString().trim()
  return { pid: program.pid!, url: await said(), said }
}

test.each([
  ['a process that is killed', 1],
  ['a process group that is killed', -1],
])('ends with %s', async (_, sign) => {
  const { pid, url } = await startProgram('')
  expect(await connectRpc(url).call('eth_chainId')).toBe('0x7a69')
  process.kill(sign * pid, 'SIGKILL')
  expect(await isGone(url)).toBe(true)
})

test('goes on after a Ctrl-C until the process has ended', async () => {
  const { pid, url, said } = await startProgram(`
    process.once('SIGINT', () => {
      const last = async () => console.log(await rpc.call('eth_chainId').catch(() => 'gone'))
      setTimeout(() => last().then(process.exit), 1000)
    })`)
  const answer = said()
  process.kill(-pid, 'SIGINT')
  expect(await answer).toBe('0x7a69')
  expect(await isGone(url)).toBe(true)
})

test('says why it does not start', async () => {
  const anvil = await startAnvil([])
  const port = Number(new URL(anvil.rpc.url).port)
  await expect(startAnvil([], port)).rejects.toMatchObject({
    code: 'anvilFailed',
    message: expect.stringContaining('anvil did not start') as string,
  })
  await anvil.stop()
})
