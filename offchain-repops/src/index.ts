/**
 * RepOps: programs whose every bit is fixed, their commitments, and their execution.
 * The specification is docs/spec/repops.md.
 */

// Tensors: flat words with a type.
export { Tensor } from './tensor.ts'

// Programs: data model, encodings, roots, files.
export type * from './program/types.ts'
export { ProgramError, type Rule, type Where } from './program/ProgramError.ts'
export {
  inputWants,
  outputOf,
  product,
  reducedLength,
  segments,
  type TensorType,
} from './program/wants.ts'
export { decodeNode, encodeNode, INPUT_KINDS } from './program/nodeCodec.ts'
export { decodeConstant, decodeState } from './program/entryCodec.ts'
export {
  checkProgram,
  commitProgram,
  committing,
  decodeProgram,
  decoding,
  encodeProgram,
  programRoot,
  REPOPS_VERSION,
  type EncodedProgram,
  type ProgramCommitment,
} from './program/program.ts'
export { readProgramFile, writeProgramFile } from './program/programFile.ts'

// Long work in the caller's thread.
export { atOnce, inSlices } from './inSlices.ts'

// Commitments: keccak-256, Merkle trees, openings of runs of elements.
export { fromHex, keccak, toHex, ZERO_HASH, type Hash } from './commit/hash.ts'
export {
  depthOf,
  MerkleError,
  merkleRoot,
  packHashes,
  MerkleTree,
  rootFromOpening,
  rootOfList,
  rowLength,
  unpackHashes,
  zeroSubtree,
} from './commit/merkle.ts'
export {
  constantsRoot,
  leafCount,
  leafHashes,
  LEAF_BYTES,
  LEAF_ELEMENTS,
  openRun,
  readRun,
  stateRoot,
  tensorRoot,
  tensorsTree,
  tensorTree,
  type RunOpening,
} from './commit/tensor.ts'

// Execution: whole jobs, intervals, single steps, and the operands of a judgement.
export { Execution, type CurrentState, type ExecutionInputs } from './execute/Execution.ts'
export {
  fittingPlan,
  type Corruption,
  type Planner,
  type PlanningOptions,
} from './execute/fittingPlan.ts'
export { processMemoryBytes, TooLargeError } from './execute/checkMemory.ts'
export { TensorMismatchError } from './execute/agreeWithEntries.ts'
export {
  checkJobMemory,
  checkpointCount,
  replayInterval,
  runJob,
  stateBefore,
  stepOfCheckpoint,
  type Checkpoint,
  type Job,
  type RunJobOptions,
  type RunOptions,
} from './execute/Job.ts'
export { programCost, type ProgramCost } from './execute/programCost.ts'
export { StepReplay, type OperandOpening, type Turns } from './execute/StepReplay.ts'

// Plans of a step, and what runs them.
export type { Backend, Executable, MemoryNeed, StepContext } from './backends/backend.ts'
export { planStep, type PlanRequest, type StepPlan } from './execute/plan/planStep.ts'
export { lower } from './execute/plan/lower.ts'
export type * from './execute/plan/types.ts'

// Operators: their table, what one element is, and the backend that defines all others.
export type { Operator } from './ops/define.ts'
export { OPERATORS, operatorOf, operatorOfCode } from './ops/index.ts'
export { foldBits, judge, judgeElement, judgeSegments, type Source } from './referee/judge.ts'
export { reference } from './backends/reference/index.ts'
export { openCuda } from './backends/cuda/openCuda.ts'
export { native, nativeInstructionSets } from './backends/native/native.ts'
export {
  CudaError,
  CudaUnavailable,
  DeviceLost,
  DeviceMemoryError,
} from './backends/cuda/errors.ts'
export { isDeviceLost } from './backends/isDeviceLost.ts'
export { proveBackend, provenBackend, type Conformance } from './backends/conformance.ts'
export {
  BACKEND_NAMES,
  BACKENDS,
  openBackendByName,
  type BackendEntry,
  type BackendOptions,
} from './backends/byName.ts'
export {
  openDevice,
  webgpu,
  WebGpuError,
  type FloatTrial,
  type OpenDevice,
  type WebGpuBackend,
  type WebGpuErrorCode,
  type WebGpuOptions,
} from './backends/webgpu/index.ts'
export { committedPrograms, committedVectors } from './backends/committedVectors.ts'
export { provePrograms, type ProgramConformance } from './backends/provePrograms.ts'

