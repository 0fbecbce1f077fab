import { product } from '../program/wants.ts'
import type { NamedTensor } from '../safetensors/safetensors.ts'
import { Tensor } from '../tensor.ts'
import { checkDecoder, type DecoderConfig } from './decoder.ts'
import { gpt2 } from './gpt2.ts'

/** A checkpoint whose model `decoder` does not build, or that is not whole. */
export class PretrainedError extends Error {
  override readonly name = 'PretrainedError'
}

export interface PretrainedModel {
  readonly config: DecoderConfig
  /** By their names in `decoder`. */
  readonly weights: ReadonlyMap<string, Tensor>
}

/**
 * A model as Hugging Face's transformers keeps it: the parsed `config.json` and the tensors of its safetensors files.
 * Model types gpt2 and llama.
 */
export function readPretrained(
  json: unknown,
  tensors: ReadonlyMap<string, NamedTensor>,
): PretrainedModel {
  const settings = new Settings(json)
  const type = settings.text('model_type')
  const model = MODEL_TYPES.get(type)
  if (!model)
    throw new PretrainedError(
      `model_type is ${type}; ${[...MODEL_TYPES.keys()].join(', ')} can be read`,
    )
  const files = new Files(tensors)
  const pretrained = model(settings, files)
  files.finish()
  return pretrained
}

function readGpt2(settings: Settings, files: Files): PretrainedModel {
  settings.expect('activation_function', ['gelu_new', 'gelu_pytorch_tanh'])
  settings.expect('scale_attn_weights', [true, undefined])
  settings.expect('scale_attn_by_inverse_layer_idx', [false, undefined])
  settings.expect('add_cross_attention', [false, undefined])
  const width = settings.count('n_embd')
  const config: DecoderConfig = {
    ...gpt2({
      vocabulary: settings.count('vocab_size'),
      context: settings.count('n_positions'),
      width,
      layers: settings.count('n_layer'),
      heads: settings.count('n_head'),
    }),
    inner: settings.count('n_inner', 4 * width),
    epsilon: settings.number('layer_norm_epsilon', 1e-5),
    tied: settings.flag('tie_word_embeddings', true),
  }
  checkDecoder(config)
  const { vocabulary, context, inner, layers } = config
  files.prefix('transformer.')
  const weights = new Map<string, Tensor>()
  const norm = (to: string, from: string): void => {
    weights.set(`${to}.gain`, files.take(`${from}.weight`, [width]))
    weights.set(`${to}.bias`, files.take(`${from}.bias`, [width]))
  }
  /** Matrices are stored as [in, out], one or several of them beside each other. */
  const matrices = (to: readonly string[], from: string, rows: number, columns: number): void => {
    const weight = files.take(`${from}.weight`, [rows, to.length * columns])
    const bias = files.take(`${from}.bias`, [to.length * columns])
    to.forEach((name, part) => {
      weights.set(`${name}.weight`, transposedPart(weight, rows, columns, part, to.length))
      const words = bias.words.slice(part * columns, (part + 1) * columns)
      weights.set(`${name}.bias`, new Tensor('f32', words))
    })
  }
  weights.set('tokens', files.take('wte.weight', [vocabulary, width]))
  weights.set('positions', files.take('wpe.weight', [context, width]))
  for (let layer = 0; layer < layers; layer++) {
    const [to, from] = [`block${layer}`, `h.${layer}`]
    norm(`${to}.norm1`, `${from}.ln_1`)
    const parts = ['query', 'key', 'value'].map((part) => `${to}.${part}`)
    matrices(parts, `${from}.attn.c_attn`, width, width)
    matrices([`${to}.out`], `${from}.attn.c_proj`, width, width)
    norm(`${to}.norm2`, `${from}.ln_2`)
    matrices([`${to}.up`], `${from}.mlp.c_fc`, width, inner)
    matrices([`${to}.down`], `${from}.mlp.c_proj`, inner, width)
    // Causal masks, not weights.
    files.ignore(`${from}.attn.bias`)
    files.ignore(`${from}.attn.masked_bias`)
  }
  norm('norm', 'ln_f')
  files.prefix('')
  if (config.tied) files.ignore('lm_head.weight')
  else weights.set('output', files.take('lm_head.weight', [vocabulary, width]))
  return { config, weights }
}

