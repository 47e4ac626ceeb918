import type { Scalar } from '@tensorflow/tfjs-core'
import type { LayerSummary } from '../../contract/architecture.ts'
import type { TensorMap, TensorSpecs } from '../../contract/tensors.ts'
import type { Tensors } from '../backend/backend.ts'
import type { Random } from '../numeric/random.ts'

/** One descent of a loss. A step makes one, or several that each begin where the one before has led. */
export interface Update {
  /** Names of the weights that gradients change. */
  trains: string[]
  /** Learning rate as a multiple of the stage's; 1 where it is not said. */
  rateFactor?: number
  /**
   * Weights that are computed instead (moving statistics, singular vectors): their new values by name, from the weights before. The loss
   * sees them, as constants.
   */
  moves?: (weights: Tensors, inputs: Tensors) => Tensors
  /**
   * What the loss takes as constant although it follows from the weights (a stop-gradient): computed from the weights before, and given to
   * `terms` as further inputs.
   */
  constants?: (weights: Tensors, inputs: Tensors) => Tensors
  /**
   * Terms of the loss, each the mean over the samples of a batch, weighted by `sampleWeight` [N] (0 for what only fills up the last batch).
   * `loss` is what is minimised: the reconstruction and each penalty times its weight.
   */
  terms: (weights: Tensors, inputs: Tensors) => Record<string, Scalar> & { loss: Scalar }
}

/** A part of the training with losses of its own: the whole network, or one layer of it being pretrained. */
export interface Stage {
  /** `train`, or `pretrain-1`, `pretrain-2`, … */
  name: string
  /** What a step does, in turn. */
  updates: Update[]
  /** Weights whose averages become the model where the recipe averages; where it is not said, all that are trained. */
  averages?: string[]
  /** Initial learning rate; null: the recipe's. */
  rate: number | null
  epochs: number | null
}

export const trainedBy = ({ updates }: Pick<Stage, 'updates'>): string[] =>
  updates.flatMap(({ trains }) => trains)

/** Where a step stands in its stage. */
export interface Place {
  /** 0 is the first. */
  epoch: number
  /** First sample of the epoch's order that the step takes. */
  offset: number
  /** Samples that count; the rest of the batch fills it up. */
  count: number
  /** Samples of the batch as the program was compiled for. */
  batch: number
}

/** All that the training loop must know of what it trains: an autoencoder on whole samples, or a restorer on patches. */
export interface Task {
  weights: Record<string, number[]>
  layers: LayerSummary[]
  init(random: Random): TensorMap
  stages: Stage[]
  samplesPerEpoch: number
  /** Inputs of a step for batches of one size, besides those of the optimizer. `sampleWeight` is among them. */
  inputs(stage: Stage, batch: number): TensorSpecs
  /**
   * Their values. Depends on nothing but the recipe's seed, the data, and the place; may be asked for ahead, and again after a break.
   * @param spare a batch of the same stage and size that is needed no more: its arrays may be written into, which saves making new ones.
   */
  draw(stage: Stage, place: Place, spare?: TensorMap): Promise<TensorMap>
  /** Loss terms and measures on the validation split; empty without one. */
  validate(stage: Stage, weights: TensorMap): Promise<Record<string, number>>
  /** A picture of what the network does to the same few validation samples each time, as PNG; null without any. */
  preview(weights: TensorMap): Promise<Uint8Array | null>
  /** The network as ONNX files, by part; `model` is always there. */
  exports(weights: TensorMap, metadata: Record<string, string>): Record<string, Uint8Array>
  close(): Promise<void>
}
