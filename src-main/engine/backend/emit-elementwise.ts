import { nchw, type Emitter, type EmitterTable } from './emit-layout.ts'
import { sizeOf, type Value } from './ir.ts'
import { elementType } from './onnx.ts'

/** An image operand of an NCHW operator: of lower rank, it is broadcast as tfjs would, from the last axis. */
function nchwOperand(e: Emitter, x: Value): string {
  const rank = x.shape.length
  if (rank === 4) return e.ordered(x, nchw)
  if (sizeOf(x.shape) === 1) return e.plain(x)
  const { graph } = e
  if (rank === 1) return graph.node('Reshape', [e.plain(x), graph.int64([x.shape[0]!, 1, 1])])
  const shape = [...Array.from({ length: 4 - rank }, () => 1), ...x.shape]
  const image = graph.node('Reshape', [e.plain(x), graph.int64(shape)])
  return graph.node('Transpose', [image], { perm: [...nchw] })
}

/**
 * Emits an operator that treats all elements alike, in NCHW if one of its operands is held so.
 * @param operator makes the node from the operands' names
 */
function emitInOneLayout(
  e: Emitter,
  value: Value,
  operator: (operands: string[]) => string,
  inputs = value.inputs,
): void {
  const inNchw = value.shape.length === 4 && inputs.some((x) => e.isNchw(x))
  const operands = inputs.map((x) => (inNchw ? nchwOperand(e, x) : e.plain(x)))
  e.hold(value, operator(operands), inNchw ? nchw : undefined)
}

export const emitElementwise = {
  elementwise(e, value, { name }) {
    emitInOneLayout(e, value, (operands) => e.graph.node(name, operands))
  },
  step(e, value, { alpha }) {
    const { graph } = e
    emitInOneLayout(e, value, ([x]) => {
      const positive = graph.node('Greater', [x!, graph.float(0)])
      if (alpha === 0) return graph.node('Cast', [positive], { to: elementType('float32') })
      return graph.node('Where', [positive, graph.float(1), graph.float(alpha)])
    })
  },
  clip(e, value, { min, max }) {
    const { graph } = e
    emitInOneLayout(e, value, ([x]) => {
      const bounds = [min, max].map((bound) =>
        value.dtype === 'int32' ? graph.constant(Int32Array.of(bound), [], 'int32') : graph.float(bound),
      )
      return graph.node('Clip', [x!, ...bounds])
    })
  },
  leakyRelu(e, value, { alpha }) {
    emitInOneLayout(e, value, (operands) => e.graph.node('LeakyRelu', operands, { alpha: { float: alpha } }))
  },
  cast(e, value) {
    emitInOneLayout(e, value, (operands) => e.graph.node('Cast', operands, { to: elementType(value.dtype) }))
  },
} satisfies Partial<EmitterTable>
