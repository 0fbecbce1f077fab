import { openBackendByName } from '@lockstep/repops'
import { oneLine } from '../errors.ts'

/** What came of opening a backend. */
export type Opened = { readonly opens: true } | { readonly opens: false; readonly problem: string }

/** Opens a backend and closes it, in this process. */
export async function openOnce(name: Parameters<typeof openBackendByName>[0]): Promise<Opened> {
  try {
    const backend = await openBackendByName(name)
    await backend.close()
    return { opens: true }
  } catch (error) {
    return { opens: false, problem: oneLine(error) }
  }
}
