import type {
  ArgMaxAttrs,
  BatchMatMulAttrs,
  CumsumAttrs,
  FusedBatchNormAttrs,
  MaxAttrs,
  SoftmaxAttrs,
  SumAttrs,
  _FusedMatMulAttrs,
} from '@tensorflow/tfjs-core'
import { activate, binary, cast, matMul, not, parseAxes, reduce, scalar, unary } from './fold.ts'
import type { Recorder, ReductionName, Value } from './ir.ts'
import type { Inputs, KernelTable } from './kernels.ts'

/** Sum, Mean, Min and Prod name their axes `axis`, Max names them `reductionIndices` in its type and `axis` in truth. */
type AnyReductionAttrs = Partial<SumAttrs & MaxAttrs & { axis: number | number[] }>

const reduction =
  (name: ReductionName) =>
  (r: Recorder, { x }: Inputs<'x'>, { axis, reductionIndices, keepDims }: AnyReductionAttrs) =>
    reduce(r, name, x, axis ?? reductionIndices, keepDims ?? false)

/** ONNX reduces numbers only: a truth value is 0 or 1. */
const reduceBool = (r: Recorder, name: ReductionName, x: Value, { axis, keepDims }: AnyReductionAttrs) =>
  cast(r, reduce(r, name, cast(r, x, 'int32'), axis, keepDims ?? false), 'bool')

const argReduction =
  (name: 'ArgMax' | 'ArgMin') =>
  (r: Recorder, { x }: Inputs<'x'>, { axis }: ArgMaxAttrs) => {
    const [only] = parseAxes(axis, x)
    const shape = x.shape.filter((_, i) => i !== only)
    return r.record({ op: 'argReduce', name, axis: only! }, [x], shape, 'int32')
  }

export const reductionKernels = {
  Sum: reduction('ReduceSum'),
  Mean: (r, { x }: Inputs<'x'>, { axis, keepDims }: AnyReductionAttrs) =>
    reduce(r, 'ReduceMean', cast(r, x, 'float32'), axis, keepDims ?? false),
  Max: reduction('ReduceMax'),
  Min: reduction('ReduceMin'),
  Prod: reduction('ReduceProd'),
  Any: (r, { x }: Inputs<'x'>, attributes: AnyReductionAttrs) => reduceBool(r, 'ReduceMax', x, attributes),
  All: (r, { x }: Inputs<'x'>, attributes: AnyReductionAttrs) =>
    not(r, reduceBool(r, 'ReduceMax', not(r, x), attributes)),
  ArgMax: argReduction('ArgMax'),
  ArgMin: argReduction('ArgMin'),
  Cumsum: (r, { x }: Inputs<'x'>, { axis, exclusive, reverse }: CumsumAttrs) => {
    const [only] = parseAxes(axis, x)
    return r.record({ op: 'cumsum', axis: only!, exclusive, reverse }, [x], x.shape)
  },
  Softmax: (r, { logits }: Inputs<'logits'>, { dim }: SoftmaxAttrs) => {
    const [axis] = parseAxes(dim, logits)
    return r.record({ op: 'softmax', axis: axis! }, [logits], logits.shape)
  },
  FusedBatchNorm: (
    r,
    { x, mean, variance, scale, offset }: Inputs<'x' | 'mean' | 'variance', 'scale' | 'offset'>,
    { varianceEpsilon }: FusedBatchNormAttrs,
  ) => {
    const deviation = unary(r, 'Sqrt', binary(r, 'Add', variance, scalar(r, varianceEpsilon)))
    const inverse = unary(r, 'Reciprocal', deviation)
    const factor = scale === undefined ? inverse : binary(r, 'Mul', inverse, scale)
    const normal = binary(r, 'Mul', binary(r, 'Sub', x, mean), factor)
    return offset === undefined ? normal : binary(r, 'Add', normal, offset)
  },
  BatchMatMul: (r, { a, b }: Inputs<'a' | 'b'>, { transposeA, transposeB }: BatchMatMulAttrs) =>
    matMul(r, a, b, transposeA, transposeB),
  _FusedMatMul: (
    r,
    { a, b, bias, preluActivationWeights }: Inputs<'a' | 'b', 'bias' | 'preluActivationWeights'>,
    { transposeA, transposeB, activation, leakyreluAlpha }: _FusedMatMulAttrs,
  ) => {
    const product = matMul(r, a, b, transposeA, transposeB)
    const biased = bias === undefined ? product : binary(r, 'Add', product, bias)
    return activate(r, biased, activation, preluActivationWeights, leakyreluAlpha)
  },
} satisfies KernelTable
