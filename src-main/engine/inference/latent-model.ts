import type { AutoencoderSpec, GanSpec } from '../../contract/architecture.ts'
import type { TensorMap } from '../../contract/tensors.ts'
import type { Backend, Program, Tensors } from '../backend/backend.ts'
import { buildAutoencoder } from '../models/autoencoder.ts'
import { buildGan } from '../models/gan.ts'
import { sizeOf } from '../models/layers.ts'

/** A trained model that makes samples of codes. Values are those of samples or codes, one after the other. */
export interface OpenLatentModel {
  /** Shape of a sample. */
  input: number[]
  /** Shape of a code. */
  code: number[]
  variational: boolean
  /** [count, ...input] -> [count, ...code]: the code, or zMean beside zLogVar of variational models. Null of models without an encoder. */
  encode: ((samples: Float32Array) => Promise<EncodedSamples>) | null
  /** [count, ...code] -> [count, ...input] */
  decode(codes: Float32Array): Promise<Float32Array>
  /** Of a GAN: what the generator's first layer makes of codes, [count, …]. Null of other models. */
  firstLayer: ((codes: Float32Array) => Promise<Float32Array>) | null
  dispose(): Promise<void>
}

export interface EncodedSamples {
  code: Float32Array
  zLogVar: Float32Array | null
}

export interface TrainedLatentModel {
  spec: AutoencoderSpec | GanSpec
  /** Shape of a sample. */
  input: number[]
  weights: TensorMap
  /** Samples that are computed at a time where there are many; default 64. */
  batch?: number
}

/** What is computed of one input: named outputs, each with the samples of the batch along its first axis. */
type Pass = (weights: Tensors, x: Tensors[string]) => Tensors

interface Passes {
  input: number[]
  code: number[]
  variational: boolean
  encode: Pass | null
  decode: Pass
  firstLayer: Pass | null
}

/** Opens a trained model. What is not asked for is not compiled. @throws recipe-invalid where spec and input do not fit. */
export function openLatentModel(
  backend: Pick<Backend, 'compile'>,
  { spec, input, weights, batch = 64 }: TrainedLatentModel,
): OpenLatentModel {
  const passes = passesOf(spec, input)
  const encode = passes.encode && batched(backend, passes.encode, passes.input, weights, batch)
  const decode = batched(backend, passes.decode, passes.code, weights, batch)
  const first = passes.firstLayer && batched(backend, passes.firstLayer, passes.code, weights, batch)
  return {
    input: passes.input,
    code: passes.code,
    variational: passes.variational,
    encode:
      encode &&
      (async (samples) => {
        const { code, zLogVar } = await encode.run(samples)
        return { code: code ?? new Float32Array(), zLogVar: zLogVar ?? null }
      }),
    decode: async (codes) => (await decode.run(codes))['output'] ?? new Float32Array(),
    firstLayer: first && (async (codes) => (await first.run(codes))['output'] ?? new Float32Array()),
    async dispose() {
      await encode?.dispose()
      await decode.dispose()
      await first?.dispose()
    },
  }
}

function passesOf(spec: AutoencoderSpec | GanSpec, input: number[]): Passes {
  if (spec.type === 'gan') {
    const { code, ...gan } = buildGan(spec, input)
    const decode: Pass = (weights, z) => ({ output: gan.generate(weights, z) })
    const firstLayer: Pass = (weights, z) => ({ output: gan.firstLayer(weights, z) })
    return { input, code, variational: false, encode: null, decode, firstLayer }
  }
  const model = buildAutoencoder(spec, input)
  return {
    ...{ input, code: model.code, variational: model.variational },
    encode(weights, x) {
      const { code, zLogVar } = model.encode(weights, x)
      return zLogVar === null ? { code } : { code, zLogVar }
    },
    decode: (weights, x) => ({ output: model.decode(weights, x).output }),
    firstLayer: null,
  }
}

/** Runs a pass over any number of values: by ones, for what follows a pointer, by eights, and in whole batches. */
export function batched(
  backend: Pick<Backend, 'compile'>,
  pass: Pass,
  shape: number[],
  weights: TensorMap,
  batch: number,
) {
  const size = sizeOf(shape)
  const batchSizes = [1, 8, batch].filter((one) => one <= batch)
  const programs = new Map<number, Promise<Program>>()

  function programFor(samples: number): Promise<Program> {
    const compiled =
      programs.get(samples) ??
      backend.compile((state, { x }) => ({ state, outputs: pass(state, x!) }), {
        state: weights,
        inputs: { x: { shape: [samples, ...shape], dtype: 'float32' } },
      })
    programs.set(samples, compiled)
    return compiled
  }

  return {
    /** The last batch is filled up with zeros. */
    async run(values: Float32Array): Promise<Record<string, Float32Array>> {
      const count = values.length / size
      const results: Record<string, Float32Array> = {}
      for (let from = 0; from < count;) {
        const left = count - from
        const samples = batchSizes.find((one) => one >= left) ?? batch
        const data = new Float32Array(samples * size)
        data.set(values.subarray(from * size, (from + samples) * size))
        const program = await programFor(samples)
        const outputs = await program.run({ x: { shape: [samples, ...shape], dtype: 'float32', data } })
        for (const [output, { data: made }] of Object.entries(outputs)) {
          const each = made.length / samples
          const all = (results[output] ??= new Float32Array(count * each))
          all.set((made as Float32Array).subarray(0, Math.min(samples, left) * each), from * each)
        }
        from += samples
      }
      return results
    },
    async dispose() {
      for (const program of programs.values()) await (await program).dispose()
    },
  }
}
