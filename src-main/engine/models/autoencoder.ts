import { reshape, sigmoid, type Tensor } from '@tensorflow/tfjs-core'
import type { Activation, AutoencoderSpec, DecoderLayer, LayerSummary } from '../../contract/architecture.ts'
import { DarkroomError } from '../../contract/errors.ts'
import type { TensorMap } from '../../contract/tensors.ts'
import type { Tensors } from '../backend/backend.ts'
import type { Random } from '../numeric/random.ts'
import { createLayer, initKernel, layerKind, layerWeights, runLayer, sizeOf, type Layer } from './layers.ts'
import { decoderStack, encoderStack, isDense, isMap, summary } from './stacks.ts'

export interface Encoded {
  /** The code h, or zMean: [N, ...code]. */
  code: Tensor
  /** Of variational models. */
  zLogVar: Tensor | null
}

export interface Decoded {
  /** [N, ...input] */
  output: Tensor
  /** The output before its sigmoid, for a cross-entropy that does not overflow; null with a linear output. */
  logits: Tensor | null
}

/** A dense layer of a stack with its counterpart in the decoder: what greedy pretraining trains by itself. */
export interface LayerPair {
  /** Weights of the two. */
  weights: string[]
  /** [N, inputs] -> [N, units] */
  encode(weights: Tensors, x: Tensor): Tensor
  /** [N, units] -> [N, inputs] */
  decode(weights: Tensors, h: Tensor): Tensor
}

/** An autoencoder for samples of one shape, as plain functions on named weights. */
export interface Autoencoder {
  /** Shape of one sample. */
  input: number[]
  /** Shape of one code. */
  code: number[]
  /** Every weight by name, in the order of the computation: `encoder.0.kernel`, `code.kernel`, `decoder.0.bias`, `output.kernel`. */
  shapes: Record<string, number[]>
  layers: LayerSummary[]
  variational: boolean
  /** Of the layer that makes the code. */
  codeActivation: Activation
  /** The layers from the input to the code (or zMean) where all of them are dense, for penalties that need their derivatives; or null. */
  denseEncoder: Layer[] | null
  init(random: Random): TensorMap
  encode(weights: Tensors, x: Tensor): Encoded
  decode(weights: Tensors, code: Tensor): Decoded
  /** From the outermost inwards. @throws recipe-invalid where a layer is not dense or has no counterpart of its size. */
  pairs(): LayerPair[]
}

const refuse = (expected: string, received: string): DarkroomError =>
  new DarkroomError('recipe-invalid', { expected, received })

/**
 * Builds the network that a spec describes.
 * @param input shape of a sample: [height, width, channels], or [columns] of rows.
 * @throws recipe-invalid naming the layer that does not fit.
 */
export function buildAutoencoder(spec: AutoencoderSpec, input: number[]): Autoencoder {
  const hidden = encoderStack(spec.encoder.layers, { name: 'encoder', input, bias: () => spec.bias })
  const last = hidden.at(-1)?.output ?? input
  const codes = codeLayers(spec, input, last)
  const code = codes[0]?.output ?? last
  const zLogVar = codes[1] ?? null
  const encoder = codes[0] === undefined ? hidden : [...hidden, codes[0]]
  const decoder = decoderLayers(spec, input, encoder, code)
  const all = [...hidden, ...codes, ...decoder]
  const shapes = Object.assign({}, ...all.map(layerWeights)) as Record<string, number[]>
  const sigmoidOutput = spec.decoder.output === 'sigmoid'

  const decode = (weights: Tensors, h: Tensor): Decoded => {
    const y = decoder.slice(0, -1).reduce((x, layer) => runLayer(layer, weights, x), h)
    const logits = reshape(decoder.at(-1)!.linear(weights, y), [h.shape[0], ...input])
    return { output: sigmoidOutput ? sigmoid(logits) : logits, logits: sigmoidOutput ? logits : null }
  }
  return {
    input,
    code,
    shapes,
    layers: all.map(summary),
    variational: spec.variational,
    codeActivation: encoder.at(-1)!.spec.activation,
    denseEncoder: encoder.every(isDense) ? encoder : null,
    init: (random) => initLayers(all, random),
    encode(weights, x) {
      const y = hidden.reduce((h, layer) => runLayer(layer, weights, h), x)
      if (codes[0] === undefined) return { code: y, zLogVar: null }
      return {
        code: runLayer(codes[0], weights, y),
        zLogVar: zLogVar === null ? null : runLayer(zLogVar, weights, y),
      }
    },
    decode,
    pairs: () => layerPairs(spec, encoder, decoder),
  }
}