function readLlama(settings: Settings, files: Files): PretrainedModel {
  settings.expect('hidden_act', ['silu'])
  settings.expect('attention_bias', [false, undefined])
  settings.expect('mlp_bias', [false, undefined])
  settings.expect('rope_scaling', [null, undefined])
  const [width, heads] = [settings.count('hidden_size'), settings.count('num_attention_heads')]
  const config: DecoderConfig = {
    vocabulary: settings.count('vocab_size'),
    context: settings.count('max_position_embeddings'),
    width,
    layers: settings.count('num_hidden_layers'),
    heads,
    keyHeads: settings.count('num_key_value_heads', heads),
    inner: settings.count('intermediate_size'),
    norm: 'rms',
    epsilon: settings.number('rms_norm_eps', 1e-6),
    mlp: 'swiglu',
    biases: false,
    rotaryBase: settings.number('rope_theta', 10000),
    tied: settings.flag('tie_word_embeddings', false),
  }
  checkDecoder(config)
  settings.expect('head_dim', [width / heads, null, undefined])
  const { vocabulary, layers, keyHeads, inner } = config
  const keyWidth = (width / heads) * keyHeads
  files.prefix('model.')
  const weights = new Map<string, Tensor>()
  const take = (to: string, from: string, shape: readonly number[]): void => {
    weights.set(to, files.take(`${from}.weight`, shape))
  }
  take('tokens', 'embed_tokens', [vocabulary, width])
  for (let layer = 0; layer < layers; layer++) {
    const [to, from] = [`block${layer}`, `layers.${layer}`]
    take(`${to}.norm1.gain`, `${from}.input_layernorm`, [width])
    take(`${to}.query.weight`, `${from}.self_attn.q_proj`, [width, width])
    take(`${to}.key.weight`, `${from}.self_attn.k_proj`, [keyWidth, width])
    take(`${to}.value.weight`, `${from}.self_attn.v_proj`, [keyWidth, width])
    take(`${to}.out.weight`, `${from}.self_attn.o_proj`, [width, width])
    take(`${to}.norm2.gain`, `${from}.post_attention_layernorm`, [width])
    take(`${to}.gate.weight`, `${from}.mlp.gate_proj`, [inner, width])
    take(`${to}.up.weight`, `${from}.mlp.up_proj`, [inner, width])
    take(`${to}.down.weight`, `${from}.mlp.down_proj`, [width, inner])
    files.ignore(`${from}.self_attn.rotary_emb.inv_freq`)
  }
  take('norm.gain', 'norm', [width])
  files.prefix('')
  if (config.tied) files.ignore('lm_head.weight')
  else take('output', 'lm_head', [vocabulary, width])
  return { config, weights }
}

const MODEL_TYPES = new Map([
  ['gpt2', readGpt2],
  ['llama', readLlama],
])

/** Part `part` of `parts` matrices [rows, columns] beside each other, as [columns, rows]. */
function transposedPart(
  { words }: Tensor,
  rows: number,
  columns: number,
  part: number,
  parts: number,
): Tensor {
  const result = Tensor.zeros('f32', rows * columns)
  // By bands of rows: neighbours in the result are written while they are near.
  for (let band = 0; band < rows; band += 16)
    for (let column = 0; column < columns; column++)
      for (let row = band; row < Math.min(band + 16, rows); row++)
        result.words[column * rows + row] = words[(row * parts + part) * columns + column]
  return result
}

/** The tensors of a checkpoint; every one is to be taken or ignored. */
class Files {
  readonly #tensors: ReadonlyMap<string, NamedTensor>
  readonly #left: Set<string>
  #prefix = ''

  constructor(tensors: ReadonlyMap<string, NamedTensor>) {
    this.#tensors = tensors
    this.#left = new Set(tensors.keys())
  }

  /** Names are looked up with this before them from here on, if any tensor has it. */
  prefix(prefix: string): void {
    this.#prefix = [...this.#tensors.keys()].some((name) => name.startsWith(prefix)) ? prefix : ''
  }

  take(name: string, shape: readonly number[]): Tensor {
    const full = this.#prefix + name
    const found = this.#tensors.get(full)
    if (found === undefined) throw new PretrainedError(`the checkpoint has no tensor ${full}`)
    const { tensor, shape: is } = found
    if (is.join() !== shape.join() || tensor.type !== 'f32' || tensor.count !== product(shape))
      throw new PretrainedError(
        `tensor ${full} is [${is.join(', ')}] of ${tensor.type}, the configuration wants [${shape.join(', ')}] of f32`,
      )
    this.#left.delete(full)
    return tensor
  }

  ignore(name: string): void {
    this.#left.delete(this.#prefix + name)
  }

  /** Throws where a tensor is left: the model has a part that is not built. */
  finish(): void {
    if (this.#left.size === 0) return
    const [first] = this.#left
    throw new PretrainedError(
      `${this.#left.size} tensors of the checkpoint belong to no part of the model, ${first} first`,
    )
  }
}

/** Entries of a `config.json`. */
class Settings {
  readonly #entries: Readonly<Record<string, unknown>>

  constructor(json: unknown) {
    if (typeof json !== 'object' || json === null || Array.isArray(json))
      throw new PretrainedError('the configuration is not a JSON object')
    this.#entries = json as Record<string, unknown>
  }

  text(key: string): string {
    const value = this.#entries[key]
    return typeof value === 'string' ? value : fail(key, value, 'a text')
  }

  count(key: string, otherwise?: number): number {
    const value = this.number(key, otherwise)
    return Number.isSafeInteger(value) ? value : fail(key, value, 'a whole number')
  }

  number(key: string, otherwise?: number): number {
    const value = this.#entries[key] ?? otherwise
    return typeof value === 'number' && value > 0 ? value : fail(key, value, 'a positive number')
  }

  flag(key: string, otherwise: boolean): boolean {
    const value = this.#entries[key] ?? otherwise
    return typeof value === 'boolean' ? value : fail(key, value, 'true or false')
  }

  /** Throws unless an entry is one of these: what others mean is not built. */
  expect(key: string, known: readonly unknown[]): void {
    const value = this.#entries[key]
    if (!known.includes(value))
      throw new PretrainedError(
        `${key} is ${JSON.stringify(value)}; ${known.map((one) => JSON.stringify(one)).join(', ')} can be read`,
      )
  }
}

function fail(key: string, value: unknown, wanted: string): never {
  throw new PretrainedError(
    `${key} of the configuration is ${JSON.stringify(value)}, not ${wanted}`,
  )
}
