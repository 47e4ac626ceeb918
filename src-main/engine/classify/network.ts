import type { Tensor } from '@tensorflow/tfjs-core'
import { DarkroomError } from '../../contract/errors.ts'
import type { TensorMap } from '../../contract/tensors.ts'
import type { Backend, Tensors } from '../backend/backend.ts'
import { batched } from '../inference/latent-model.ts'
import type { TrainedRun } from '../jobs/trained-run.ts'
import { buildAutoencoder, type Autoencoder } from '../models/autoencoder.ts'
import { sizeOf } from '../models/layers.ts'
import { openLearner, type Head, type Learner } from './head.ts'

/** The encoder of a run, for a head to stand on. Of a variational one the code is zMean. */
export interface Encoder {
  /** Shape of a sample. */
  input: number[]
  /** Numbers of a code. */
  size: number
  /** Names of the weights of each layer, from the input to the code. */
  layers: string[][]
  weights: TensorMap
  encode(weights: Tensors, x: Tensor): Tensor
}

/** @throws model-without-encoder; model-without-codes for a restorer of photographs */
export function encoderOfRun({
  path,
  info,
  weights,
}: Pick<TrainedRun, 'path' | 'info' | 'weights'>): Encoder {
  const { model: spec } = info.recipe
  if (spec.type !== 'autoencoder')
    throw new DarkroomError(spec.type === 'gan' ? 'model-without-encoder' : 'model-without-codes', {
      file: path,
      received: spec.type,
    })
  const model = buildAutoencoder(spec, info.data.shape)
  // zLogVar is computed beside zMean, and then not used.
  const own = Object.keys(model.shapes).filter((name) => /^(encoder|code|zMean|zLogVar)\./.test(name))
  return {
    ...{ input: model.input, size: sizeOf(model.code), layers: encoderLayers(model) },
    weights: Object.fromEntries(own.map((name) => [name, weights[name]!])),
    encode: (values, x) => model.encode(values, x).code,
  }
}

function encoderLayers({ layers, shapes }: Autoencoder): string[][] {
  const own = layers.filter(({ name }) => name.startsWith('encoder.') || ['code', 'zMean'].includes(name))
  const weights = Object.keys(shapes)
  return own.map(({ name }) => weights.filter((weight) => weight.startsWith(`${name}.`)))
}

/** A head on an encoder. */
export interface Network {
  encoder: Encoder
  head: Head
  /** Of both. */
  weights: TensorMap
}

/** What a network takes samples for. */
export interface Predictor {
  /** [count, ...input] -> [count, classes] */
  probabilities(samples: Float32Array): Promise<Float32Array>
  dispose(): Promise<void>
}

/** Samples that are computed at a time. */
const batch = 64

export function openPredictor(
  backend: Pick<Backend, 'compile'>,
  { encoder, head, weights }: Network,
): Predictor {
  const pass = (values: Tensors, x: Tensor): Tensors => ({
    probabilities: head.probabilities(values, encoder.encode(values, x)),
  })
  const runner = batched(backend, pass, encoder.input, weights, batch)
  return {
    probabilities: async (samples) => (await runner.run(samples))['probabilities'] ?? new Float32Array(),
    dispose: () => runner.dispose(),
  }
}

/**
 * A learner of the head and the last layers of the encoder.
 * @param layers of the encoder, counted from the code; all where there are fewer
 * @param rate relative to that of a head
 */
export function openNetworkLearner(
  backend: Pick<Backend, 'compile'>,
  { encoder, head, weights }: Network,
  {
    layers,
    rate,
    read,
  }: { layers: number; rate: number; read: (items: Int32Array) => Promise<Float32Array> },
): Promise<Learner> {
  return openLearner(backend, weights, {
    ...{ input: encoder.input, classes: head.classes, rate, read },
    trains: [...encoder.layers.slice(-layers).flat(), ...head.trained],
    decays: head.layers.map(({ kernel }) => kernel),
    logits: (values, x) => head.logits(values, encoder.encode(values, x)),
  })
}
