import type { CastAttrs, ClipByValueAttrs, LeakyReluAttrs, StepAttrs } from '@tensorflow/tfjs-core'
import { binary, cast, clip, compare, not, scalar, select, step, unary, unsupported } from './fold.ts'
import type { DType, ElementwiseName, Recorder, Value } from './ir.ts'
import type { Inputs, KernelTable } from './kernels.ts'

const same =
  (name: ElementwiseName) =>
  (r: Recorder, { x }: Inputs<'x'>) =>
    unary(r, name, x)

const test =
  (name: ElementwiseName) =>
  (r: Recorder, { x }: Inputs<'x'>) =>
    unary(r, name, x, 'bool')

const arithmetic =
  (name: ElementwiseName) =>
  (r: Recorder, { a, b }: Inputs<'a' | 'b'>) =>
    binary(r, name, a, b)

const comparison =
  (name: ElementwiseName) =>
  (r: Recorder, { a, b }: Inputs<'a' | 'b'>) =>
    compare(r, name, a, b)

const one = (r: Recorder): Value => scalar(r, 1)

/** log(1 + x) without the cancellation for small x (Kahan): x · log(u) / (u − 1) with u = 1 + x rounded, x where u = 1. */
function log1p(r: Recorder, x: Value): Value {
  const u = binary(r, 'Add', x, one(r))
  const isOne = compare(r, 'Equal', u, one(r))
  const scaled = binary(r, 'Mul', unary(r, 'Log', u), binary(r, 'Div', x, binary(r, 'Sub', u, one(r))))
  return select(r, isOne, x, scaled)
}

/** e^x − 1 = tanh(x/2) · (e^x + 1), which does not cancel for small x. */
function expm1(r: Recorder, x: Value): Value {
  const half = unary(r, 'Tanh', binary(r, 'Mul', x, scalar(r, 0.5)))
  return binary(r, 'Mul', half, binary(r, 'Add', unary(r, 'Exp', x), one(r)))
}

function floorDiv(r: Recorder, a: Value, b: Value): Value {
  const quotient = unary(r, 'Floor', binary(r, 'Div', cast(r, a, 'float32'), cast(r, b, 'float32')))
  return cast(r, quotient, a.dtype)
}

export const elementwiseKernels = {
  // Unary, same type
  Abs: same('Abs'),
  Neg: same('Neg'),
  Exp: same('Exp'),
  Log: same('Log'),
  Sqrt: same('Sqrt'),
  Reciprocal: same('Reciprocal'),
  Sigmoid: same('Sigmoid'),
  Tanh: same('Tanh'),
  Relu: same('Relu'),
  Softplus: same('Softplus'),
  Elu: same('Elu'),
  Selu: same('Selu'),
  Erf: same('Erf'),
  Sign: same('Sign'),
  Floor: same('Floor'),
  Ceil: same('Ceil'),
  // ONNX's is for floats; integers are whole.
  Round: (r, { x }: Inputs<'x'>) => (x.dtype === 'float32' ? unary(r, 'Round', x) : x),
  Sin: same('Sin'),
  Cos: same('Cos'),
  Tan: same('Tan'),
  Sinh: same('Sinh'),
  Cosh: same('Cosh'),
  Asin: same('Asin'),
  Acos: same('Acos'),
  Atan: same('Atan'),
  Asinh: same('Asinh'),
  Acosh: same('Acosh'),
  Atanh: same('Atanh'),
  Identity: (_, { x }: Inputs<'x'>) => x,
  Square: (r, { x }: Inputs<'x'>) => binary(r, 'Mul', x, x),
  Rsqrt: (r, { x }: Inputs<'x'>) => unary(r, 'Reciprocal', unary(r, 'Sqrt', x)),
  Log1p: (r, { x }: Inputs<'x'>) => log1p(r, x),
  Expm1: (r, { x }: Inputs<'x'>) => expm1(r, x),
  Relu6: (r, { x }: Inputs<'x'>) => clip(r, x, 0, 6),
  ClipByValue: (r, { x }: Inputs<'x'>, { clipValueMin, clipValueMax }: ClipByValueAttrs) =>
    clip(r, x, clipValueMin, clipValueMax),
  LeakyRelu: (r, { x }: Inputs<'x'>, { alpha }: LeakyReluAttrs) =>
    r.record({ op: 'leakyRelu', alpha }, [x], x.shape),
  Prelu: (r, { x, alpha }: Inputs<'x' | 'alpha'>) =>
    r.record({ op: 'elementwise', name: 'PRelu' }, [x, alpha], x.shape),
  Step: (r, { x }: Inputs<'x'>, { alpha }: StepAttrs) => step(r, x, alpha),
  Cast: (r, { x }: Inputs<'x'>, { dtype }: CastAttrs) => {
    if (dtype !== 'float32' && dtype !== 'int32' && dtype !== 'bool')
      throw unsupported('a cast to float32, int32 or bool', dtype)
    return cast(r, x, dtype satisfies DType)
  },

  // Tests
  IsNan: test('IsNaN'),
  IsInf: test('IsInf'),
  IsFinite: (r, { x }: Inputs<'x'>) => {
    const nan = unary(r, 'IsNaN', x, 'bool')
    return not(r, compare(r, 'Or', nan, unary(r, 'IsInf', x, 'bool')))
  },
  LogicalNot: (r, { x }: Inputs<'x'>) => not(r, x),

  // Binary, with broadcasting
  Add: arithmetic('Add'),
  Sub: arithmetic('Sub'),
  Multiply: arithmetic('Mul'),
  RealDiv: arithmetic('Div'),
  Maximum: arithmetic('Max'),
  Minimum: arithmetic('Min'),
  Pow: arithmetic('Pow'),
  SquaredDifference: (r, { a, b }: Inputs<'a' | 'b'>) => {
    const difference = binary(r, 'Sub', a, b)
    return binary(r, 'Mul', difference, difference)
  },
  FloorDiv: (r, { a, b }: Inputs<'a' | 'b'>) => floorDiv(r, a, b),
  /** The remainder with the sign of the divisor. */
  Mod: (r, { a, b }: Inputs<'a' | 'b'>) => binary(r, 'Sub', a, binary(r, 'Mul', floorDiv(r, a, b), b)),
  AddN: (r, inputs: Record<string, Value>) => Object.values(inputs).reduce((a, b) => binary(r, 'Add', a, b)),
  Greater: comparison('Greater'),
  GreaterEqual: comparison('GreaterOrEqual'),
  Less: comparison('Less'),
  LessEqual: comparison('LessOrEqual'),
  Equal: comparison('Equal'),
  NotEqual: (r, { a, b }: Inputs<'a' | 'b'>) => not(r, compare(r, 'Equal', a, b)),
  LogicalAnd: comparison('And'),
  LogicalOr: comparison('Or'),

  // Ternary
  Select: (r, { condition, t, e }: Inputs<'condition' | 't' | 'e'>) => select(r, condition, t, e),
} satisfies KernelTable
