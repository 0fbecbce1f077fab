import { expect, test } from 'vitest'
import { startAnvil } from './devnet/anvil.ts'
import { DeploymentError } from './errors.ts'
import { probeChain } from './probe.ts'
import { connectRpc } from './rpc.ts'

test.each([
  [['--hardfork', 'osaka'], 'opcode'],
  [['--optimism'], 'portable'],
  [['--hardfork', 'cancun'], 'portable'],
])('anvil %s runs the %s build', async (args, build) => {
  const anvil = await startAnvil(args)
  expect(await probeChain(anvil.rpc)).toEqual({ chainId: 31337, build })
  await anvil.stop()
})

test('a chain without Cancun’s opcodes is unfit', async () => {
  const anvil = await startAnvil(['--hardfork', 'shanghai'])
  await expect(probeChain(anvil.rpc)).rejects.toMatchObject({
    code: 'unfitChain',
    message: expect.stringContaining('TSTORE') as string,
  })
  await anvil.stop()
})

test('a chain without the CREATE2 deployer is unfit', async () => {
  const anvil = await startAnvil([])
  await anvil.rpc.call('anvil_setCode', '0x4e59b44847b379578588920cA78FbF26c0B4956C', '0x')
  await expect(probeChain(anvil.rpc)).rejects.toMatchObject({
    code: 'unfitChain',
    message: expect.stringContaining('0x4e59b44847b379578588920cA78FbF26c0B4956C') as string,
  })
  await anvil.stop()
})

test('an endpoint that does not answer is no chain', async () => {
  await expect(probeChain(connectRpc('http://127.0.0.1:9'))).rejects.toThrow(DeploymentError)
})
