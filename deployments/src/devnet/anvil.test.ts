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

test('ends with a process that is killed', async () => {
  const module = new URL('./anvil.ts', import.meta.url).href
  const code = `
    const { startAnvil } = await import(${JSON.stringify(module)})
    console.log((await startAnvil([])).rpc.url)
    setInterval(() => {}, 1000)`
  const parent = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', code], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [line] = (await once(parent.stdout, 'data')) as [Buffer]
  const url = line.toString().trim()
  expect(await connectRpc(url).call('eth_chainId')).toBe('0x7a69')
  parent.kill('SIGKILL')
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
