import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DenoiserSpec } from '../../../src-main/contract/architecture.ts'
import type { TensorData, TensorMap } from '../../../src-main/contract/tensors.ts'
import type { Backend } from '../../../src-main/engine/backend/backend.ts'
import { openBackend } from '../../../src-main/engine/backend/select.ts'
import {
  checkDenoiserWeights,
  denoiserForward,
  exportDenoiser,
  initDenoiser,
} from '../../../src-main/engine/models/denoiser.ts'
import { createRandom } from '../../../src-main/engine/numeric/random.ts'
import { readSafetensors, writeSafetensors } from '../../../src-main/engine/storage/safetensors.ts'

const python = process.env['DARKROOM_PYTHON'] ?? 'python3'
const canRun = spawnSync(python, ['-c', 'import torch, safetensors, onnxruntime']).status === 0
if (!canRun) {
  console.warn(
    `SKIPPED: the PyTorch twin. ${python} lacks bench/python/requirements-tests.txt; set DARKROOM_PYTHON to one that has it.`,
  )
}

const specOf = (condition: DenoiserSpec['condition']): DenoiserSpec =>
  DenoiserSpec.parse({ type: 'denoiser', widths: [8, 12, 16], blocks: [1, 2, 1], condition })
const [height, width] = [24, 40]
const random = createRandom(1)
const image = (channels: number): TensorData => ({
  shape: [1, height, width, channels],
  dtype: 'float32',
  data: Float32Array.from({ length: height * width * channels }, () => random.uniform()),
})
const noisy = image(3)
const told = image(1)
const inputsOf = ({ condition }: DenoiserSpec): TensorMap =>
  condition === 'none' ? { noisy } : { noisy, [condition]: told }

describe.skipIf(!canRun)('the network and its PyTorch twin', () => {
  let folder: string
  let backend: Backend
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'twin-'))
    backend = await openBackend('traced', { threads: 1 })
  })
  afterAll(async () => {
    await backend.close()
    await rm(folder, { recursive: true })
  })

  async function runTwin(spec: DenoiserSpec, weights: TensorMap, ...options: string[]) {
    const [input, output] = [join(folder, 'in.safetensors'), join(folder, 'out.safetensors')]
    await writeSafetensors(input, { ...weights, ...inputsOf(spec) })
    const script = fileURLToPath(new URL('../../../bench/torch/run_twin.py', import.meta.url))
    const shape = ['--widths', ...spec.widths.map(String), '--blocks', ...spec.blocks.map(String)]
    execFileSync(python, [script, input, output, ...shape, '--condition', spec.condition, ...options])
    const { denoised, onnx, ...back } = (await readSafetensors(output)).tensors
    return { denoised: denoised!, onnx, weights: back }
  }

  async function runOurs(spec: DenoiserSpec, weights: TensorMap): Promise<TensorData> {
    const forward = denoiserForward(spec)
    const inputs = inputsOf(spec)
    const program = await backend.compile((state, given) => ({ state, outputs: forward(state, given) }), {
      state: weights,
      inputs,
    })
    const { denoised } = await program.run(inputs)
    await program.dispose()
    return denoised!
  }

  const difference = (a: TensorData, b: TensorData): number => {
    expect(a.shape).toEqual(b.shape)
    return Math.max(...a.data.map((value, i) => Math.abs(value - b.data[i]!)))
  }

  it.each(['sigma', 'mask', 'none'] as const)(
    'give the same output from our weights, and give them back unchanged; so does the exported file: %s',
    async (condition) => {
      const spec = specOf(condition)
      const weights = initDenoiser(spec, random)
      // At full strength, so that every layer counts.
      weights['tail.kernel']!.data.forEach((value, i, data) => (data[i] = 10 * value))
      const ours = await runOurs(spec, weights)
      expect(difference(ours, noisy)).toBeGreaterThan(0.1)
      const file = join(folder, 'model.onnx')
      await writeFile(file, exportDenoiser(spec, weights, {}, '0.0.0'))
      const twin = await runTwin(spec, weights, '--onnx', file)
      expect(twin.weights).toEqual(weights)
      expect(difference(ours, twin.denoised)).toBeLessThan(1e-5)
      expect(difference(ours, twin.onnx!)).toBeLessThan(1e-5)
    },
  )

  it('give the same output from its weights', async () => {
    const spec = specOf('sigma')
    const twin = await runTwin(spec, {})
    checkDenoiserWeights(spec, twin.weights)
    const ours = await runOurs(spec, twin.weights)
    expect(difference(ours, noisy)).toBeGreaterThan(0.01)
    expect(difference(ours, twin.denoised)).toBeLessThan(1e-5)
  })
})
