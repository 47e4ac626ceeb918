import { InferenceSession, Tensor } from 'onnxruntime-node'
import type { TensorData, TensorMap } from '../../src-main/contract/tensors.ts'
import type { Step } from '../../src-main/engine/backend/backend.ts'
import { compileStep } from '../../src-main/engine/backend/compile.ts'

type Feeds = Record<string, Tensor>

const toOrt = ({ data, shape, dtype }: TensorData): Tensor =>
  dtype === 'float32'
    ? new Tensor('float32', data as Float32Array, shape)
    : dtype === 'int32'
      ? new Tensor('int32', data as Int32Array, shape)
      : new Tensor('bool', data as Uint8Array, shape)

function fromOrt(tensor: Tensor): TensorData {
  const dtype = tensor.type as TensorData['dtype']
  return { data: tensor.data as Float32Array, shape: [...tensor.dims], dtype }
}

/** Runs an ONNX model once with onnxruntime's CPU provider: the plainest possible runtime, for tests of the graphs. */
export async function openGraph(model: Uint8Array): Promise<(inputs: TensorMap) => Promise<TensorMap>> {
  const session = await InferenceSession.create(model, { intraOpNumThreads: 1, logSeverityLevel: 3 })
  return async (inputs) => {
    const feeds: Feeds = Object.fromEntries(Object.entries(inputs).map(([name, t]) => [name, toOrt(t)]))
    const results = await session.run(feeds)
    return Object.fromEntries(Object.entries(results).map(([name, t]) => [name, fromOrt(t)]))
  }
}

/** A compiled step that carries its state along, as the real runtime does. */
export async function openStep(
  step: Step,
  state: TensorMap,
  exampleInputs: TensorMap,
): Promise<{ run(inputs: TensorMap): Promise<TensorMap>; state(): TensorMap }> {
  const { model } = compileStep(step, { state, inputs: exampleInputs })
  const run = await openGraph(model)
  let current = state
  return {
    async run(inputs) {
      const renamed = Object.fromEntries(Object.entries(current).map(([name, t]) => [`state/${name}`, t]))
      const results = await run({ ...renamed, ...inputs })
      const pick = (prefix: string) =>
        Object.fromEntries(
          Object.entries(results).flatMap(([name, t]) =>
            name.startsWith(prefix) ? [[name.slice(prefix.length), t] as const] : [],
          ),
        )
      current = pick('next/')
      return pick('out/')
    },
    state: () => current,
  }
}
