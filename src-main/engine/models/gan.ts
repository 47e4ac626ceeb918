import { add, mul, reshape, sigmoid, sub, tanh, type Tensor } from '@tensorflow/tfjs-core'
import type { DecoderLayer, GanSpec, LayerSummary } from '../../contract/architecture.ts'
import type { TensorData, TensorMap } from '../../contract/tensors.ts'
import type { Tensors } from '../backend/backend.ts'
import type { Random } from '../numeric/random.ts'
import { activate, createLayer, initKernel, layerWeights, sizeOf, type Layer } from './layers.ts'
import {
  batchStatistics,
  iterateSingularVectors,
  moveStatistics,
  normalise,
  spectrallyNormalised,
  type Statistics,
} from './normalisation.ts'
import { decoderStack, encoderStack, summary } from './stacks.ts'

/** Generator and discriminator for samples of one shape, as plain functions on named weights. */
export interface Gan {
  /** Shape of one sample. */
  input: number[]
  /** Shape of the noise that makes one: [latentDim]. */
  code: number[]
  /** Every weight by name, and what is computed instead of trained: `generator.0.movingMean`, `discriminator.1.right`. */
  shapes: Record<string, number[]>
  layers: LayerSummary[]
  /** What gradients change of each, and what is moved. */
  generator: { trained: string[]; moved: string[] }
  discriminator: { trained: string[]; moved: string[] }
  init(random: Random): TensorMap
  /** [N, latentDim] -> [N, ...input] in [0, 1], with moving statistics: a sample does not depend on the others. */
  generate(weights: Tensors, z: Tensor): Tensor
  /** The same with the statistics of the batch, as it is trained. */
  generateBatch(weights: Tensors, z: Tensor): Tensor
  /** What the generator's first hidden layer makes of noise: [N, latentDim] -> [N, …], with moving statistics. */
  firstLayer(weights: Tensors, z: Tensor): Tensor
  /** [N, ...input] in [0, 1] -> logits [N] of being real. With batch normalisation samples are judged by their batch. */
  discriminate(weights: Tensors, x: Tensor): Tensor
  /** The generator's moving statistics after a batch of noise. */
  moveStatistics(weights: Tensors, z: Tensor): Tensors
  /** The singular vectors of the discriminator's kernels after one more power iteration. */
  moveSingularVectors(weights: Tensors): Tensors
}

/** A layer with what is done to its kernel, or to what it gives before the activation. */
interface Block {
  layer: Layer
  norm: 'none' | 'batch' | 'spectral'
  /** Has moving statistics, too. */
  moving: boolean
}

/** Standard deviation of DCGAN's first weights. */
const dcganDeviation = 0.02

/**
 * Builds the two networks that a spec describes.
 * @param input shape of a sample: [height, width, channels], or [columns] of rows.
 * @throws recipe-invalid naming the layer that does not fit.
 */
