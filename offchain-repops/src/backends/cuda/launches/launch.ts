import type { Address, LaunchSize } from '../driver.ts'

/** Something for the device to do. */
export type Launch = KernelLaunch | CopyLaunch

export interface KernelLaunch extends LaunchSize {
  readonly kind: 'kernel'
  /** Name in cuda/kernels, without the prefix `repops_`. */
  readonly kernel: string
  /** Fields of the kernel's struct of parameters, in order. */
  readonly parameters: readonly bigint[]
}

export interface CopyLaunch {
  readonly kind: 'copy'
  readonly to: Address
  readonly from: Address
  readonly bytes: number
}

/** What a device is like. */
export interface DeviceLimits {
  readonly processors: number
  /** Shared memory that a block may have, in bytes. */
  readonly sharedBytes: number
}

/** Memory that launches need beside the slots. Asked for in the same order, it gives the same addresses. */
export interface Workspace extends DeviceLimits {
  /** Words of eight bytes that the kernels read: there before the first launch. */
  table(words: readonly bigint[]): Address
  /** Memory for the launches of one task, aligned to 256 bytes; the next task uses it again. */
  scratch(bytes: number): Address
  /** `struct Context` of cuda/kernels/data.cuh. */
  readonly context: Address
}

const MOST_BLOCKS_OF_PROCESSOR = 32

/** Blocks for `threads` threads that walk over `items`: no more than keep the device busy. */
export function blocksFor(items: number, threads: number, { processors }: DeviceLimits): number {
  return Math.max(1, Math.min(Math.ceil(items / threads), processors * MOST_BLOCKS_OF_PROCESSOR))
}

/** A kernel of which each thread computes one of `items`. */
export function perItem(
  kernel: string,
  items: number,
  parameters: readonly bigint[],
  limits: DeviceLimits,
  threads = 256,
): KernelLaunch {
  const blocks = blocksFor(items, threads, limits)
  return { kind: 'kernel', kernel, blocks, threads, sharedBytes: 0, parameters }
}
