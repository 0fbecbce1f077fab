import {
  type Backend,
  BuildError,
  compareOnnx,
  type ComparedOutput,
  type ElementType,
  fittingPlan,
  KnownTensor,
  OnnxError,
  onnxProgram,
  type NamedTensor,
  type OnnxModel,
  type OnnxProgram,
  ProgramError,
  programCost,
  randomInputs,
  readOnnxFile,
  readSafetensors,
  SafetensorsError,
  TooLargeError,
} from '@lockstep/repops'
import type { Command } from 'commander'
import { readFileSync } from 'node:fs'
import { freemem } from 'node:os'
import { ExitCode, fail } from '../errors.ts'
import { createCommandLog } from '../log.ts'
import { openBackend } from './backend.ts'
import { createProgress } from '../progress.ts'
import { columns } from '../text.ts'
import { addCommand, type Done } from './command.ts'

const MIB = 2 ** 20
const FLOATS: ReadonlySet<ElementType> = new Set(['float', 'double', 'float16', 'bfloat16'])

/** `lockstep compare <model.onnx>`: runs a model on a backend and in ONNX Runtime, and says how far they are apart. */
export function addCompare(parent: Command, done: Done, signal: AbortSignal): void {
  addCommand(
    parent,
    {
      name: 'compare <model.onnx>',
      examples: [
        'lockstep compare model.onnx --dim batch=1',
        'lockstep compare model.onnx --input x=x.safetensors --max-ulp 64',
      ],
      argument: { place: 'file' },
      description: 'run an ONNX model beside ONNX Runtime and show how far they are apart',
      settings: [
        'dims',
        'inputFiles',
        'seed',
        'backend',
        'threads',
        'runs',
        'maxUlp',
        'maxAbs',
        'maxJobMib',
        'logLevel',
      ],
      defaults: { logLevel: 'warn' },
      run: async (values, _, argument) => {
        const path = argument ?? ''
        const log = createCommandLog(values.logLevel)
        const model = explained(path, () => readOnnxFile(path))
        const files = readInputs(model, values.inputFiles)
        const shapes = new Map([...files].map(([name, { shape }]) => [name, shape]))
        const program = explained(path, () => onnxProgram(model, { dims: values.dims, shapes }))
        const backend: Backend = await openBackend(values, log)
        const memoryBytes = Math.min(values.maxJobMib * MIB, freemem())
        await checkMemory(program, path, backend, memoryBytes)
        const inputs = new Map([
          ...randomInputs(model, program.inputs, values.seed),
          ...givenInputs(program, files, values.inputFiles),
        ])
        const progress = createProgress('runs', 2 * (values.runs + 1), { log })
        const { outputs, milliseconds } = await compareOnnx(program, path, {
          backend,
          onRun: (done) => {
            progress.update(done)
          },
          inputs,
          runs: values.runs,
          ...(values.threads === undefined ? {} : { threads: values.threads }),
        })
          .catch((cause: unknown) => explained(path, () => raise(cause)))
          .finally(() => {
            progress.stop()
          })
        const { maxUlp = Infinity, maxAbs = Infinity } = values
        const far = outputs.filter(({ ulp, absolute }) => ulp > maxUlp || absolute > maxAbs)
        const opset = model.opsets.get('') ?? 0
        const nodes = program.program.nodes.length
        return {
          json: {
            model: path,
            opset,
            backend: backend.name,
            nodes,
            operations: programCost(program.program).operations,
            inputs: program.inputs,
            outputs: outputs.map(withFiniteNumbers),
            milliseconds,
            within: far.length === 0,
          },
          lines: [
            `${path}: opset ${opset}, ${nodes} nodes, ${backend.name} beside ONNX Runtime`,
            ...table(outputs),
            ...notes(outputs),
            `${milliseconds.repops.toFixed(2)} ms here, ${milliseconds.onnxRuntime.toFixed(2)} ms in ONNX Runtime (best of ${values.runs})`,
            ...far.map(({ name }) => `output ${name} is further apart than allowed`),
          ],
          ...(far.length > 0 ? { exit: ExitCode.negative } : {}),
        }
      },
    },
    done,
    signal,
  )
}

/** Refuses what memory does not hold, before any of it is taken. */
async function checkMemory(
  { program }: OnnxProgram,
  path: string,
  backend: Backend,
  memoryBytes: number,
): Promise<void> {
  try {
    await fittingPlan(program, backend, { advance: true }, { memoryBytes })
  } catch (cause) {
    if (!(cause instanceof TooLargeError)) throw cause
    throw fail.tooLarge(
      {
        what: cause.message,
        where: path,
        advice: 'choose smaller dimensions with --dim, or raise --max-job-mib',
      },
      { cause },
    )
  }
}

/** Tensors of safetensors files for inputs, by the input's name or as the only one of its file. */
function readInputs(
  { graph }: OnnxModel,
  files: Readonly<Record<string, string>>,
): Map<string, NamedTensor> {
  const known = graph.inputs.map(({ name }) => name)
  return new Map(
    Object.entries(files).map(([name, path]) => {
      if (!known.includes(name)) {
        throw fail.badSetting({
          what: `the model has no input ${JSON.stringify(name)}`,
          where: `--input ${name}=${path}`,
          advice: `it has ${known.join(', ')}`,
        })
      }
      return explained(path, () => {
        const { tensors } = readSafetensors(readFileSync(path))
        const only = tensors.size === 1 ? [...tensors.values()][0] : undefined
        const found = tensors.get(name) ?? only
        if (found === undefined)
          throw new SafetensorsError(
            `there is no tensor ${JSON.stringify(name)} among ${[...tensors.keys()].join(', ')}`,
          )
        return [name, found]
      })
    }),
  )
}

