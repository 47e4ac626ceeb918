import type { TensorMap, TensorSpec, TensorSpecs } from '../../contract/tensors.ts'
import type { Step, StepSignature, Tensors } from './backend.ts'
import { emit } from './emit.ts'
import { unsupported } from './fold.ts'
import { equalShapes, type Value } from './ir.ts'
import { writeOnnx } from './onnx.ts'
import { trace } from './trace.ts'

/**
 * A step as an ONNX graph with fixed shapes. Inputs keep their names; the state goes in as `state/<name>` and comes out
 * as `next/<name>`, outputs come out as `out/<name>`. All tensors are in tfjs's layout.
 */
export interface CompiledGraph {
  model: Uint8Array
  inputs: TensorSpecs
  state: TensorSpecs
  outputs: TensorSpecs
}

const prefixed = <T>(prefix: string, map: Record<string, T>): Record<string, T> =>
  Object.fromEntries(Object.entries(map).map(([name, value]) => [prefix + name, value]))

/** The entries whose names begin with the prefix, without it. */
const withPrefix = <T>(prefix: string, map: Record<string, T>): Record<string, T> =>
  Object.fromEntries(
    Object.entries(map).flatMap(([name, value]) =>
      name.startsWith(prefix) ? [[name.slice(prefix.length), value] as const] : [],
    ),
  )

const specOf = ({ shape, dtype }: { shape: readonly number[]; dtype: TensorSpec['dtype'] }): TensorSpec => ({
  shape: [...shape],
  dtype,
})

const specsOf = (map: TensorMap | Record<string, Value>): TensorSpecs =>
  Object.fromEntries(
    Object.entries<TensorSpec | Value>(map).map(([name, value]) => [name, specOf(value)] as const),
  )

const describe = (spec: TensorSpec | undefined): string =>
  spec === undefined ? 'nothing' : `${spec.dtype} [${spec.shape.join(', ')}]`

/** A step must give back exactly the state that it was given, or the next run could not start from it. */
function checkState(given: TensorSpecs, returned: TensorSpecs): void {
  for (const name of new Set([...Object.keys(given), ...Object.keys(returned)])) {
    const [before, after] = [given[name], returned[name]]
    if (before && after && before.dtype === after.dtype && equalShapes(before.shape, after.shape)) continue
    throw unsupported(`new state ${name}: ${describe(before)}`, describe(after))
  }
}

/**
 * Records one step and writes it as an ONNX graph: forward pass, gradients and update. The numbers in the step are
 * constants of the graph.
 * @throws DarkroomError trace-unsupported, see `trace`, and where the returned state does not match the given one
 */
export function compileStep(step: Step, signature: StepSignature): CompiledGraph {
  const state = specsOf(signature.state)
  const recorded = trace({ ...prefixed('state/', state), ...signature.inputs }, (tensors: Tensors) => {
    const inputs = Object.fromEntries(
      Object.keys(signature.inputs).map((name) => [name, tensors[name]!] as const),
    )
    const result = step(withPrefix('state/', tensors), inputs)
    return { ...prefixed('next/', result.state), ...prefixed('out/', result.outputs) }
  })
  const produced = specsOf(recorded.outputs)
  checkState(state, withPrefix('next/', produced))
  const model = writeOnnx({
    ...emit(recorded, { layout: 'NHWC', fixed: true }),
    name: 'step',
    producerVersion: '',
    metadata: {},
  })
  return { model, inputs: signature.inputs, state, outputs: withPrefix('out/', produced) }
}