// Building: a typed graph, layers, gradients, optimisers.
export { Graph } from './build/Graph.ts'
export { Value, type Operand } from './build/Value.ts'
export { BuildError, type Shape } from './build/shapes.ts'
export { gradients } from './build/gradients.ts'
export { gelu, geluErf, relu, sigmoid, silu } from './build/layers/activations.ts'
export {
  attention,
  causalAttention,
  selfAttention,
  type AttentionOptions,
  type AttentionWeights,
  type Heads,
} from './build/layers/attention.ts'
export { dropout } from './build/layers/dropout.ts'
export { linear, type LinearWeights } from './build/layers/linear.ts'
export { layerNorm, rmsNorm } from './build/layers/norms.ts'
export { rope } from './build/layers/rope.ts'
export { cachedAttention, fillCache, type KeyValueCache } from './build/layers/cache.ts'
export { gumbel, sample, type Sampling } from './build/layers/sampling.ts'
export { argmax, largest, topK } from './build/layers/selection.ts'
export { crossEntropy, logSoftmax, softmax } from './build/layers/softmax.ts'
export { adam, type AdamOptions } from './build/optimisers/adam.ts'
export { clipByGlobalNorm } from './build/optimisers/clipByGlobalNorm.ts'
export type { Parameter } from './build/optimisers/Parameter.ts'
export { sgd, type SgdOptions } from './build/optimisers/sgd.ts'

// Models: decoder-only transformers, their training, the job of the demonstration.
export { decoder, type DecoderConfig, type Sequences } from './models/decoder.ts'
export { Parameters, type ModelParameter } from './models/parameters.ts'
export { LOSS_HISTORY } from './models/lossHistory.ts'
export { trainingJob, type TrainingJob, type TrainingOptions } from './models/training.ts'
export {
  forwardJob,
  gpt2,
  GPT2_SMALL,
  LOGITS,
  randomTrainingJob,
  randomWeights,
  type Gpt2Sizes,
  type ModelRun,
} from './models/gpt2.ts'
export { PretrainedError, readPretrained, type PretrainedModel } from './models/pretrained.ts'
export {
  continuations,
  generationJob,
  prefillJob,
  type Continuation,
  type GenerationJob,
  type GenerationOptions,
} from './models/generation.ts'
export {
  DEMO_TRANSFORMER,
  transformerJob,
  type TransformerConfig,
  type TransformerJob,
  type TransformerJobOptions,
} from './models/transformer.ts'

// Files of tensors.
export {
  readSafetensors,
  SafetensorsError,
  writeSafetensors,
  type NamedTensor,
  type Safetensors,
} from './safetensors/safetensors.ts'

// Evaluators: programs that score entries.
export * from './evaluators/index.ts'
export { flatten, MODEL } from './models/flat.ts'
export { tokenise, type TokenText } from './models/text.ts'

// ONNX: models as programs and training jobs, and beside ONNX Runtime.
export { compareOnnx, type Comparison, type ComparedOutput } from './onnx/compareOnnx.ts'
export { ELEMENT_TYPES, type ElementType } from './onnx/elementTypes.ts'
export { importOnnx, OPSETS, type ImportedModel, type ImportOptions } from './onnx/importOnnx.ts'
export { onnxProgram, type OnnxProgram, type TensorPort } from './onnx/inference.ts'
export { KnownTensor } from './onnx/KnownTensor.ts'
export { OnnxError, type OnnxFault } from './onnx/OnnxError.ts'
export type { OnnxGraph, OnnxModel, OnnxNode } from './onnx/OnnxModel.ts'
export { randomInputs } from './onnx/randomInputs.ts'
export { readOnnx, readOnnxFile } from './onnx/readOnnx.ts'
export { onnxTrainingJob, type OnnxTrainingOptions } from './onnx/trainingJob.ts'
export { writeOnnx } from './onnx/writeOnnx.ts'
