import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, test } from 'vitest'
import type { TensorMap } from '../../../src-main/contract/tensors.ts'
import type { Step } from '../../../src-main/engine/backend/backend.ts'
import { compileStep } from '../../../src-main/engine/backend/compile.ts'
import { runEager } from '../../support/eager.ts'
import { openStep } from '../../support/run-graph.ts'
import { stepCases } from '../../support/steps.ts'

/** Steps that are taken; each starts from where the last one ended, so differences would grow. */
const stepCount = 6
/** Largest relative difference of an output, such as the loss, at any step. */
const outputTolerance = 2e-5
/** Largest difference of a state tensor after the last step: norm of the difference over norm of the tensor. */
const stateTolerance = 5e-5

function relativeNorm(actual: ArrayLike<number>, reference: ArrayLike<number>): number {
  let [difference, size] = [0, 1e-12]
  for (let i = 0; i < reference.length; i++) {
    difference += (actual[i]! - reference[i]!) ** 2
    size += reference[i]! ** 2
  }
  return Math.sqrt(difference / size)
}

describe('whole training steps, traced and eager, agree', () => {
  test.each(stepCases)('$name', async ({ step, state, inputs }) => {
    const traced = await openStep(step, state, inputs(0))
    let eager = state
    const losses: number[] = []
    for (let i = 0; i < stepCount; i++) {
      const given = inputs(i)
      const outputs = await traced.run(given)
      const reference = await runEager(step, eager, given)
      eager = reference.state
      for (const [name, { data }] of Object.entries(reference.outputs)) {
        const value = outputs[name]!.data[0]!
        expect(Math.abs(value - data[0]!) / Math.abs(data[0]!), `${name}, step ${i}`).toBeLessThan(
          outputTolerance,
        )
      }
      losses.push(Object.values(outputs)[0]!.data[0]!)
    }
    const end = traced.state()
    for (const [name, { data }] of Object.entries(eager))
      expect(relativeNorm(end[name]!.data, data), name).toBeLessThan(stateTolerance)
    // They did something: the state moved and the first output is another number each time.
    expect(new Set(losses).size).toBe(stepCount)
    for (const [name, { data }] of Object.entries(state)) expect(end[name]!.data, name).not.toEqual(data)
  })
})

describe('a step', () => {
  const scalar: TensorMap = { w: { shape: [], dtype: 'float32', data: Float32Array.of(2) } }
  const inputs: TensorMap = { rate: { shape: [], dtype: 'float32', data: Float32Array.of(0.5) } }
  const halve: Step = ({ w }, { rate }) => ({
    state: { w: tf.mul(w!, rate!) },
    outputs: { w2: tf.square(w!) },
  })

  test('says what goes in and out', () => {
    const { model, ...specs } = compileStep(halve, { state: scalar, inputs })
    expect(model.length).toBeGreaterThan(0)
    expect(specs).toEqual({
      inputs,
      state: { w: { shape: [], dtype: 'float32' } },
      outputs: { w2: { shape: [], dtype: 'float32' } },
    })
  })

  test('takes numbers that change as inputs, and bakes in those of JavaScript', async () => {
    let factor = 3
    const step: Step = ({ w }, { rate }) => ({
      state: { w: tf.mul(w!, rate!) },
      outputs: { baked: tf.mul(w!, factor) },
    })
    const run = await openStep(step, scalar, inputs)
    factor = 1000
    expect((await run.run(inputs))['baked']!.data[0]).toBe(6)
    const other = { rate: { ...inputs['rate']!, data: Float32Array.of(10) } }
    expect((await run.run(other))['baked']!.data[0]).toBe(3)
    expect(run.state()['w']!.data[0]).toBe(10)
  })

  test('may pass state through and leave inputs unused', async () => {
    const step: Step = ({ w }) => ({ state: { w: w! }, outputs: { same: w!, again: w! } })
    const run = await openStep(step, scalar, inputs)
    expect(await run.run(inputs)).toMatchObject({ same: { data: Float32Array.of(2) }, again: {} })
    expect(run.state()['w']!.data[0]).toBe(2)
  })

  test.each<[string, Step, string, string]>([
    ['misses a state', () => ({ state: {}, outputs: {} }), 'new state w: float32 []', 'nothing'],
    [
      'invents a state',
      ({ w }) => ({ state: { w: w!, extra: w! }, outputs: {} }),
      'new state extra: nothing',
      'float32 []',
    ],
    [
      'changes a shape',
      ({ w }) => ({ state: { w: tf.reshape(w!, [1]) }, outputs: {} }),
      'new state w: float32 []',
      'float32 [1]',
    ],
    [
      'changes a type',
      ({ w }) => ({ state: { w: tf.cast(w!, 'int32') }, outputs: {} }),
      'new state w: float32 []',
      'int32 []',
    ],
  ])('is refused when it %s', (_, step, expected, received) => {
    expect(() => compileStep(step, { state: scalar, inputs })).toThrow(
      expect.objectContaining({ detail: { code: 'trace-unsupported', expected, received } }),
    )
  })

  test('does not grow over 1,000 runs', async () => {
    const { step, state, inputs: feed } = stepCases[0]!
    const run = await openStep(step, state, feed(0))
    const given = feed(0)
    // The first runs fill onnxruntime's arena and V8's heap.
    for (let i = 0; i < 100; i++) await run.run(given)
    const tensors = tf.memory().numTensors
    globalThis.gc?.()
    const before = process.memoryUsage().external
    for (let i = 0; i < 1000; i++) await run.run(given)
    globalThis.gc?.()
    expect(tf.memory().numTensors).toBe(tensors)
    const stateBytes = Object.values(state).reduce((sum, { data }) => sum + data.byteLength, 0)
    // Every run makes one copy of the state, 1,000 in all; what is not collected yet stays a small part of them.
    expect(process.memoryUsage().external - before).toBeLessThan(stateBytes * 500)
  })
})
