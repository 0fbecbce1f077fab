import { vi } from 'vitest'
import { main } from '../cli.ts'

/** Runs the command line in this process, with nothing but the given environment. */
export async function lockstep(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<{ exit: number; out: string; err: string }> {
  const written = { out: '', err: '' }
  const out = vi
    .spyOn(process.stdout, 'write')
    .mockImplementation((text) => ((written.out += String(text)), true))
  const err = vi
    .spyOn(process.stderr, 'write')
    .mockImplementation((text) => ((written.err += String(text)), true))
  for (const [name, value] of Object.entries({ LOCKSTEP_LOG_LEVEL: 'silent', ...env }))
    vi.stubEnv(name, value)
  try {
    return { exit: await main(['node', 'lockstep', ...args]), ...written }
  } finally {
    out.mockRestore()
    err.mockRestore()
    vi.unstubAllEnvs()
  }
}
