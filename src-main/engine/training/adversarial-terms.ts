import { add, mean, neg, sigmoid, softplus, sub, mul, type Scalar, type Tensor } from '@tensorflow/tfjs-core'
import type { Loss } from '../../contract/recipe.ts'
import type { TensorSpecs } from '../../contract/tensors.ts'
import type { Tensors } from '../backend/backend.ts'
import type { Gan } from '../models/gan.ts'
import { weightedMean } from './losses.ts'
import type { Stage } from './task.ts'

export type AdversarialLoss = Extract<Loss, { type: 'adversarial' }>

/** What a step of a GAN is given besides what the optimizer needs: `clean` [N, …], `sampleWeight` [N], `noise` [N, latentDim]. */
export const adversarialInputs = ({ input, code }: Gan, batch: number): TensorSpecs => ({
  clean: { shape: [batch, ...input], dtype: 'float32' },
  sampleWeight: { shape: [batch], dtype: 'float32' },
  noise: { shape: [batch, ...code], dtype: 'float32' },
})

/**
 * The discriminator's cross-entropy, with s the smoothing and D the sigmoid of a logit,
 * −(1 − s) ln D(x) − s ln(1 − D(x)) − ln(1 − D(G(z))), 2 ln 2 where it can tell nothing; and its mean verdicts D(x) and D(G(z)).
 * From the logits l, which does not overflow: −ln D = ln(1 + e⁻ˡ), −ln(1 − D) = ln(1 + eˡ). Real and generated samples are judged in
 * batches of their own, as batch normalisation wants it.
 */
export function discriminatorTerms(gan: Gan, { smoothing }: AdversarialLoss) {
  return (weights: Tensors, { clean, sampleWeight }: Tensors, generated: Tensor) => {
    const real = gan.discriminate(weights, clean!)
    const made = gan.discriminate(weights, generated)
    const ofReal = weightedMean(sub(softplus(real), mul(real, 1 - smoothing)), sampleWeight!)
    return {
      discriminator: add<Scalar>(ofReal, mean(softplus(made))),
      'verdict-real': weightedMean(sigmoid(real), sampleWeight!),
      'verdict-generated': mean<Scalar>(sigmoid(made)),
    }
  }
}

/** The generator's non-saturating loss −ln D(G(z)) (Goodfellow et al. 2014). */
export function generatorTerms(gan: Gan) {
  return (weights: Tensors, generated: Tensor): { generator: Scalar } => ({
    generator: mean<Scalar>(softplus(neg(gan.discriminate(weights, generated)))),
  })
}

/**
 * Discriminator and generator in turn, on the same noise, as DCGAN has it: the generator's forward pass is shared. Averages are those of
 * the generator (Yazıcı et al., ICLR 2019), its moving statistics among them, so that they belong to the averaged weights.
 */
export function adversarialStage(gan: Gan, loss: AdversarialLoss): Stage {
  const judge = discriminatorTerms(gan, loss)
  const please = generatorTerms(gan)
  const { generator, discriminator } = gan
  return {
    ...{ name: 'train', rate: null, epochs: null },
    averages: [...generator.trained, ...generator.moved],
    updates: [
      {
        trains: discriminator.trained,
        rateFactor: loss.discriminatorRate,
        moves: (weights) => gan.moveSingularVectors(weights),
        terms(weights, inputs) {
          const terms = judge(weights, inputs, gan.generateBatch(weights, inputs['noise']!))
          return { loss: terms.discriminator, ...terms }
        },
      },
      {
        trains: generator.trained,
        moves: (weights, { noise }) => gan.moveStatistics(weights, noise!),
        terms(weights, { noise }) {
          const terms = please(weights, gan.generateBatch(weights, noise!))
          return { loss: terms.generator, ...terms }
        },
      },
    ],
  }
}
