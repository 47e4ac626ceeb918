import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as tf from '@tensorflow/tfjs-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { TensorData, TensorMap } from '../../../src-main/contract/tensors.ts'
import type { Backend, Step, Tensors } from '../../../src-main/engine/backend/backend.ts'
import { graphicsCards } from '../../../src-main/engine/backend/graphics-cards.ts'
import { writeOnnx } from '../../../src-main/engine/backend/onnx.ts'
import { openProvider } from '../../../src-main/engine/backend/providers.ts'
import { openTraced } from '../../../src-main/engine/backend/traced.ts'
import { tryProvider } from '../../../src-main/engine/backend/trial.ts'
import { createRandom } from '../../../src-main/engine/numeric/random.ts'
import { caseInputs, type Case } from '../../support/case.ts'
import { operationCases } from '../../support/cases.ts'
import { stepCases, type StepCase } from '../../support/steps.ts'

/** Mesa's driver that computes on the processor is used where it is named (CONTRIBUTING.md, "Add a backend"). */
const isSought = (await graphicsCards()).length > 0 || process.env['VK_DRIVER_FILES'] !== undefined
const trial = isSought
  ? await tryProvider('webgpu', {
      ...{ asked: true, home: join(tmpdir(), 'latent-darkroom-tests') },
      nodeArguments: ['--import', import.meta.resolve('tsx')],
    }).catch(() => null)
  : null
const isThere = trial?.outcome === 'proven'
if (!isThere)
  console.warn(
    `SKIPPED: training and every operation on WebGPU: ${trial?.received ?? 'no graphics card, and no VK_DRIVER_FILES'}`,
  )

/** Relative difference of an output, such as the loss, at any step. */
const outputTolerance = 1e-4
/** Norm of the difference over norm of the tensor, after the last step: squares of tiny gradients differ most. */
const stateTolerance = 5e-3
/** Of an operation's largest element: shaders approximate asin, exp and the like. A wrong kernel is off by its whole value. */
const operationTolerance = 1e-2
const stepCount = 6

const norm = (values: Iterable<number>): number => Math.hypot(...values)
const largest = (values: Iterable<number>): number =>
  Array.from(values, Math.abs).reduce((most, value) => (value <= most ? most : value), 0)
const apart = (a: TensorData, b: TensorData): number[] => Array.from(a.data, (value, i) => value - b.data[i]!)

