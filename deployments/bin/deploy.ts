// `npm run deploy -- <rpc url>`: deploys the protocol to a chain and records where it is. The key of the account that
// pays comes in LOCKSTEP_PRIVATE_KEY, the parameters from script/input/<chainId>.json.
import { deploy } from '../src/deploy.ts'
import { DeploymentError } from '../src/errors.ts'

const rpcUrl = process.argv.at(2)
const privateKey = process.env['LOCKSTEP_PRIVATE_KEY'] ?? ''

try {
  if (rpcUrl === undefined || !/^https?:\/\//.test(rpcUrl)) {
    const given = rpcUrl === undefined ? 'no address of an RPC' : JSON.stringify(rpcUrl)
    throw new DeploymentError(
      'badRpc',
      `${given} was given, http(s)://… is wanted: LOCKSTEP_PRIVATE_KEY=0x… npm run deploy -- <rpc url>`,
    )
  }
  if (!/^0x[0-9a-fA-F]{64}$/.test(privateKey)) {
    throw new DeploymentError(
      'badKey',
      `LOCKSTEP_PRIVATE_KEY is ${privateKey === '' ? 'not set' : 'no key'}: it wants 0x and 64 hexadecimal digits, of the account that pays`,
    )
  }
  const { chainId, build, contracts } = await deploy({
    rpcUrl,
    by: { privateKey: privateKey as `0x${string}` },
  })
  console.log(`chain ${chainId}, ${build} build`)
  for (const [name, address] of Object.entries(contracts)) console.log(`${address} ${name}`)
} catch (error) {
  if (!(error instanceof DeploymentError)) throw error
  console.error(error.message)
  process.exitCode = 1
}
