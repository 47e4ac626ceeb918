import type { TypedArray } from './ir.ts'
import type { Attribute, ElementType, OnnxInitializer, OnnxNode } from './onnx.ts'

/** Constants up to this many elements are stored once however often they occur. */
const sharedSize = 64

/** An ONNX graph under construction. Values are known by name; every method returns the name it made. */
export interface GraphBuilder {
  node(operator: string, inputs: string[], attributes?: Record<string, Attribute>): string
  /** Makes a value an output of the graph under another name. */
  output(name: string, value: string): void
  /** A constant tensor. */
  constant(data: TypedArray | BigInt64Array, shape: readonly number[], type: ElementType): string
  /** A constant tensor under a given name. */
  initializer(tensor: OnnxInitializer): string
  /** A vector of indices or sizes. */
  int64(values: readonly number[]): string
  /** A float32 scalar. */
  float(value: number): string
  /** All that was made so far. */
  finish(): { nodes: OnnxNode[]; initializers: OnnxInitializer[] }
}

export function createGraph(): GraphBuilder {
  const nodes: OnnxNode[] = []
  const initializers: OnnxInitializer[] = []
  const shared = new Map<string, string>()
  /** What nodes made and is no output. */
  const made = new Set<string>()
  /** What they made and is one, and what it is then called. */
  const outputs = new Map<string, string>()
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
    constant,
    initializer(tensor) {
      initializers.push(tensor)
      return tensor.name
    },
    node(operator, inputs, attributes = {}) {
      const name = `${operator}_${count++}`
      nodes.push({ operator, inputs, outputs: [name], attributes })
      made.add(name)
      return name
    },
    output(name, value) {
      // An input, a constant, or an output already is copied; anything else is only called by its new name.
      if (made.delete(value)) outputs.set(value, name)
      else nodes.push({ operator: 'Identity', inputs: [value], outputs: [name], attributes: {} })
    },
    finish() {
      const rename = (names: string[]): string[] => names.map((name) => outputs.get(name) ?? name)
      const renamed = nodes.map((node) => ({
        ...node,
        inputs: rename(node.inputs),
        outputs: rename(node.outputs),
      }))
      return { nodes: renamed, initializers }
    },
    int64: (values) => constant(BigInt64Array.from(values, BigInt), [values.length], 'int64'),
    float: (value) => constant(Float32Array.of(value), [], 'float32'),
  }
}

/** Text of a number that tells −0 from 0. */
const keyOf = (value: number | bigint): string => (Object.is(value, -0) ? '-0' : String(value))
