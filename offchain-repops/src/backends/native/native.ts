import { availableParallelism } from 'node:os'
import type { Backend } from '../backend.ts'
import { engineBackend } from '../engine/engineBackend.ts'
import { AddonError, loadAddon } from './addon.ts'

export interface NativeOptions {
  /** Name of an instruction set of `nativeInstructionSets`; the fastest by default. */
  readonly instructionSet?: string | undefined
  /** Threads that share each kernel, 1 to 256; as many as the process may use by default. */
  readonly threads?: number | undefined
}

/** The C++ engine as a Node addon. Throws an AddonError where it cannot be loaded or lacks the instruction set. */
export function native(options: NativeOptions = {}): Backend {
  const addon = loadAddon()
  const instructionSet = options.instructionSet ?? addon.instructionSets[0]
  if (!addon.instructionSets.includes(instructionSet))
    throw new AddonError(
      `this processor runs ${addon.instructionSets.join(', ')}, not ${instructionSet}`,
    )
  const threads = options.threads ?? availableParallelism()
  const host = { ...addon, open: () => addon.open(instructionSet, threads) }
  return engineBackend(`native-${instructionSet}`, host, threads)
}

/** Instruction sets that this processor and the addon share, fastest first. Throws an AddonError. */
export function nativeInstructionSets(): readonly string[] {
  return loadAddon().instructionSets
}
