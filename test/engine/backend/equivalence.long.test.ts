import v8 from 'node:v8'
import { setImmediate } from 'node:timers/promises'
import vm from 'node:vm'
import * as tf from '@tensorflow/tfjs-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { TensorData, TensorMap } from '../../../src-main/contract/tensors.ts'
import type { Backend, Step, Tensors } from '../../../src-main/engine/backend/backend.ts'
import { openTraced } from '../../../src-main/engine/backend/traced.ts'
import { openWasm } from '../../../src-main/engine/backend/wasm.ts'
import { initDenoiser } from '../../../src-main/engine/models/denoiser.ts'
import { createRandom, type Random } from '../../../src-main/engine/numeric/random.ts'
import { restorerPass, type RestorerRecipe } from '../../../src-main/engine/training/restorer-terms.ts'
import { initialState, optimizerValues, trainingStep } from '../../../src-main/engine/training/step.ts'
import { native, nativeIsStaged, runtimes } from '../../support/backends.ts'
import { caseInputs, type Case } from '../../support/case.ts'
import { denoiserRecipe } from '../../support/recipes.ts'
import { operationCases } from '../../support/cases.ts'
import { stepCases, type StepCase } from '../../support/steps.ts'

/** Engines that are held against `traced`. */
const others = [...runtimes.filter(({ name }) => name !== 'traced'), ...(nativeIsStaged ? [native] : [])]

/** Float32 sums in another order, relative to the largest element of the reference. */
const operationTolerance = 2e-5
/** Relative difference of an output, such as the loss, at any step. */
const outputTolerance = 2e-5
/** Largest difference of a state tensor after the last step: norm of the difference over norm of the tensor. */
const stateTolerance = 5e-5
/** Each step starts from where the last one ended, so that differences would grow. */
const stepCount = 6

/**
 * What tfjs-node itself cannot do: it has no gradient of a convolution with explicit padding, and its gradients of resizing
 * do not know half-pixel centres.
 */
const nativeLimits = [
  'conv2d to few channels, padded on one side',
  'conv2d, explicit padding',
  'conv2d, padding wider than the kernel',
  'resizeBilinear, centres',
  'resizeNearestNeighbor, centres',
]

/** The product's own denoiser, trained as a recipe says, but small. */
function productCase(): StepCase {
  const recipe = denoiserRecipe({
    model: { type: 'denoiser', widths: [6, 8], blocks: [1, 1] },
    optimizer: { rate: 1e-3, averageDecay: 0.9, clipNorm: 1 },
  }) as RestorerRecipe
  const { optimizer, model } = recipe
  const pass = restorerPass(recipe)
  const weights = initDenoiser(model, createRandom(1))
  const terms = (current: Tensors, inputs: Tensors) => ({ loss: pass.run(current, inputs).loss })
  const stage = { updates: [{ trains: Object.keys(weights), terms }] }
  const draw = (channels: number, random: Random): TensorData => ({
    dtype: 'float32',
    shape: [2, 16, 16, channels],
    data: Float32Array.from({ length: 2 * 16 * 16 * channels }, () => random.uniform()),
  })
  return {
    name: "the product's denoiser, by a recipe",
    step: trainingStep(optimizer, stage),
    state: initialState(optimizer, weights, stage),
    inputs: (stepNumber) => {
      const random = createRandom(100 + stepNumber)
      const [target, noisy, sigma] = [draw(3, random), draw(3, random), draw(1, random)]
      const sampleWeight: TensorData = { dtype: 'float32', shape: [2], data: Float32Array.of(1, 1) }
      return { target, noisy, sigma, sampleWeight, ...optimizerValues(optimizer, optimizer.rate, stepNumber) }
    },
  }
}

async function train(backend: Backend, { step, state, inputs }: StepCase) {
  const program = await backend.compile(step, { state, inputs: inputs(0) })
  const outputs: TensorMap[] = []
  for (let i = 0; i < stepCount; i++) outputs.push(await program.run(inputs(i)))
  const end = await program.readState()
  await program.dispose()
  return { outputs, end }
}

const norm = (values: ArrayLike<number>): number => Math.hypot(...Array.from(values))

const largest = (values: Iterable<number>): number => {
  let most = 0
  for (const value of values) most = Math.max(most, Math.abs(value))
  return most
}

function differences(actual: TensorMap, reference: TensorMap): Record<string, number> {
  expect(Object.keys(actual).sort()).toEqual(Object.keys(reference).sort())
  return Object.fromEntries(
    Object.entries(reference).map(([name, { data }]) => [
      name,
      largest(Array.from(data, (value, i) => value - actual[name]!.data[i]!)),
    ]),
  )
}

/** Operation cases in one step: values, and gradients of the sums of their elements, by `<case>/<what>`. */
function operationsCase(cases: readonly Case[]): { step: Step; inputs: TensorMap } {
  const inputs = Object.fromEntries(
    cases.flatMap((operation) =>
      Object.entries(caseInputs(operation)).map(([name, value]) => [`${operation.name}/${name}`, value]),
    ),
  )
  const step: Step = (_, tensors) => {
    const outputs: Tensors = {}
    for (const { name, f, reference, inputs: declared } of cases) {
      const x = declared.map((__, i) => tensors[`${name}/x${i}`]!)
      outputs[`${name}/value`] = tf.cast(f(...x), 'float32')
      if (reference === 'none') continue
      const fixed = declared.filter((input) => typeof input === 'object' && input.constant).length
      const rest = x.splice(x.length - fixed)
      tf.grads((...values) => f(...values, ...rest))(x).forEach((gradient, i) => {
        outputs[`${name}/gradient of x${i}`] = gradient
      })
    }
    return { state: {}, outputs }
  }
  return { step, inputs }
}

