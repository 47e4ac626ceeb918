import type { ModelInterface } from '../../src-main/contract/models.ts'
import {
  writeOnnx,
  type OnnxModel,
  type OnnxNode,
  type OnnxValue,
} from '../../src-main/engine/backend/onnx.ts'

type Shape = (number | string)[]

interface TheirModel extends Partial<ModelInterface> {
  /** Declared size; free by default. */
  height?: number | string
  width?: number | string
  /** Declared shape of `sigma` where that is a number. */
  sigmaShape?: Shape
  /** Nothing declared but the rank, as exporters do that were told that every axis is dynamic. */
  isOpen?: boolean
  /** 2: the result has twice the sides. */
  scale?: number
  /** Works in either range, as a network without biases does. */
  isLinear?: boolean
  metadata?: Record<string, string>
}

const value = (name: string, shape: Shape): OnnxValue => ({ name, shape, type: 'float32' })

/** An ONNX file of these nodes, from `x` (and whatever else) to `y`. */
export function graph(
  inputs: OnnxValue[],
  output: OnnxValue,
  nodes: OnnxNode[],
  more: Partial<OnnxModel> = {},
) {
  return writeOnnx({
    ...{ name: 'theirs', producerVersion: '0', metadata: {}, initializers: [] },
    ...{ inputs, outputs: [output], nodes, ...more },
  })
}

/**
 * A network of other people's: a mean over 3×3 pixels (it removes most of a strong noise), wrapped so that it works for
 * this use only. A range is made to matter as biases do: values far outside of it do not come through.
 */
export function theirModel(options: TheirModel = {}): Uint8Array {
  const { layout = 'NCHW', channels = 3, white = 1, output = 'clean', sigma = 'none', multiple = 1 } = options
  const { height = 'H', width = 'W', scale = 1 } = options
  const imageShape = (count: number, factor = 1): Shape => {
    if (options.isOpen) return ['', '', '', '']
    const [h, w] = [height, width].map((side) =>
      typeof side === 'number' ? factor * side : factor === 1 ? side : '',
    )
    return layout === 'NCHW' ? [1, count, h!, w!] : [1, h!, w!, count]
  }
  const nodes: OnnxNode[] = []
  const initializers: OnnxModel['initializers'] = []
  const node = (operator: string, inputs: string[], attributes: OnnxNode['attributes'] = {}): string => {
    const name = `v${nodes.length}`
    nodes.push({ operator, inputs, outputs: [name], attributes })
    return name
  }
  const constant = (data: number[], shape: number[] = []): string => {
    const name = `c${initializers.length}`
    initializers.push({ name, shape, type: 'float32', data: Float32Array.from(data) })
    return name
  }

  const isLast = layout === 'NHWC'
  const noisy = isLast ? node('Transpose', ['x'], { perm: [0, 3, 1, 2] }) : 'x'
  // Fails on sides that are no multiple, as a network with halvings does.
  const cells = node('SpaceToDepth', [noisy], { blocksize: multiple })
  const whole = node('DepthToSpace', [cells], { blocksize: multiple })
  const [low, high] = white === 1 ? [-2, 3] : [10, 700]
  const within = options.isLinear ? whole : node('Clip', [whole, constant([low]), constant([high])])
  // Pooling takes any number of channels; a convolution, which changes nothing here, its own.
  const identity = Array.from({ length: channels ** 2 }, (_, i) => (i % (channels + 1) === 0 ? 1 : 0))
  const mixed = node('Conv', [within, constant(identity, [channels, channels, 1, 1])])
  let clean = node('AveragePool', [mixed], {
    kernel_shape: [3, 3],
    pads: [1, 1, 1, 1],
    count_include_pad: 0,
  })
  if (sigma !== 'none') {
    // All of the change from σ 25 on, none at 0.
    const level = isLast && sigma === 'map' ? node('Transpose', ['sigma'], { perm: [0, 3, 1, 2] }) : 'sigma'
    const scaled = node('Mul', [level, constant([255 / 25 / white])])
    const share = node('Clip', [scaled, constant([0]), constant([1])])
    clean = node('Add', [noisy, node('Mul', [share, node('Sub', [clean, noisy])])])
  }
  let result = output === 'clean' ? clean : node('Sub', [noisy, clean])
  if (scale > 1)
    result = node('Resize', [result, '', constant([1, 1, scale, scale], [4])], { mode: 'nearest' })
  nodes.push(
    isLast
      ? { operator: 'Transpose', inputs: [result], outputs: ['y'], attributes: { perm: [0, 2, 3, 1] } }
      : { operator: 'Identity', inputs: [result], outputs: ['y'], attributes: {} },
  )
  const inputs = [value('x', imageShape(channels))]
  if (sigma !== 'none')
    inputs.push(value('sigma', options.sigmaShape ?? (sigma === 'map' ? imageShape(1) : [1])))
  const more = { initializers, metadata: options.metadata ?? {} }
  return graph(inputs, value('y', imageShape(channels, scale)), nodes, more)
}
