import { tensor, type Tensor } from '@tensorflow/tfjs-core'
import { toTypedArray, type DType } from './ir.ts'

const declared = new WeakSet<object>()

/**
 * A constant tensor of any size for use inside a step: window functions, fixed filters, lookup tables. Its values become
 * part of the compiled graph. A step that writes more than a handful of differing values without this is refused,
 * because they are most often data that should have been an input.
 */
export function constant(values: ArrayLike<number>, shape: number[], dtype: DType = 'float32'): Tensor {
  const data = toTypedArray(values, dtype)
  declared.add(data)
  return tensor(data, shape, dtype)
}

/** Whether these values, as tfjs hands them to a backend, come from `constant`. */
export const isDeclaredConstant = (values: object): boolean => declared.has(values)
