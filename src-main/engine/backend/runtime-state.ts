import type { InferenceSession, Tensor, TensorConstructor } from 'onnxruntime-node'
import type { TensorMap, TensorSpecs } from '../../contract/tensors.ts'
import { writeOnnx } from './onnx.ts'
import { copyTensor, fromRuntimeTensor, mapTensors, toRuntimeTensor } from './runtime-tensors.ts'

/**
 * Where a program's state is between two runs. `written`: in tensors of the processor that a run writes into;
 * `returned`: in those that a run hands out; `device`: in buffers of the graphics card.
 */
export type StatePlace = 'written' | 'returned' | 'device'

/** What a program carries from one run to the next, in the runtime's tensors, by the names of the state. */
export interface RuntimeState {
  /** What the next run gets. */
  current(): Record<string, Tensor>
  /** Where the next run is to write; null where it makes tensors of its own. */
  spare(): Record<string, Tensor> | null
  /** A run has ended and left these. */
  advance(next: Record<string, Tensor>): void
  read(): Promise<TensorMap>
  write(values: TensorMap): void
  dispose(): Promise<void>
}

interface StateContext {
  Tensor: TensorConstructor
  openSession: (model: Uint8Array) => Promise<InferenceSession>
  release: (session: InferenceSession) => Promise<void>
}

export function createState(place: StatePlace, values: TensorMap, context: StateContext): RuntimeState {
  return place === 'device' ? onDevice(values, context) : onHost(values, context, place === 'written')
}

const ownTensors = (Tensor: TensorConstructor, values: TensorMap): Record<string, Tensor> =>
  mapTensors(values, (value) => toRuntimeTensor(Tensor, copyTensor(value)))

function onHost(values: TensorMap, { Tensor }: StateContext, isWritten: boolean): RuntimeState {
  let state = ownTensors(Tensor, values)
  // The two sets swap at each step, so that a step allocates nothing for its state.
  let spare = isWritten ? ownTensors(Tensor, values) : null
  return {
    current: () => state,
    spare: () => spare,
    advance(next) {
      spare = isWritten ? state : null
      state = next
    },
    read: () =>
      Promise.resolve(mapTensors(state, (tensor, key) => copyTensor(fromRuntimeTensor(key, tensor)))),
    write(written) {
      state = ownTensors(Tensor, written)
    },
    dispose: () => Promise.resolve(),
  }
}

/**
 * The first run gets the values from the processor and leaves its own on the card, where they stay. onnxruntime-node 1.30
 * cannot download a tensor (it aborts the process), but runs a graph whose inputs are on the card and whose outputs are
 * not: reading is such a graph, of nothing but Identity.
 */
function onDevice(values: TensorMap, { Tensor, openSession, release }: StateContext): RuntimeState {
  const specs: TensorSpecs = mapTensors(values, ({ shape, dtype }) => ({ shape, dtype }))
  let state = ownTensors(Tensor, values)
  let reader: InferenceSession | null = null
  const replace = (next: Record<string, Tensor>): void => {
    // Tensors of the processor have nothing to give back.
    for (const tensor of Object.values(state)) if (tensor.location !== 'cpu') tensor.dispose()
    state = next
  }
  return {
    current: () => state,
    spare: () => null,
    advance: replace,
    async read() {
      reader ??= await openSession(copyGraph(specs))
      const copies = await reader.run(state)
      return mapTensors(specs, (_, key) => copyTensor(fromRuntimeTensor(key, copies[`copy/${key}`]!)))
    },
    write: (written) => replace(ownTensors(Tensor, written)),
    async dispose() {
      replace({})
      if (reader !== null) await release(reader)
    },
  }
}

const copyGraph = (specs: TensorSpecs): Uint8Array => {
  const named = Object.entries(specs)
  return writeOnnx({
    name: 'copy',
    producerVersion: '',
    nodes: named.map(([name]) => ({
      ...{ operator: 'Identity', inputs: [name], outputs: [`copy/${name}`] },
      attributes: {},
    })),
    initializers: [],
    inputs: named.map(([name, { shape, dtype }]) => ({ name, shape, type: dtype })),
    outputs: named.map(([name, { shape, dtype }]) => ({ name: `copy/${name}`, shape, type: dtype })),
    metadata: {},
  })
}