async function runOperations(backend: Backend, cases: readonly Case[]): Promise<TensorMap> {
  const { step, inputs } = operationsCase(cases)
  const program = await backend.compile(step, { state: {}, inputs })
  const outputs = await program.run(inputs)
  await program.dispose()
  return outputs
}

/** The outputs that differ by more than the tolerance, and by how much. */
function wrongOperations(actual: TensorMap, reference: TensorMap): [string, number][] {
  return Object.entries(differences(actual, reference))
    .map(([name, difference]): [string, number] => [
      name,
      difference / Math.max(1e-3, largest(reference[name]!.data)),
    ])
    .filter(([, difference]) => !(difference <= operationTolerance))
}

/** Memory of JavaScript's garbage is not growth. */
v8.setFlagsFromString('--expose-gc')
const collectGarbage = vm.runInNewContext('gc') as () => void

/** What `tf.memory()` counts, which asks for an active backend; tracing leaves none behind. */
function tensorsAlive() {
  const { numTensors, numBytes } = tf.engine().state
  return { numTensors, numBytes }
}

async function memoryInUse() {
  collectGarbage()
  // Buffers that native code holds are given back a turn later.
  await setImmediate()
  collectGarbage()
  const { arrayBuffers, rss } = process.memoryUsage()
  return { arrayBuffers, rss, ...tensorsAlive() }
}

describe.each(others)('$name agrees with traced', ({ open }) => {
  let traced: Backend
  let other: Backend
  beforeAll(async () => {
    traced = await openTraced({ threads: 2 })
    other = await open({ threads: 2 })
  })
  afterAll(async () => {
    await traced.close()
    await other.close()
  })

  test.each([...stepCases, productCase()])('training: $name', async (training) => {
    const reference = await train(traced, training)
    const actual = await train(other, training)
    for (const [i, outputs] of reference.outputs.entries())
      for (const [name, { data }] of Object.entries(outputs)) {
        const value = actual.outputs[i]![name]!.data[0]!
        expect(Math.abs(value / data[0]! - 1), `${name}, step ${i}`).toBeLessThan(outputTolerance)
      }
    for (const [name, { data }] of Object.entries(reference.end)) {
      const difference = Array.from(data, (value, i) => value - actual.end[name]!.data[i]!)
      expect(norm(difference) / norm(data), name).toBeLessThan(stateTolerance)
    }
  })
})

describe('every operation and its gradients agree with traced', () => {
  let reference: TensorMap
  beforeAll(async () => {
    const traced = await openTraced({ threads: 2 })
    reference = await runOperations(traced, operationCases)
    await traced.close()
    // One graph of all of them: ten seconds to build where other tests run beside it.
  }, 60_000)

  test('on wasm', async () => {
    const wasm = await openWasm({ threads: 2 })
    expect(wrongOperations(await runOperations(wasm, operationCases), reference)).toEqual([])
    await wasm.close()
  })

  test.skipIf(!nativeIsStaged)('on native', async () => {
    const backend = await native.open({ threads: 2 })
    const found: Record<string, unknown> = {}
    for (const operation of operationCases) {
      const own = Object.fromEntries(
        Object.entries(reference).filter(([name]) => name.startsWith(`${operation.name}/`)),
      )
      try {
        const wrong = wrongOperations(await runOperations(backend, [operation]), own)
        if (wrong.length > 0) found[operation.name] = wrong
      } catch (error) {
        found[operation.name] = (error as Error).message
      }
    }
    expect(Object.keys(found).sort()).toEqual(nativeLimits)
    await backend.close()
  })
})

describe.each([...runtimes, ...(nativeIsStaged ? [native] : [])])('$name', ({ open }) => {
  test('grows by nothing over 1,000 steps', async () => {
    const before = tensorsAlive()
    const backend = await open({ threads: 1 })
    const { step, state, inputs: draw } = stepCases.find(({ name }) => name.startsWith('convolutional VAE'))!
    const inputs = draw(0)
    const program = await backend.compile(step, { state, inputs })
    // The first steps fill caches and arenas.
    for (let n = 0; n < 100; n++) await program.run(inputs)
    const early = await memoryInUse()
    for (let n = 0; n < 1000; n++) await program.run(inputs)
    const late = await memoryInUse()
    expect(late).toMatchObject({ numTensors: early.numTensors, numBytes: early.numBytes })
    // A leaked copy of the state each step would be 22 MiB, of the inputs 2.3.
    expect(late.arrayBuffers - early.arrayBuffers).toBeLessThan(2 * 2 ** 20)
    expect(late.rss - early.rss).toBeLessThan(64 * 2 ** 20)
    await backend.close()
    expect(tensorsAlive()).toEqual(before)
  })
})
