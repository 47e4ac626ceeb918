import { setImmediate } from 'node:timers/promises'
import { addN, mean, mul, squaredDifference, type Scalar } from '@tensorflow/tfjs-core'
import { DarkroomError } from '../../contract/errors.ts'
import { zeroShotInterface } from '../../contract/models.ts'
import type { Recipe } from '../../contract/recipe.ts'
import type { TensorMap } from '../../contract/tensors.ts'
import { noiseCorrelation } from '../analysis/whiteness.ts'
import type { Backend, Program, Step, Tensors } from '../backend/backend.ts'
import { initPageNetwork, orientedWeights, pageNetworkReach, runPageNetwork } from '../models/page-network.ts'
import { createRandom, type Random } from '../numeric/random.ts'
import type { ImagePage } from '../storage/image.ts'
import { learningRate } from '../training/schedule.ts'
import {
  initialState,
  optimizerInputs,
  optimizerValues,
  resultWeights,
  trainingStep,
} from '../training/step.ts'
import { isCorrelated } from './choose.ts'
import type { Denoiser, Learning } from './network.ts'
import { cutCrops, drawPatch, fillPatch, mostPixels, neighbourMean, type Crops } from './page-crops.ts'
import type { Size } from './ports.ts'

/*
 * A network that is trained on the noisy page alone, as ZS-N2N is (Mansour & Heckel, CVPR 2023): a reduced picture is predicted from
 * another one of the same scene, whose noise is independent. The input is every second pixel, at the noise level that the page itself
 * has; the target is the mean of each pixel's four neighbours, which are never among the input's. Noise that is alike in
 * neighbouring pixels cannot be told from the picture in this way, and stays. Why so, and what was tried: docs/decisions/0027.
 */

const optimizer: Recipe['optimizer'] = {
  ...{ type: 'adam', rate: 4e-3, beta1: 0.9, schedule: 'cosine', warmup: 50, finalShare: 0.01 },
  ...{ clipNorm: null, averageDecay: 0.99 },
}
const defaultSteps = 1000
/** Pixels of a side of a patch, of every second pixel of the page, and patches of a step. */
const patchSide = 48
const batch = 1
/** A page with a shorter side has too little to learn from. */
const smallestSide = 16
/** Memory: about 600 bytes a pixel. */
const largestTile = 512
/** All ways to turn and mirror a page, where that takes seconds; of larger pages, which it would take minutes, one. */
const orientationsOf = ({ width, height }: Size): number => (width * height <= mostPixels ? 8 : 1)
const seed = 1

/** The denoiser that is another one for each page: it learns before it runs. `run` takes what it is given for a page. */
export function openZeroShot(backend: Pick<Backend, 'compile'>, steps = defaultSteps): Denoiser {
  const warnings: string[] = []
  const learn = (page: ImagePage, learning: Learning): Promise<Denoiser> => {
    if (isCorrelated(noiseCorrelation(page))) warnings.push('warning.noise-correlated')
    return learnPage(backend, page, steps, learning)
  }
  return {
    interface: zeroShotInterface,
    metadata: {},
    ...{ channels: 3, takesSigma: false, multiple: 1, fixed: null },
    ...{ overlap: pageNetworkReach, largestTile, warnings },
    learn,
    async run(planes, size) {
      const page = await learn(pageOf(planes, size), {})
      try {
        return await page.run(planes, size, 0)
      } finally {
        await page.dispose()
      }
    },
    dispose: () => Promise.resolve(),
  }
}

/** Three planes as a page. */
function pageOf(planes: Float32Array, { width, height }: Size): ImagePage {
  const size = width * height
  const data = Float32Array.from(planes, (_, i) => planes[(i % 3) * size + Math.floor(i / 3)]!)
  return { width, height, channels: 3, data, white: 1, black: 0, alpha: null }
}

/**
 * Trains a network on a page. The same page gives the same network.
 * @throws image-too-small; cancelled, memory-exhausted.
 */
async function learnPage(
  backend: Pick<Backend, 'compile'>,
  page: ImagePage,
  steps: number,
  { signal, onProgress, pause }: Learning,
): Promise<Denoiser> {
  if (Math.min(page.width, page.height) < smallestSide)
    throw new DarkroomError('image-too-small', {
      expected: `${smallestSide}×${smallestSide}`,
      received: `${page.width}×${page.height}`,
    })
  const crops = cutCrops(page)
  const random = createRandom(seed)
  const weights = await train(backend, crops, steps, random, async (done) => {
    onProgress?.({ done, total: steps })
    // A step may block the event loop for its whole time.
    await setImmediate()
    await pause?.()
    if (signal?.aborted) throw new DarkroomError('cancelled')
  })
  return openPageNetwork(backend, crops, weights, orientationsOf(page))
}

