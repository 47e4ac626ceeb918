import type { TypedArray } from './ir.ts'
import type { Attribute, ElementType, OnnxInitializer, OnnxNode } from './onnx.ts'

/** Constants up to this many elements are stored once however often they occur. */
const sharedSize = 64

/** An ONNX graph under construction. Values are known by name; every method returns the name it made. */
export interface GraphBuilder {
  readonly nodes: OnnxNode[]
  readonly initializers: OnnxInitializer[]
  node(operator: string, inputs: string[], attributes?: Record<string, Attribute>): string
  /** A node whose output has a given name. */
  named(name: string, operator: string, inputs: string[]): void
  /** A constant tensor. */
  constant(data: TypedArray | BigInt64Array, shape: readonly number[], type: ElementType): string
  /** A constant tensor under a given name. */
  initializer(tensor: OnnxInitializer): string
  /** A vector of indices or sizes. */
  int64(values: readonly number[]): string
  /** A float32 scalar. */
  float(value: number): string
}

export function createGraph(): GraphBuilder {
  const nodes: OnnxNode[] = []
  const initializers: OnnxInitializer[] = []
  const shared = new Map<string, string>()
  let count = 0

  const constant: GraphBuilder['constant'] = (data, shape, type) => {
    const key =
      data.length > sharedSize ? undefined : `${type}|${shape.join()}|${Array.from(data, keyOf).join()}`
    const known = key === undefined ? undefined : shared.get(key)
    if (known !== undefined) return known
    const name = `constant_${initializers.length}`
    initializers.push({ name, data, shape, type })
    if (key !== undefined) shared.set(key, name)
    return name
  }
  return {
    nodes,
    initializers,
    constant,
    initializer(tensor) {
      initializers.push(tensor)
      return tensor.name
    },
    node(operator, inputs, attributes = {}) {
      const name = `${operator}_${count++}`
      nodes.push({ operator, inputs, outputs: [name], attributes })
      return name
    },
    named(name, operator, inputs) {
      nodes.push({ operator, inputs, outputs: [name], attributes: {} })
    },
    int64: (values) => constant(BigInt64Array.from(values, BigInt), [values.length], 'int64'),
    float: (value) => constant(Float32Array.of(value), [], 'float32'),
  }
}

/** Text of a number that tells −0 from 0. */
const keyOf = (value: number | bigint): string => (Object.is(value, -0) ? '-0' : String(value))
