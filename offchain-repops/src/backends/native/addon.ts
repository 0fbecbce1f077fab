import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { addonSourcesDigest } from '../../../native/sources.mjs'
import type { BatchHasher } from '../../commit/fastHasher.ts'
import type { EngineHost } from '../engine/host.ts'

/** Opaque: what native/binding/node.cc calls a session. */
type Session = object

export interface Addon extends Omit<EngineHost<Session>, 'open'> {
  open(instructionSet: string, threads: number): Session
  /**
   * Of each phase of a task that is a rows kernel the name of the compiled loop that runs it (native/kernels/rows_programs.h),
   * '' where it goes step by step.
   */
  programs(session: Session, task: number): readonly string[]
  /** Fastest first; never empty. */
  readonly instructionSets: readonly string[]
  readonly keccak: BatchHasher
  /** Digest of what it was compiled from. */
  readonly sources: string
}

/** The addon is not there, this machine cannot load it, or it is not of the sources beside it. */
export class AddonError extends Error {
  override readonly name = 'AddonError'
}

const folder = fileURLToPath(new URL('../../..', import.meta.url))

let addon: Addon | undefined

/** The addon of this package, which is loaded once. Throws an AddonError that says what to do. */
export function loadAddon(): Addon {
  return (addon ??= addonOf(folder))
}

/**
 * The addon in a package's folder: the one built there (build/Release) if there is one, else the prebuilt one of this
 * platform (prebuilds/). What it and the TypeScript here say to each other has to be of one version: an addon of other
 * sources would compute something else. Throws an AddonError that says what to do.
 */
export function addonOf(packageFolder: string): Addon {
  let found: Addon
  try {
    const find = createRequire(import.meta.url)('node-gyp-build') as (folder: string) => Addon
    found = find(packageFolder)
  } catch (cause) {
    throw new AddonError(
      `no native engine for ${process.platform}-${process.arch}: build one with ${BUILD} (needs a C++ compiler), or use --backend wasm`,
      { cause },
    )
  }
  const expected = addonSourcesDigest()
  if (found.sources === expected) return found
  const digest = (sources = 'unknown'): string => sources.slice(0, 8)
  throw new AddonError(
    `the native engine was compiled from other sources (${digest(found.sources)}) than those beside it (${digest(expected)}): ` +
      `build it again with ${BUILD} (needs a C++ compiler), or use --backend wasm`,
  )
}

const BUILD = '`npm run build:native -w offchain-repops`'