/** The same in the types of the inputs. */
function givenInputs(
  { inputs }: OnnxProgram,
  tensors: ReadonlyMap<string, NamedTensor>,
  files: Readonly<Record<string, string>>,
): [string, KnownTensor][] {
  return inputs.flatMap(({ name, type }): [string, KnownTensor][] => {
    const found = tensors.get(name)
    if (found === undefined) return []
    const { shape, tensor } = found
    const floats = tensor.type === 'f32'
    return explained(files[name], () => {
      if (floats !== FLOATS.has(type))
        throw new SafetensorsError(
          `tensor ${JSON.stringify(name)} is ${floats ? 'of floats' : 'of integers'}, input ${JSON.stringify(name)} is ${type}`,
        )
      const data = floats ? tensor.floats : Float64Array.from(tensor.words)
      const given = new KnownTensor(floats ? 'float' : 'int32', shape, data, { name })
      return [[name, given.cast(type)]]
    })
  })
}

/** Says for errors of models and files what to do about them. */
function explained<T>(path: string, read: () => T): T {
  try {
    return read()
  } catch (cause) {
    if (cause instanceof OnnxError) {
      const what = cause.message
      switch (cause.fault) {
        case 'dimension':
          throw fail.badSetting(
            { what, where: path, advice: 'give lengths as --dim name=length,…' },
            { cause },
          )
        case 'input':
          throw fail.badSetting(
            { what, where: path, advice: 'give --input a tensor of that type and shape' },
            { cause },
          )
        case 'runtime':
          throw fail.missingArtifact(
            { what, where: path, advice: 'only the comparison needs ONNX Runtime' },
            { cause },
          )
        case 'weights':
          throw fail.missingArtifact(
            { what, where: path, advice: 'put the whole file of weights beside the model' },
            { cause },
          )
        case 'malformed':
          throw fail.malformed(
            {
              what,
              where: path,
              advice:
                'the file is damaged or contradicts itself: get it again from where it is from',
            },
            { cause },
          )
        case 'unsupported':
          throw fail.malformed(
            {
              what,
              where: path,
              advice:
                'docs/guides/use-onnx-models.md says what can be used and how to export it so',
            },
            { cause },
          )
      }
    }
    if (cause instanceof BuildError || cause instanceof ProgramError)
      throw fail.malformed(
        {
          what: cause.message,
          where: path,
          advice: 'its shapes do not fit together: check the lengths of --dim and --input',
        },
        { cause },
      )
    if (cause instanceof SafetensorsError)
      throw fail.badArtifact(
        { what: cause.message, where: path, advice: 'correct the file' },
        { cause },
      )
    if ((cause as NodeJS.ErrnoException).code === 'ERR_FS_FILE_TOO_LARGE')
      throw fail.tooLarge(
        {
          what: (cause as Error).message,
          where: path,
          advice: 'export the model with its weights in a file of their own',
        },
        { cause },
      )
    if ((cause as NodeJS.ErrnoException).syscall !== undefined)
      throw fail.missingArtifact(
        {
          what: `the file cannot be read: ${(cause as Error).message}`,
          where: path,
          advice: 'check the path',
        },
        { cause },
      )
    throw cause
  }
}

function raise(cause: unknown): never {
  throw cause
}

/** JSON has no infinity: such differences are the text "Infinity". */
function withFiniteNumbers(output: ComparedOutput): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(output).map(([key, value]: [string, unknown]) => [
      key,
      value === Infinity ? 'Infinity' : value,
    ]),
  )
}

// An f32 holds 24 bits, and a sum of some hundred products in another order is off in the last few of them: so much
// less than an output's largest element is nothing to wonder at.
const ORDINARY = 2 ** -14

/** What the figures mean where they may alarm: near zero the same small difference is a great many ULP. */
function notes(outputs: readonly ComparedOutput[]): string[] {
  const apart = outputs.filter(({ different }) => different > 0)
  if (apart.length === 0) return []
  const isOrdinary = ({ absolute, largest }: ComparedOutput) => absolute <= ORDINARY * largest
  const near = apart.filter((output) => isOrdinary(output) && output.ulp > 2 ** 10)
  const far = apart.filter((output) => !isOrdinary(output))
  const names = (some: readonly ComparedOutput[]) => some.map(({ name }) => name).join(', ')
  return [
    'ONNX Runtime adds in an order of its own and rounds elsewhere: small differences are normal, and neither is wrong.',
    ...(near.length === 0
      ? []
      : [
          `${names(near)}: many ULP, but little beside the largest element: these ULP are at elements near zero.`,
        ]),
    ...(far.length === 0
      ? []
      : [
          `${names(far)}: further apart than rounding explains, or the model makes much of little; look at these.`,
        ]),
  ]
}

function table(outputs: readonly ComparedOutput[]): string[] {
  const rows = [
    ['output', 'type', 'shape', 'ULP', 'absolute', 'largest', 'relative', 'different'],
    ...outputs.map(({ name, type, dims, ulp, absolute, largest, relative, different }) => [
      name,
      type,
      `[${dims.join(', ')}]`,
      String(ulp),
      absolute.toExponential(2),
      largest.toExponential(2),
      relative.toExponential(2),
      String(different),
    ]),
  ]
  return columns(rows)
}
