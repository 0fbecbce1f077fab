/**
 * Why a model cannot be used: `malformed` bytes or a graph that contradicts itself, something `unsupported`
 * here, a `dimension` without a value, or an `input` that does not fit the model.
 */
export type OnnxFault = 'malformed' | 'unsupported' | 'dimension' | 'input'

/** A model, or what it is given, that cannot be used. The message is one line. */
export class OnnxError extends Error {
  override readonly name = 'OnnxError'
  readonly fault: OnnxFault

  constructor(fault: OnnxFault, message: string, options?: ErrorOptions) {
    super(message, options)
    this.fault = fault
  }
}
