import * as tf from '@tensorflow/tfjs-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { DarkroomError } from '../../../src-main/contract/errors.ts'
import type { TensorData } from '../../../src-main/contract/tensors.ts'
import type { Backend, Step } from '../../../src-main/engine/backend/backend.ts'
import { writeOnnx, type OnnxModel } from '../../../src-main/engine/backend/onnx.ts'
import { readMetadata } from '../../../src-main/engine/backend/runtime-metadata.ts'
import { runtimes } from '../../support/backends.ts'

const floats = (shape: number[], values: number[]): TensorData => ({
  dtype: 'float32',
  shape,
  data: Float32Array.from(values),
})

const model = (change: Partial<OnnxModel>): Uint8Array =>
  writeOnnx({
    name: 'test',
    producerVersion: '0',
    nodes: [],
    initializers: [],
    inputs: [],
    outputs: [],
    metadata: {},
    ...change,
  })

/** column [N, 1] · row [1, M] -> product [N, M]: two small inputs that can ask for any amount of memory. */
const outerProduct = model({
  nodes: [{ operator: 'Mul', inputs: ['column', 'row'], outputs: ['product'], attributes: {} }],
  inputs: [
    { name: 'column', shape: ['N', 1], type: 'float32' },
    { name: 'row', shape: [1, 'M'], type: 'float32' },
  ],
  outputs: [{ name: 'product', shape: ['N', 'M'], type: 'float32' }],
  metadata: { title: '사진 · photo', layout: 'NCHW' },
})

/** total += rate · value, and how often; outputs the total before. */
const accumulate: Step = ({ total, count }, { value, rate }) => ({
  state: { total: tf.add(total!, tf.mul(value!, rate!)), count: tf.add(count!, tf.scalar(1, 'int32')) },
  outputs: { before: tf.clone(total!) },
})
const signature = {
  state: {
    total: floats([2], [1, 2]),
    count: { dtype: 'int32' as const, shape: [], data: Int32Array.of(0) },
  },
  inputs: {
    value: { dtype: 'float32' as const, shape: [2] },
    rate: { dtype: 'float32' as const, shape: [] },
  },
}
const inputs = (a: number, b: number, rate = 1) => ({ value: floats([2], [a, b]), rate: floats([], [rate]) })

const detailOf = async (work: Promise<unknown>) => {
  const thrown: unknown = await work.then(
    () => undefined,
    (error: unknown) => error,
  )
  expect(thrown).toBeInstanceOf(DarkroomError)
  return (thrown as DarkroomError).detail
}