export function buildGan(spec: GanSpec, input: number[]): Gan {
  const generator = generatorBlocks(spec, input)
  const discriminator = discriminatorBlocks(spec, input)
  const blocks = [...generator, ...discriminator]
  const shapes = Object.assign({}, ...blocks.map(blockWeights)) as Record<string, number[]>
  const batched = generator.filter(({ norm }) => norm === 'batch')
  const spectral = discriminator.filter(({ norm }) => norm === 'spectral')

  const runGenerator = (weights: Tensors, z: Tensor, statistics: (block: Block, x: Tensor) => Statistics) => {
    const y = generator.slice(0, -1).reduce((x, block) => runBlock(block, weights, x, statistics), z)
    const logits = reshape(generator.at(-1)!.layer.linear(weights, y), [z.shape[0], ...input])
    // tanh(x) from −1 to 1 stands for 0 to 1.
    return spec.generator.output === 'sigmoid' ? sigmoid(logits) : add(mul(tanh(logits), 0.5), 0.5)
  }
  const ofBatch = (_: Block, x: Tensor): Statistics => batchStatistics(x)
  return {
    input,
    code: [spec.latentDim],
    shapes,
    layers: blocks.map(blockSummary),
    generator: namesOf(generator),
    discriminator: namesOf(discriminator),
    init: (random) => init(spec, blocks, random),
    generate: (weights, z) => runGenerator(weights, z, ({ layer }) => movingOf(layer, weights)),
    generateBatch: (weights, z) => runGenerator(weights, z, ofBatch),
    firstLayer: (weights, z) => runBlock(generator[0]!, weights, z, ({ layer }) => movingOf(layer, weights)),
    discriminate(weights, x) {
      // Around zero, as what a tanh gives.
      const centred = sub(mul(x, 2), 1)
      const y = discriminator.reduce((h, block) => runBlock(block, weights, h, ofBatch), centred)
      return reshape(y, [-1])
    },
    moveStatistics(weights, z) {
      const moved: Tensors = {}
      if (batched.length === 0) return moved
      runGenerator(weights, z, ({ layer }, x) => {
        const { mean, variance } = moveStatistics(movingOf(layer, weights), x)
        moved[weightName(layer, 'movingMean')] = mean
        moved[weightName(layer, 'movingVariance')] = variance
        return batchStatistics(x)
      })
      return moved
    },
    moveSingularVectors: (weights) =>
      Object.fromEntries(
        spectral.flatMap(({ layer }) => {
          const before = weights[weightName(layer, 'right')]!
          const { left, right } = iterateSingularVectors(weights[layer.kernel]!, before)
          return [
            [weightName(layer, 'left'), left],
            [weightName(layer, 'right'), right],
          ]
        }),
      ),
  }
}

type Extra = 'scale' | 'offset' | 'movingMean' | 'movingVariance' | 'left' | 'right'
const weightName = ({ name }: Layer, extra: Extra): string => `${name}.${extra}`

const movingOf = (layer: Layer, weights: Tensors): Statistics => ({
  mean: weights[weightName(layer, 'movingMean')]!,
  variance: weights[weightName(layer, 'movingVariance')]!,
})

function runBlock(
  block: Block,
  weights: Tensors,
  x: Tensor,
  statistics: (block: Block, x: Tensor) => Statistics,
): Tensor {
  const { layer, norm } = block
  const weight = (extra: Extra): Tensor => weights[weightName(layer, extra)]!
  const activated = (y: Tensor): Tensor => activate(layer.spec.activation, y)
  switch (norm) {
    case 'none':
      return activated(layer.linear(weights, x))
    case 'batch': {
      const y = layer.linear(weights, x)
      return activated(normalise(y, statistics(block, y), weight('scale'), weight('offset')))
    }
    case 'spectral': {
      const vectors = { left: weight('left'), right: weight('right') }
      const kernel = spectrallyNormalised(weights[layer.kernel]!, vectors)
      return activated(layer.linear({ ...weights, [layer.kernel]: kernel }, x))
    }
  }
}

/** Batch normalisation's offsets are biases: its layers have no others. */
function generatorBlocks({ generator, latentDim }: GanSpec, input: number[]): Block[] {
  const { layers: hidden, norm, outputKernel, outputStride } = generator
  const kernel = { filters: input[2] ?? 1, kernel: outputKernel, stride: outputStride }
  const output: DecoderLayer =
    hidden.at(-1)!.type === 'dense'
      ? { type: 'dense', units: sizeOf(input), activation: 'linear' }
      : { ...kernel, type: outputStride === 1 ? 'conv' : 'conv-transpose', activation: 'linear' }
  const isHidden = (i: number): boolean => i < hidden.length
  const layers = decoderStack([...hidden, output], {
    ...{ code: [latentDim], input, path: 'model.generator.layers', codePath: 'model.latentDim' },
    name: (i) => (isHidden(i) ? `generator.${i}` : 'generator.output'),
    bias: (i) => norm === 'none' || !isHidden(i),
  })
  return layers.map((layer, i) => ({ layer, norm: isHidden(i) ? norm : 'none', moving: true }))
}

