/**
 * Why a model cannot be used: `malformed` bytes or a graph that contradicts itself, something `unsupported`
 * here, a file of `weights` that is missing or too short, a `dimension` without a value, an `input` that does not fit
 * the model, or the `runtime` it is compared with.
 */
export type OnnxFault = 'malformed' | 'unsupported' | 'weights' | 'dimension' | 'input' | 'runtime'

/** A model, or what it is given, that cannot be used. The message is one line. */
export class OnnxError extends Error {
  override readonly name = 'OnnxError'
  readonly fault: OnnxFault

  constructor(fault: OnnxFault, message: string, options?: ErrorOptions) {
    // Names in a damaged file may hold anything.
    super(message.replaceAll(/\p{C}/gu, '?'), options)
    this.fault = fault
  }
}