async function train(
  backend: Pick<Backend, 'compile'>,
  crops: Crops,
  steps: number,
  random: Random,
  afterStep: (done: number) => Promise<void>,
): Promise<TensorMap> {
  const { channels, noisy } = crops
  const targets = noisy.map((planes) => neighbourMean(planes, crops))
  const side = Math.min(patchSide, Math.floor((Math.min(crops.width, crops.height) + 1) / 2))
  const spec = { shape: [batch, side, side, channels], dtype: 'float32' as const }
  const first = initPageNetwork(channels, random.fork(0))
  const update = {
    trains: Object.keys(first),
    terms: (weights: Tensors, { x, target }: Tensors) => ({
      loss: mean<Scalar>(squaredDifference(runPageNetwork(weights, x!), target!)),
    }),
  }
  const stage = { updates: [update] }
  const program = await backend.compile(trainingStep(optimizer, stage), {
    state: initialState(optimizer, first, stage),
    inputs: { ...optimizerInputs(optimizer), x: spec, target: spec },
  })
  try {
    const size = side * side * channels
    const [x, target] = [new Float32Array(batch * size), new Float32Array(batch * size)]
    const patches = random.fork(1)
    for (let step = 0; step < steps; step++) {
      for (let i = 0; i < batch; i++) {
        const crop = patches.integer(noisy.length)
        const places = drawPatch(side, crops, patches)
        fillPatch(noisy[crop]!, places, channels, x, i * size)
        fillPatch(targets[crop]!, places, channels, target, i * size)
      }
      await program.run({
        ...optimizerValues(optimizer, learningRate(optimizer, step, steps), step),
        x: { ...spec, data: x },
        target: { ...spec, data: target },
      })
      await afterStep(step + 1)
    }
    return resultWeights(await program.readState())
  } finally {
    await program.dispose()
  }
}

/** The mean over so many ways to turn and mirror the picture. */
const runOriented =
  (orientations: number): Step =>
  (weights, { x }) => {
    const results = Array.from({ length: orientations }, (_, orientation) =>
      runPageNetwork(orientedWeights(weights, orientation), x!),
    )
    return { state: weights, outputs: { clean: mul(addN(results), 1 / orientations) } }
  }

/** The network of a page, trained. */
function openPageNetwork(
  backend: Pick<Backend, 'compile'>,
  { channels, mean: offset, deviation }: Pick<Crops, 'channels' | 'mean' | 'deviation'>,
  weights: TensorMap,
  orientations: number,
): Denoiser {
  let open: { size: string; program: Program } | null = null
  const close = async (): Promise<void> => {
    await open?.program.dispose()
    open = null
  }
  /** All tiles of a page have one size, so the program of the last one is kept. */
  async function programFor({ width, height }: Size): Promise<Program> {
    const size = `${width}×${height}`
    if (open?.size === size) return open.program
    await close()
    const x = { shape: [1, height, width, channels], dtype: 'float32' as const }
    const program = await backend.compile(runOriented(orientations), { state: weights, inputs: { x } })
    open = { size, program }
    return program
  }
  return {
    interface: { ...zeroShotInterface, channels },
    metadata: {},
    ...{ channels, takesSigma: false, multiple: 1, fixed: null },
    ...{ overlap: pageNetworkReach, largestTile, isEnsembled: orientations > 1 },
    async run(planes, { width, height }) {
      const program = await programFor({ width, height })
      const size = width * height
      const data = new Float32Array(planes.length)
      for (let channel = 0; channel < channels; channel++)
        for (let i = 0; i < size; i++)
          data[i * channels + channel] = (planes[channel * size + i]! - offset) / deviation
      const shape = [1, height, width, channels]
      const { clean } = await program.run({ x: { shape, dtype: 'float32', data } })
      for (let channel = 0; channel < channels; channel++)
        for (let i = 0; i < size; i++)
          data[channel * size + i] = offset + deviation * clean!.data[i * channels + channel]!
      return data
    },
    dispose: close,
  }
}
