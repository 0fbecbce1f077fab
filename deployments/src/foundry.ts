import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { DeploymentError } from './errors.ts'

/** The repository, which is the Forge project. */
export const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url))

/**
 * The executable itself rather than npm's launcher around it: a launcher that is killed hard leaves the
 * executable running.
 */
export function foundryBinary(tool: 'forge' | 'anvil' | 'cast'): string {
  const machine = `${process.platform}-${process.arch === 'x64' ? 'amd64' : process.arch}`
  const name = `@foundry-rs/${tool}-${machine}`
  const file = process.platform === 'win32' ? `${tool}.exe` : tool
  try {
    const path = join(
      dirname(createRequire(import.meta.url).resolve(`${name}/package.json`)),
      'bin',
      file,
    )
    if (existsSync(path)) return path
  } catch {
    // reported below, like a package without the file
  }
  throw new DeploymentError(
    tool === 'anvil' ? 'anvilFailed' : 'forgeFailed',
    `${tool} for ${machine} is not installed: run npm install`,
  )
}
