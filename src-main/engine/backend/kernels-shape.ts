import {
  backend_util,
  slice_util,
  util,
  type BatchToSpaceNDAttrs,
  type ConcatAttrs,
  type DepthToSpaceAttrs,
  type ExpandDimsAttrs,
  type FillAttrs,
  type GatherV2Attrs,
  type MirrorPadAttrs,
  type OneHotAttrs,
  type PackAttrs,
  type PadV2Attrs,
  type ReshapeAttrs,
  type ReverseAttrs,
  type SliceAttrs,
  type SpaceToBatchNDAttrs,
  type SplitVAttrs,
  type StridedSliceAttrs,
  type TileAttrs,
  type TransposeAttrs,
  type UnpackAttrs,
} from '@tensorflow/tfjs-core'
import {
  compare,
  concat,
  expand,
  reshape,
  select,
  slice,
  transpose,
  uniformValue,
  unsupported,
} from './fold.ts'
import { sizeOf, type DType, type Recorder, type Value } from './ir.ts'
import type { Inputs, KernelTable } from './kernels.ts'

const nonNegative = (axis: number, rank: number): number => (axis < 0 ? axis + rank : axis)

function pad(
  r: Recorder,
  x: Value,
  pads: [number, number][],
  mode: 'constant' | 'reflect',
  value: number,
): Value {
  if (pads.every(([before, after]) => before === 0 && after === 0)) return x
  const shape = x.shape.map((d, i) => d + pads[i]![0] + pads[i]![1])
  if (uniformValue(x) === value) return r.uniform(value, shape, x.dtype)
  return r.record({ op: 'pad', pads, mode, value }, [x], shape)
}

function insertAxis(r: Recorder, x: Value, axis: number): Value {
  const shape = [...x.shape]
  shape.splice(nonNegative(axis, shape.length + 1), 0, 1)
  return reshape(r, x, shape)
}

function split(r: Recorder, x: Value, sizes: number[], axis: number): Value[] {
  let offset = 0
  return sizes.map((size) => {
    const begin = x.shape.map((_, i) => (i === axis ? offset : 0))
    offset += size
    return slice(
      r,
      x,
      begin,
      x.shape.map((d, i) => (i === axis ? size : d)),
    )
  })
}

function spaceToBatch(r: Recorder, x: Value, { blockShape, paddings }: SpaceToBatchNDAttrs): Value {
  const block = sizeOf(blockShape)
  const pads: [number, number][] = x.shape.map((_, i) => {
    const [before, after] = paddings[i - 1] ?? [0, 0]
    return [before!, after!]
  })
  const padded = pad(r, x, pads, 'constant', 0)
  const apart = backend_util.getReshaped([...padded.shape], blockShape, block, false)
  const order = backend_util.getPermuted(apart.length, blockShape.length, false)
  const shape = backend_util.getReshapedPermuted([...padded.shape], blockShape, block, false)
  return reshape(r, transpose(r, reshape(r, padded, apart), order), shape)
}

function batchToSpace(r: Recorder, x: Value, { blockShape, crops }: BatchToSpaceNDAttrs): Value {
  const block = sizeOf(blockShape)
  const apart = backend_util.getReshaped([...x.shape], blockShape, block)
  const order = backend_util.getPermuted(apart.length, blockShape.length)
  const shape = backend_util.getReshapedPermuted([...x.shape], blockShape, block)
  const whole = reshape(r, transpose(r, reshape(r, x, apart), order), shape)
  const cropsOf = (axis: number): number[] => crops[axis - 1] ?? [0, 0]
  const begin = whole.shape.map((_, axis) => cropsOf(axis)[0]!)
  const kept = whole.shape.map((d, axis) => d - cropsOf(axis)[0]! - cropsOf(axis)[1]!)
  return slice(r, whole, begin, kept)
}