/** Kernels at random, each from a source of its own so that it does not depend on the others; biases 0. */
/** First weights: kernels as `initKernel` draws them, biases zero. */
export function initLayers(layers: Layer[], random: Random): TensorMap {
  const weights: TensorMap = {}
  layers.forEach((layer, i) => {
    for (const [name, shape] of Object.entries(layerWeights(layer))) {
      weights[name] =
        name === layer.kernel
          ? initKernel(layer, random.fork(i))
          : { shape, dtype: 'float32', data: new Float32Array(sizeOf(shape)) }
    }
  })
  return weights
}

/** The dense layers that make the code a vector: one, or zMean and zLogVar. None where the last hidden layer's output is the code. */
function codeLayers(spec: AutoencoderSpec, input: number[], last: number[]): Layer[] {
  const { latentDim, activation, layers } = spec.encoder
  if (latentDim === null) {
    if (spec.variational) throw refuse('model.encoder.latentDim: a number, for variational models', 'null')
    if (layers.length === 0) throw refuse('model.encoder: layers, or a latentDim', 'none')
    return []
  }
  const names = spec.variational ? ['zMean', 'zLogVar'] : ['code']
  const units = {
    type: 'dense',
    units: latentDim,
    activation: spec.variational ? 'linear' : activation,
  } as const
  const options = { input: last, oneDimensional: input.length === 1, bias: spec.bias }
  return names.map((name) => createLayer(units, { ...options, name }))
}

/** Of each encoder layer its counterpart, in reverse; the counterpart of the first dense layer is the output layer, which is added later. */
function mirrored(encoder: Layer[]): DecoderLayer[] {
  return encoder.toReversed().flatMap(({ spec, input }, i): DecoderLayer[] => {
    if (spec.type === 'conv') return [{ ...spec, type: 'conv-transpose' }]
    // A dense layer goes back to what came in, and is activated as that was.
    const before = encoder[encoder.length - 2 - i]
    return before === undefined
      ? []
      : [{ type: 'dense', units: sizeOf(input), activation: before.spec.activation }]
  })
}

/** The decoder's hidden layers and its output layer. */
function decoderLayers(spec: AutoencoderSpec, input: number[], encoder: Layer[], code: number[]): Layer[] {
  const hidden = spec.decoder.layers === 'mirror' ? mirrored(encoder) : spec.decoder.layers
  const endsInMap = hidden.length === 0 ? isMap(code) : hidden.at(-1)!.type !== 'dense'
  const output: DecoderLayer = endsInMap
    ? { type: 'conv', filters: input[2] ?? 1, kernel: 3, stride: 1, activation: spec.decoder.output }
    : { type: 'dense', units: sizeOf(input), activation: spec.decoder.output }
  const specs = [...hidden, output]
  const layers = decoderStack(specs, {
    ...{ code, input, path: 'model.decoder.layers', codePath: 'model.encoder.latentDim' },
    name: (i) => (i < hidden.length ? `decoder.${i}` : 'output'),
    bias: () => spec.bias,
    tiedTo: (i) => (spec.tied ? encoder[encoder.length - 1 - i]?.kernel : undefined),
  })
  if (spec.tied) checkTied(encoder, layers)
  return layers
}

/** Of a dense autoencoder, that each decoder layer goes back where its encoder layer came from. */
function checkTied(encoder: Layer[], decoder: Layer[]): void {
  const convolution = [...encoder, ...decoder].find((layer) => !isDense(layer))
  if (convolution !== undefined) throw refuse('model.tied: dense layers only', layerKind(convolution))
  if (!areCounterparts(encoder, decoder)) {
    const sizes = encoder.toReversed().map(({ input }) => sizeOf(input))
    throw refuse(
      `model.tied: a decoder with the encoder's sizes in reverse (${sizes.join(', ')})`,
      decoder.map(({ output }) => sizeOf(output)).join(', '),
    )
  }
}

const areCounterparts = (encoder: Layer[], decoder: Layer[]): boolean =>
  encoder.length === decoder.length &&
  encoder.every((layer, i) => {
    const back = decoder[decoder.length - 1 - i]!
    return sizeOf(layer.input) === sizeOf(back.output) && sizeOf(layer.output) === sizeOf(back.input)
  })

function layerPairs(spec: AutoencoderSpec, encoder: Layer[], decoder: Layer[]): LayerPair[] {
  const other = [...encoder, ...decoder].find((layer) => !isDense(layer))
  if (spec.variational)
    throw refuse('pretraining: a model that is not variational', 'model.variational: true')
  if (other !== undefined) throw refuse('pretraining: dense layers only', layerKind(other))
  if (!areCounterparts(encoder, decoder)) {
    throw refuse('pretraining: for each encoder layer a decoder layer of its size', 'model.decoder.layers')
  }
  return encoder.map((layer, i) => {
    const back = decoder[decoder.length - 1 - i]!
    return {
      weights: Object.keys({ ...layerWeights(layer), ...layerWeights(back) }),
      encode: (weights, x) => runLayer(layer, weights, x),
      decode: (weights, h) => runLayer(back, weights, h),
    }
  })
}
