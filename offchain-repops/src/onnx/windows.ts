import type { MoveAxis } from '../program/types.ts'
import type { Call } from './Call.ts'

/** How a window goes over one spatial axis. */
export interface WindowAxis {
  readonly length: number
  readonly kernel: number
  readonly stride: number
  readonly dilation: number
  /** Elements before the first and after the last that the windows may also cover. */
  readonly before: number
  readonly after: number
  /** How many windows there are. */
  readonly count: number
}

/** The element of the axis that place k of window o covers: stride · o + dilation · k − before. */
export function windowIndex(axis: WindowAxis, o: number, k: number): MoveAxis {
  const { stride, dilation, before } = axis
  return {
    offset: before === 0 ? 0 : -before,
    divisor: 1,
    terms: [
      { axis: o, coefficient: stride },
      { axis: k, coefficient: dilation },
    ],
  }
}

export const AUTO_PADS = ['NOTSET', 'SAME_UPPER', 'SAME_LOWER', 'VALID'] as const

/** A list attribute with one entry for each spatial axis, or a default for all. */
export function perAxis(
  call: Call,
  name: string,
  rank: number,
  fallback: number,
  least = 1,
): readonly number[] {
  const list = call.ints(name) ?? []
  if (list.length === 0) return Array.from({ length: rank }, () => fallback)
  if (list.length !== rank || list.some((n) => !(n >= least && n < 2 ** 31)))
    call.malformed(`${name} [${list.join(', ')}] for ${rank} axes`)
  return list
}

/** Windows over the spatial axes by the attributes that convolutions and pools share. */
export function windowsOf(
  call: Call,
  lengths: readonly number[],
  kernel: readonly number[],
): WindowAxis[] {
  const rank = lengths.length
  if (kernel.length !== rank || rank === 0)
    call.malformed(`a kernel [${kernel.join(', ')}] over ${rank} spatial axes`)
  const strides = perAxis(call, 'strides', rank, 1)
  const dilations = perAxis(call, 'dilations', rank, 1)
  const pads = perAxis(call, 'pads', 2 * rank, 0, 0)
  const auto = call.choice('auto_pad', AUTO_PADS)
  const ceil = call.flag('ceil_mode')
  return lengths.map((length, i) => {
    const [stride, dilation] = [strides[i], dilations[i]]
    const reach = (kernel[i] - 1) * dilation + 1
    const window = { length, kernel: kernel[i], stride, dilation }
    if (auto === 'SAME_UPPER' || auto === 'SAME_LOWER') {
      const count = Math.ceil(length / stride)
      const total = Math.max(0, (count - 1) * stride + reach - length)
      const less = Math.floor(total / 2)
      const before = auto === 'SAME_UPPER' ? less : total - less
      return { ...window, before, after: total - before, count }
    }
    const [before, after] = auto === 'VALID' ? [0, 0] : [pads[i], pads[i + rank]]
    const free = length + before + after - reach
    let count = (ceil ? Math.ceil(free / stride) : Math.floor(free / stride)) + 1
    // A window that would begin in the padding at the end does not count.
    if (ceil && (count - 1) * stride >= length + before) count--
    if (count < 1) call.malformed(`a window of ${reach} over ${length} elements`)
    return { ...window, before, after, count }
  })
}
