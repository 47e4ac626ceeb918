import type { TensorMap } from '../../contract/tensors.ts'
import type { Backend } from '../backend/backend.ts'
import type { Head } from './head.ts'

/** A head that is ready to be asked, with other weights each time. */
export interface Scorer {
  /** [count, size] -> [count, classes] */
  probabilities(weights: TensorMap, codes: Float32Array): Promise<Float32Array>
  dispose(): Promise<void>
}

/** Codes that are computed at a time; the last of them are filled up with zeros. */
const batch = 512

/** @param example weights of the shapes that all others have */
export async function openScorer(
  backend: Pick<Backend, 'compile'>,
  { size, classes, probabilities }: Head,
  example: TensorMap,
): Promise<Scorer> {
  const program = await backend.compile(
    (state, { codes }) => ({ state, outputs: { probabilities: probabilities(state, codes!) } }),
    { state: example, inputs: { codes: { shape: [batch, size], dtype: 'float32' } } },
  )
  return {
    async probabilities(weights, codes) {
      await program.writeState(weights)
      const count = codes.length / size
      const found = new Float32Array(count * classes)
      for (let from = 0; from < count; from += batch) {
        const data = new Float32Array(batch * size)
        data.set(codes.subarray(from * size, (from + batch) * size))
        const outputs = await program.run({ codes: { shape: [batch, size], dtype: 'float32', data } })
        const own = outputs['probabilities']!.data as Float32Array
        found.set(own.subarray(0, (count - from) * classes), from * classes)
      }
      return found
    },
    dispose: () => program.dispose(),
  }
}
