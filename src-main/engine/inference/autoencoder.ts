import type { AutoencoderSpec } from '../../contract/architecture.ts'
import type { TensorMap } from '../../contract/tensors.ts'
import type { Backend, Program, Tensors } from '../backend/backend.ts'
import { buildAutoencoder, type Autoencoder } from '../models/autoencoder.ts'
import { sizeOf } from '../models/layers.ts'

/** An autoencoder with its weights, ready to be used. Values are those of samples or codes, one after the other. */
export interface OpenAutoencoder {
  model: Autoencoder
  /** [count, ...input] -> [count, ...code]: the code, or zMean beside zLogVar of variational models. */
  encode(samples: Float32Array): Promise<{ code: Float32Array; zLogVar: Float32Array | null }>
  /** [count, ...code] -> [count, ...input] */
  decode(codes: Float32Array): Promise<Float32Array>
  /** [count, ...input] -> [count, ...input], from the code or zMean. */
  reconstruct(samples: Float32Array): Promise<Float32Array>
  dispose(): Promise<void>
}

export interface TrainedAutoencoder {
  spec: AutoencoderSpec
  /** Shape of a sample. */
  input: number[]
  weights: TensorMap
  /** Samples that are computed at a time; default 64. */
  batch?: number
}

/** Opens a trained autoencoder. What is not asked for is not compiled. @throws recipe-invalid where spec and input do not fit. */
export function openAutoencoder(
  backend: Pick<Backend, 'compile'>,
  { spec, input, weights, batch = 64 }: TrainedAutoencoder,
): OpenAutoencoder {
  const model = buildAutoencoder(spec, input)
  const passes = {
    encode: (state: Tensors, x: Tensors): Tensors => {
      const { code, zLogVar } = model.encode(state, x['x']!)
      return zLogVar === null ? { code } : { code, zLogVar }
    },
    decode: (state: Tensors, x: Tensors): Tensors => ({ output: model.decode(state, x['x']!).output }),
    reconstruct: (state: Tensors, x: Tensors): Tensors => ({
      output: model.decode(state, model.encode(state, x['x']!).code).output,
    }),
  }
  const programs = new Map<keyof typeof passes, Promise<Program>>()

  /** Runs one pass over all of the values, batch by batch; the last batch is filled up with zeros. */
  async function run(name: keyof typeof passes, values: Float32Array): Promise<Record<string, Float32Array>> {
    const shape = name === 'decode' ? model.code : model.input
    const size = sizeOf(shape)
    const count = values.length / size
    const compiled =
      programs.get(name) ??
      backend.compile((state, inputs) => ({ state, outputs: passes[name](state, inputs) }), {
        state: weights,
        inputs: { x: { shape: [batch, ...shape], dtype: 'float32' } },
      })
    programs.set(name, compiled)
    const program = await compiled
    const results: Record<string, Float32Array> = {}
    for (let from = 0; from < count; from += batch) {
      const data = new Float32Array(batch * size)
      data.set(values.subarray(from * size, (from + batch) * size))
      const outputs = await program.run({ x: { shape: [batch, ...shape], dtype: 'float32', data } })
      for (const [output, { data: made }] of Object.entries(outputs)) {
        const each = made.length / batch
        const all = (results[output] ??= new Float32Array(count * each))
        all.set((made as Float32Array).subarray(0, Math.min(batch, count - from) * each), from * each)
      }
    }
    return results
  }

  return {
    model,
    async encode(samples) {
      const { code, zLogVar } = await run('encode', samples)
      return { code: code ?? new Float32Array(), zLogVar: zLogVar ?? null }
    },
    decode: async (codes) => (await run('decode', codes))['output'] ?? new Float32Array(),
    reconstruct: async (samples) => (await run('reconstruct', samples))['output'] ?? new Float32Array(),
    async dispose() {
      for (const program of programs.values()) await (await program).dispose()
    },
  }
}