describe.skipIf(!isThere)('WebGPU agrees with the processor', () => {
  let card: Backend
  let processor: Backend
  beforeAll(async () => {
    card = await openProvider('webgpu', { threads: 1 })
    processor = await openTraced({ threads: 1 })
  })
  afterAll(async () => {
    await card.close()
    await processor.close()
  })

  async function train(backend: Backend, { step, state, inputs }: StepCase) {
    const program = await backend.compile(step, { state, inputs: inputs(0) })
    const outputs: TensorMap[] = []
    for (let i = 0; i < stepCount; i++) outputs.push(await program.run(inputs(i)))
    const end = await program.readState()
    // What is written is where the next run begins.
    await program.writeState(state)
    outputs.push(await program.run(inputs(0)))
    await program.dispose()
    return { outputs, end }
  }

  test.each(stepCases)('training: $name', { timeout: 300_000 }, async (training) => {
    const reference = await train(processor, training)
    const actual = await train(card, training)
    for (const [i, outputs] of reference.outputs.entries())
      for (const [name, { data }] of Object.entries(outputs))
        expect(
          Math.abs(actual.outputs[i]![name]!.data[0]! / data[0]! - 1),
          `${name}, step ${i}`,
        ).toBeLessThan(outputTolerance)
    for (const [name, value] of Object.entries(reference.end))
      expect(norm(apart(value, actual.end[name]!)) / norm(value.data), name).toBeLessThan(stateTolerance)
  })

  async function runOperation(backend: Backend, { f, inputs, reference }: Case, values: TensorMap) {
    const step: Step = (_, given) => {
      const x = inputs.map((__, i) => given[`x${i}`]!)
      const outputs: Tensors = { value: tf.cast(f(...x), 'float32') }
      if (reference === 'none') return { state: {}, outputs }
      const fixed = inputs.filter((input) => typeof input === 'object' && input.constant).length
      const rest = x.splice(x.length - fixed)
      tf.grads((...active) => f(...active, ...rest))(x).forEach((gradient, i) => {
        outputs[`gradient of x${i}`] = gradient
      })
      return { state: {}, outputs }
    }
    const program = await backend.compile(step, { state: {}, inputs: values })
    const outputs = await program.run(values)
    await program.dispose()
    return outputs
  }

  test('every operation and its gradients', { timeout: 600_000 }, async () => {
    const wrong: [string, number][] = []
    for (const operation of operationCases) {
      const values = caseInputs(operation)
      const reference = await runOperation(processor, operation, values)
      const actual = await runOperation(card, operation, values)
      for (const [name, value] of Object.entries(reference)) {
        const difference = largest(apart(value, actual[name]!)) / Math.max(1e-3, largest(value.data))
        if (!(difference <= operationTolerance)) wrong.push([`${operation.name}: ${name}`, difference])
      }
    }
    expect(wrong).toEqual([])
  })

  test('a tensor that is too large for the card is told as memory, and the session works on', async () => {
    const total = writeOnnx({
      ...{ name: 'total', producerVersion: '', initializers: [], metadata: {} },
      nodes: [
        { operator: 'Mul', inputs: ['column', 'row'], outputs: ['product'], attributes: {} },
        { operator: 'ReduceSum', inputs: ['product'], outputs: ['total'], attributes: { keepdims: 0 } },
      ],
      inputs: [
        { name: 'column', shape: ['N', 1], type: 'float32' },
        { name: 'row', shape: [1, 'N'], type: 'float32' },
      ],
      outputs: [{ name: 'total', shape: [], type: 'float32' }],
    })
    const session = await card.open(total)
    const ones = (shape: number[]): TensorData => ({
      ...{ dtype: 'float32', shape },
      data: new Float32Array(Math.max(...shape)).fill(1),
    })
    // 40 GB.
    const tooLarge = session.run({ column: ones([100_000, 1]), row: ones([1, 100_000]) })
    await expect(tooLarge).rejects.toMatchObject({ detail: { code: 'memory-exhausted' } })
    const { total: sum } = await session.run({ column: ones([100, 1]), row: ones([1, 100]) })
    expect(sum!.data[0]).toBe(10_000)
    await session.dispose()
  })

  // Wrong, silently, in onnxruntime 1.30 with the provider's own choice of layout.
  test.each([
    [6, 4],
    [9, 8],
    [15, 4],
  ])('a convolution of %i channels to %i', async (ins, outs) => {
    const random = createRandom(ins)
    const draw = (shape: number[]): TensorData => ({
      ...{ dtype: 'float32', shape },
      data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => random.normal()),
    })
    const [x, kernel] = [draw([1, ins, 9, 10]), draw([outs, ins, 3, 3])]
    const model = writeOnnx({
      ...{ name: 'convolution', producerVersion: '', initializers: [], metadata: {} },
      nodes: [
        { operator: 'Conv', inputs: ['x', 'kernel'], outputs: ['y'], attributes: { pads: [1, 1, 1, 1] } },
      ],
      inputs: [
        { name: 'x', shape: x.shape, type: 'float32' },
        { name: 'kernel', shape: kernel.shape, type: 'float32' },
      ],
      outputs: [{ name: 'y', shape: [1, outs, 9, 10], type: 'float32' }],
    })
    const run = async (backend: Backend): Promise<TensorData> => {
      const session = await backend.open(model)
      const { y } = await session.run({ x, kernel })
      await session.dispose()
      return y!
    }
    const [reference, actual] = [await run(processor), await run(card)]
    expect(largest(apart(reference, actual))).toBeLessThan(1e-4 * largest(reference.data))
  })
})
