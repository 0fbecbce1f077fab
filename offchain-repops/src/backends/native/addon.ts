import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import type { BatchHasher } from '../../commit/fastHasher.ts'
import type { EngineHost } from '../engine/host.ts'

/** Opaque: what native/binding/node.cc calls a session. */
type Session = object

export interface Addon extends Omit<EngineHost<Session>, 'open'> {
  open(instructionSet: string, threads: number): Session
  /** Fastest first; never empty. */
  readonly instructionSets: readonly string[]
  readonly keccak: BatchHasher
}

/** The addon is not there, or this machine cannot load it. */
export class AddonError extends Error {
  override readonly name = 'AddonError'
}

const folder = fileURLToPath(new URL('../../..', import.meta.url))

let addon: Addon | undefined

/**
 * The addon: the one built here (build/Release) if there is one, else the prebuilt one of this platform
 * (prebuilds/). Throws an AddonError that says what to do.
 */
export function loadAddon(): Addon {
  if (addon !== undefined) return addon
  try {
    const find = createRequire(import.meta.url)('node-gyp-build') as (folder: string) => Addon
    return (addon = find(folder))
  } catch (cause) {
    throw new AddonError(
      `no native engine for ${process.platform}-${process.arch}: build one with \`npm run build:native\` (needs a C++ compiler), or use --backend wasm`,
      { cause },
    )
  }
}