describe.each(runtimes)('$name', ({ name, open }) => {
  let backend: Backend
  beforeAll(async () => {
    backend = await open({ threads: 2 })
  })
  afterAll(() => backend.close())

  test('names itself', () => {
    expect(backend).toMatchObject({
      name,
      threads: 2,
      version: expect.stringMatching(/^\d+\.\d+\.\d+/) as string,
    })
  })

  describe('a session', () => {
    test('tells inputs, outputs and metadata as the file has them', async () => {
      const session = await backend.open(outerProduct)
      expect(session.inputs).toEqual({
        column: { shape: ['N', 1], dtype: 'float32' },
        row: { shape: [1, 'M'], dtype: 'float32' },
      })
      expect(session.outputs).toEqual({ product: { shape: ['N', 'M'], dtype: 'float32' } })
      expect(session.metadata).toEqual({ title: '사진 · photo', layout: 'NCHW' })
    })

    test('runs at any free size', async () => {
      const session = await backend.open(outerProduct)
      const run = (column: number[], row: number[]) =>
        session.run({ column: floats([column.length, 1], column), row: floats([1, row.length], row) })
      expect(await run([1, 2], [3, 4, 5])).toEqual({ product: floats([2, 3], [3, 4, 5, 6, 8, 10]) })
      expect(await run([7], [2])).toEqual({ product: floats([1, 1], [14]) })
    })

    test.each([
      ['a missing input', { column: floats([1, 1], [1]) }, 'row float32 [1,M]', 'only column'],
      [
        'an unknown input',
        { column: floats([1, 1], [1]), row: floats([1, 1], [1]), sigma: floats([], [1]) },
        'column, row',
        'sigma',
      ],
      [
        'a wrong shape',
        { column: floats([1, 2], [1, 2]), row: floats([1, 1], [1]) },
        'column float32 [N,1]',
        'column float32 [1,2]',
      ],
      [
        'a wrong type',
        {
          column: { dtype: 'int32' as const, shape: [1, 1], data: Int32Array.of(1) },
          row: floats([1, 1], [1]),
        },
        'column float32 [N,1]',
        'column int32 [1,1]',
      ],
      [
        'a buffer that is too short',
        { column: floats([3, 1], [1, 2]), row: floats([1, 1], [1]) },
        'column float32 [3,1] as Float32Array of 3 elements',
        'Float32Array of 2',
      ],
    ])('refuses %s', async (_, tensors, expected, received) => {
      const session = await backend.open(outerProduct)
      expect(await detailOf(session.run(tensors))).toEqual({ code: 'model-incompatible', expected, received })
    })

    test('says when memory is not enough, and works on', async () => {
      const session = await backend.open(outerProduct)
      const side = 2 ** 20 // 4 TiB of output
      const tensors = { column: floats([side, 1], []), row: floats([1, side], []) }
      for (const tensor of Object.values(tensors)) tensor.data = new Float32Array(side)
      expect(await detailOf(session.run(tensors))).toMatchObject({ code: 'memory-exhausted' })
      const small = await session.run({ column: floats([1, 1], [2]), row: floats([1, 1], [3]) })
      expect(small.product?.data).toEqual(Float32Array.of(6))
    })

    test('refuses files that are no model, and types that we do not carry', async () => {
      expect(await detailOf(backend.open(new Uint8Array([8, 8, 255])))).toMatchObject({
        code: 'model-unreadable',
      })
      expect(await detailOf(backend.open(new Uint8Array([8, 8])))).toMatchObject({ code: 'model-unreadable' })
      const shape = model({
        nodes: [{ operator: 'Shape', inputs: ['x'], outputs: ['y'], attributes: {} }],
        inputs: [{ name: 'x', shape: ['N'], type: 'float32' }],
        outputs: [{ name: 'y', shape: [1], type: 'int64' as 'int32' }],
      })
      const session = await backend.open(shape)
      expect(await detailOf(session.run({ x: floats([1], [1]) }))).toEqual({
        code: 'model-incompatible',
        expected: 'y of type float32, int32, bool',
        received: 'int64',
      })
    })
  })

  describe('a program', () => {
    test('carries its state from run to run', async () => {
      const program = await backend.compile(accumulate, signature)
      expect(await program.run(inputs(10, 20))).toEqual({ before: floats([2], [1, 2]) })
      expect(await program.run(inputs(1, 1, 100))).toEqual({ before: floats([2], [11, 22]) })
      expect(await program.run(inputs(0, 0))).toEqual({ before: floats([2], [111, 122]) })
      expect((await program.readState()).count?.data).toEqual(Int32Array.of(3))
      expect(signature.state.total.data).toEqual(Float32Array.of(1, 2))
    })

    test('gives out copies of its state and goes on from any copy', async () => {
      const program = await backend.compile(accumulate, signature)
      await program.run(inputs(10, 20))
      const saved = await program.readState()
      await program.run(inputs(5, 5))
      await program.run(inputs(5, 5))
      expect(saved.total).toEqual(floats([2], [11, 22]))
      await program.writeState(saved)
      saved.total?.data.fill(-1)
      expect((await program.run(inputs(1, 1))).before).toEqual(floats([2], [11, 22]))
      expect((await program.readState()).total).toEqual(floats([2], [12, 23]))
    })

    test('lets the caller keep outputs and reuse inputs', async () => {
      const program = await backend.compile(accumulate, signature)
      const reused = inputs(1, 1)
      const first = await program.run(reused)
      reused.value.data.fill(50)
      const second = await program.run(reused)
      await program.run(reused)
      expect(first.before).toEqual(floats([2], [1, 2]))
      expect(second.before).toEqual(floats([2], [2, 3]))
    })

    test('refuses wrong inputs and foreign state', async () => {
      const program = await backend.compile(accumulate, signature)
      expect(await detailOf(program.run({ value: floats([2], [1, 1]) }))).toEqual({
        code: 'internal',
        expected: 'rate float32 []',
        received: 'only value',
      })
      expect(
        await detailOf(program.writeState({ ...signature.state, total: floats([3], [1, 2, 3]) })),
      ).toEqual({
        code: 'run-incompatible',
        expected: 'total float32 [2]',
        received: 'total float32 [3]',
      })
      expect((await program.run(inputs(0, 0))).before).toEqual(floats([2], [1, 2]))
    })

    test('is independent of another one of the same step, and released once', async () => {
      const [one, other] = [
        await backend.compile(accumulate, signature),
        await backend.compile(accumulate, signature),
      ]
      await one.run(inputs(10, 10))
      expect((await other.run(inputs(0, 0))).before).toEqual(floats([2], [1, 2]))
      await one.dispose()
      await one.dispose()
      expect((await other.run(inputs(0, 0))).before).toEqual(floats([2], [1, 2]))
    })
  })
})

describe('metadata', () => {
  test('is read without decoding the graph', () => {
    expect(readMetadata(outerProduct)).toEqual({ title: '사진 · photo', layout: 'NCHW' })
    expect(readMetadata(new Uint8Array())).toEqual({})
  })

  test.each([1, 7, 40, 100])('a file cut off after %i bytes is refused', (bytes) => {
    const whole = outerProduct.length
    expect(() => readMetadata(outerProduct.subarray(0, whole - bytes))).toThrow(DarkroomError)
  })
})