export const shapeKernels = {
  // Same elements, another shape or order
  Reshape: (r, { x }: Inputs<'x'>, { shape }: ReshapeAttrs) =>
    reshape(r, x, util.inferFromImplicitShape(shape, sizeOf(x.shape))),
  ExpandDims: (r, { input }: Inputs<'input'>, { dim }: ExpandDimsAttrs) => insertAxis(r, input, dim),
  Transpose: (r, { x }: Inputs<'x'>, { perm }: TransposeAttrs) => transpose(r, x, perm),
  Reverse: (r, { x }: Inputs<'x'>, { dims }: ReverseAttrs) =>
    r.record({ op: 'reverse', axes: util.parseAxisParam(dims, [...x.shape]) }, [x], x.shape),
  DepthToSpace: (r, { x }: Inputs<'x'>, { blockSize, dataFormat }: DepthToSpaceAttrs) => {
    if (dataFormat !== 'NHWC') throw unsupported('NHWC', dataFormat)
    const [n, h, w, c] = x.shape as [number, number, number, number]
    const shape = [n, h * blockSize, w * blockSize, c / blockSize ** 2]
    return r.record({ op: 'depthToSpace', block: blockSize }, [x], shape)
  },
  SpaceToBatchND: (r, { x }: Inputs<'x'>, attributes: SpaceToBatchNDAttrs) => spaceToBatch(r, x, attributes),
  BatchToSpaceND: (r, { x }: Inputs<'x'>, attributes: BatchToSpaceNDAttrs) => batchToSpace(r, x, attributes),

  // Joining and taking apart
  Concat: (r, inputs: Record<string, Value>, { axis }: ConcatAttrs) => {
    const parts = Object.values(inputs)
    return concat(r, parts, nonNegative(axis, parts[0]!.shape.length))
  },
  Pack: (r, inputs: Record<string, Value>, { axis }: PackAttrs) => {
    const parts = Object.values(inputs).map((x) => insertAxis(r, x, axis))
    return concat(r, parts, nonNegative(axis, parts[0]!.shape.length))
  },
  Unpack: (r, { value }: Inputs<'value'>, { axis }: UnpackAttrs) => {
    const along = nonNegative(axis, value.shape.length)
    const ones = Array.from({ length: value.shape[along]! }, () => 1)
    const shape = value.shape.filter((_, i) => i !== along)
    return split(r, value, ones, along).map((part) => reshape(r, part, shape))
  },
  SplitV: (r, { x }: Inputs<'x'>, { numOrSizeSplits, axis }: SplitVAttrs) => {
    const along = nonNegative(axis, x.shape.length)
    // The library asks for a tensor but reads its shape only.
    const sizes = backend_util.prepareSplitSize({ shape: x.shape } as never, numOrSizeSplits, along)
    return split(r, x, sizes, along)
  },
  Slice: (r, { x }: Inputs<'x'>, attributes: SliceAttrs) => {
    const shaped = { shape: x.shape, rank: x.shape.length } as never
    const [begin, shape] = slice_util.parseSliceParams(shaped, attributes.begin, attributes.size)
    return slice(r, x, begin!, shape!)
  },
  StridedSlice: (r, { x }: Inputs<'x'>, a: StridedSliceAttrs) => {
    const { finalShapeSparse, finalShape, begin, strides, sliceDim0 } = slice_util.sliceInfo(
      [...x.shape],
      a.begin,
      a.end,
      a.strides,
      a.beginMask,
      a.endMask,
      a.ellipsisMask,
      a.newAxisMask,
      a.shrinkAxisMask,
    )
    if (sizeOf(finalShapeSparse) === 0) throw unsupported('a slice with elements', 'an empty one')
    if (sliceDim0 && x.shape.length === 0) throw unsupported('a tensor of rank 1 or more', 'a scalar')
    const taken = slice(r, x, begin, finalShapeSparse, strides)
    return reshape(r, taken, finalShape)
  },
  /** The gradient of this kernel is a scatter, which is not recorded; one-hot times matrix has one. */
  GatherV2: (r, { x, indices }: Inputs<'x' | 'indices'>, { axis, batchDims }: GatherV2Attrs) => {
    if (batchDims !== 0) throw unsupported('gather with batchDims 0', `batchDims ${batchDims}`)
    const along = nonNegative(axis, x.shape.length)
    const shape = [...x.shape.slice(0, along), ...indices.shape, ...x.shape.slice(along + 1)]
    return r.record({ op: 'gather', axis: along }, [x, indices], shape, x.dtype)
  },

  // More elements
  PadV2: (r, { x }: Inputs<'x'>, { paddings, constantValue }: PadV2Attrs) =>
    pad(r, x, paddings, 'constant', constantValue),
  MirrorPad: (r, { x }: Inputs<'x'>, { paddings, mode }: MirrorPadAttrs) => {
    if (mode !== 'reflect') throw unsupported('mirrorPad with reflect', mode)
    return pad(r, x, paddings, 'reflect', 0)
  },
  Tile: (r, { x }: Inputs<'x'>, { reps }: TileAttrs) => {
    const shape = x.shape.map((d, i) => d * reps[i]!)
    if (x.shape.every((d, i) => d === 1 || reps[i] === 1)) return expand(r, x, shape)
    return r.record({ op: 'tile', repeats: [...reps] }, [x], shape)
  },

  // New elements
  Fill: (r, _: object, { shape, value, dtype }: FillAttrs) => {
    if (typeof value !== 'number') throw unsupported('numbers', 'strings')
    return r.uniform(value, shape, dtype as DType)
  },
  ZerosLike: (r, { x }: Inputs<'x'>) => r.uniform(0, x.shape, x.dtype),
  OnesLike: (r, { x }: Inputs<'x'>) => r.uniform(1, x.shape, x.dtype),
  OneHot: (r, { indices }: Inputs<'indices'>, { depth, onValue, offValue, dtype }: OneHotAttrs) => {
    const classes = r.constant(
      Array.from({ length: depth }, (_, i) => i),
      [depth],
      'int32',
    )
    const hit = compare(r, 'Equal', reshape(r, indices, [...indices.shape, 1]), classes)
    const as = dtype as DType
    return select(r, hit, r.uniform(onValue, hit.shape, as), r.uniform(offValue, hit.shape, as))
  },
} satisfies KernelTable
