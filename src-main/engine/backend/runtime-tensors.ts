import type { Tensor, TensorConstructor } from 'onnxruntime-node'
import { DarkroomError, type ErrorCode } from '../../contract/errors.ts'
import type { TensorData, TensorMap, TensorSpec } from '../../contract/tensors.ts'

/** Shape and element type that a graph declares; a string in a shape is a free dimension. */
export interface Declaration {
  shape: (number | string)[]
  dtype: string
}

const arrayTypes = { float32: Float32Array, int32: Int32Array, bool: Uint8Array } as const

const isDtype = (dtype: string): dtype is TensorData['dtype'] => Object.hasOwn(arrayTypes, dtype)

const describe = (name: string, { dtype, shape }: Declaration): string =>
  `${name} ${dtype} [${shape.join(',')}]`

/** Throws `code` unless names, element types and shapes are exactly the declared ones. */
export function checkSpecs(
  specs: Record<string, TensorSpec>,
  declared: Record<string, Declaration>,
  code: ErrorCode,
): void {
  const names = (map: object): string => Object.keys(map).join(', ') || 'nothing'
  for (const [name, wanted] of Object.entries(declared)) {
    const spec = specs[name]
    if (spec === undefined)
      throw new DarkroomError(code, { expected: describe(name, wanted), received: `only ${names(specs)}` })
    const fits =
      spec.dtype === wanted.dtype &&
      spec.shape.length === wanted.shape.length &&
      wanted.shape.every((size, axis) => typeof size === 'string' || size === spec.shape[axis])
    if (!fits)
      throw new DarkroomError(code, { expected: describe(name, wanted), received: describe(name, spec) })
  }
  for (const name of Object.keys(specs))
    if (!Object.hasOwn(declared, name))
      throw new DarkroomError(code, { expected: names(declared), received: name })
}

/** `checkSpecs`, and the buffers are of the right type and length for their shapes. */
export function checkTensors(
  tensors: TensorMap,
  declared: Record<string, Declaration>,
  code: ErrorCode,
): void {
  checkSpecs(tensors, declared, code)
  for (const [name, tensor] of Object.entries(tensors)) {
    const count = tensor.shape.reduce((product, size) => product * size, 1)
    const { data } = tensor
    const array = arrayTypes[tensor.dtype]
    if (!(data instanceof array) || data.length !== count)
      throw new DarkroomError(code, {
        expected: `${describe(name, tensor)} as ${array.name} of ${count} elements`,
        received: `${(data as object).constructor.name} of ${data.length}`,
      })
  }
}

/** Wraps the buffer; nothing is copied. */
export const toRuntimeTensor = (Tensor: TensorConstructor, { dtype, shape, data }: TensorData): Tensor =>
  new Tensor(dtype, data, shape)

/** Takes the runtime's own buffer; nothing is copied. Throws `model-incompatible` for element types we do not carry. */
export function fromRuntimeTensor(name: string, tensor: Tensor): TensorData {
  const { type, data } = tensor
  if (!isDtype(type) || !(data instanceof arrayTypes[type]))
    throw new DarkroomError('model-incompatible', {
      expected: `${name} of type ${Object.keys(arrayTypes).join(', ')}`,
      received: type,
    })
  return { dtype: type, shape: [...tensor.dims], data }
}

export const copyTensor = ({ dtype, shape, data }: TensorData): TensorData => ({
  dtype,
  shape: [...shape],
  data: data.slice(),
})

export const mapTensors = <From, To>(
  tensors: Record<string, From>,
  change: (tensor: From, name: string) => To,
): Record<string, To> =>
  Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, change(tensor, name)]))