/** Radford et al. leave the layer that sees the image without batch normalisation; spectral normalisation is of every layer. */
function discriminatorBlocks({ discriminator }: GanSpec, input: number[]): Block[] {
  const { layers: specs, norm } = discriminator
  const isBatched = (i: number): boolean => norm === 'batch' && i > 0
  const hidden = encoderStack(specs, { name: 'discriminator', input, bias: (i) => !isBatched(i) })
  const logit = createLayer(
    { type: 'dense', units: 1, activation: 'linear' },
    { name: 'discriminator.logit', input: hidden.at(-1)!.output, oneDimensional: false, bias: true },
  )
  const plain = norm === 'spectral' ? 'spectral' : 'none'
  return [
    ...hidden.map((layer, i): Block => ({ layer, norm: isBatched(i) ? 'batch' : plain, moving: false })),
    { layer: logit, norm: plain, moving: false },
  ]
}

/** Names and shapes of what gradients change. */
function trainedWeights({ layer, norm }: Block): Record<string, number[]> {
  const channels = [layer.output.at(-1)!]
  if (norm !== 'batch') return layerWeights(layer)
  const scales = { [weightName(layer, 'scale')]: channels, [weightName(layer, 'offset')]: channels }
  return { ...layerWeights(layer), ...scales }
}

function movedWeights({ layer, norm, moving }: Block): Record<string, number[]> {
  const channels = layer.output.at(-1)!
  if (norm === 'batch' && moving)
    return {
      [weightName(layer, 'movingMean')]: [channels],
      [weightName(layer, 'movingVariance')]: [channels],
    }
  if (norm !== 'spectral') return {}
  const inputs = sizeOf(layer.kernelShape) / channels
  return { [weightName(layer, 'left')]: [inputs], [weightName(layer, 'right')]: [channels] }
}

const blockWeights = (block: Block): Record<string, number[]> => ({
  ...trainedWeights(block),
  ...movedWeights(block),
})

const namesOf = (blocks: Block[]): { trained: string[]; moved: string[] } => ({
  trained: blocks.flatMap((block) => Object.keys(trainedWeights(block))),
  moved: blocks.flatMap((block) => Object.keys(movedWeights(block))),
})

const normSigns = { none: '', batch: ' · BN', spectral: ' · SN' }

function blockSummary(block: Block): LayerSummary {
  const { kind, ...rest } = summary(block.layer)
  const sizes = Object.values(trainedWeights(block)).map(sizeOf)
  const parameters = sizes.reduce((sum, size) => sum + size, 0)
  return { ...rest, kind: kind + normSigns[block.norm], parameters }
}

/** Each weight from a source of its own, so that it does not depend on the others. */
function init({ initialisation }: GanSpec, blocks: Block[], random: Random): TensorMap {
  const isDcgan = initialisation === 'dcgan'
  const weights: TensorMap = {}
  blocks.forEach(({ layer, ...block }, i) => {
    Object.entries(blockWeights({ layer, ...block })).forEach(([name, shape], j) => {
      const source = random.fork(i).fork(j)
      const fill = (value: () => number): TensorData => ({
        ...{ shape, dtype: 'float32' },
        data: Float32Array.from({ length: sizeOf(shape) }, value),
      })
      const around = (mean: number): TensorData => fill(() => mean + dcganDeviation * source.normal())
      const first: Record<string, () => TensorData> = {
        [layer.kernel]: () => (isDcgan ? around(0) : initKernel(layer, source)),
        [weightName(layer, 'scale')]: () => (isDcgan ? around(1) : fill(() => 1)),
        [weightName(layer, 'movingVariance')]: () => fill(() => 1),
        [weightName(layer, 'left')]: () => unitVector(shape, source),
        [weightName(layer, 'right')]: () => unitVector(shape, source),
      }
      weights[name] = first[name]?.() ?? fill(() => 0)
    })
  })
  return weights
}

function unitVector(shape: number[], random: Random): TensorData {
  const values = Array.from({ length: sizeOf(shape) }, () => random.normal())
  const length = Math.hypot(...values)
  return { shape, dtype: 'float32', data: Float32Array.from(values, (value) => value / length) }
}
