// `npm run bench [-- --only PART --quick --json]`: installs what is missing, then measures (offchain-repops/tools/bench).
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { root, setup } from './setup.mjs'

await setup()
const bench = join(root, 'offchain-repops', 'tools', 'bench', 'bench.ts')
const args = ['--import', 'tsx', bench, ...process.argv.slice(2)]
process.exitCode = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' }).status ?? 1
