import type * as tf from '@tensorflow/tfjs-core'
import type { TensorMap } from '../../src-main/contract/tensors.ts'
import { createRandom } from '../../src-main/engine/numeric/random.ts'

/**
 * An input: its shape as numbers with spaces between, and the range of its elements (−1 to 1 if not said). A constant one
 * gets no gradient; constant ones come last.
 */
export type CaseInput = string | { shape: string; from: number; to: number; constant?: boolean }

/**
 * One operation, or a few, whose value and gradients an engine must get right. `reference` says what gradients are compared
 * with: tfjs's pure JavaScript backend run eagerly (which shares tfjs's gradient functions), central differences of the
 * engine's own forward pass (which share nothing, but need a distance from kinks), both, or nothing where there are none.
 */
export interface Case {
  name: string
  inputs: CaseInput[]
  f: (...x: tf.Tensor[]) => tf.Tensor
  reference: 'both' | 'eager' | 'differences' | 'none'
}

type Rank<D> = D extends 2 ? tf.Tensor2D : D extends 3 ? tf.Tensor3D : D extends 4 ? tf.Tensor4D : tf.Tensor1D
/** Cases are checked by running them; the rank that an op asks for in its type is asserted. */
export const as = <D extends 1 | 2 | 3 | 4>(x: tf.Tensor): Rank<D> => x as Rank<D>

export interface CaseTable {
  cases: Case[]
  add: (name: string, inputs: CaseInput[], f: Case['f'], reference?: Case['reference']) => void
}

export function createTable(): CaseTable {
  const cases: Case[] = []
  return {
    cases,
    add(name, inputs, f, reference = 'both') {
      cases.push({ name, inputs, f, reference })
    },
  }
}

/** Seeded values for the inputs of a case, named x0, x1, …. */
export function caseInputs({ inputs }: Case, seed = 7): TensorMap {
  const random = createRandom(seed)
  return Object.fromEntries(
    inputs.map((input, i) => {
      const { shape: sizes, from, to } = typeof input === 'string' ? { shape: input, from: -1, to: 1 } : input
      const shape = sizes === '' ? [] : sizes.split(' ').map(Number)
      const size = shape.reduce((a, b) => a * b, 1)
      const data = Float32Array.from({ length: size }, () => from + (to - from) * random.uniform())
      return [`x${i}`, { shape, dtype: 'float32', data }] as const
    }),
  )
}
