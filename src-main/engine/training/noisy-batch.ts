import type { Supervision } from '../../contract/recipe.ts'
import type { TensorData, TensorMap } from '../../contract/tensors.ts'
import { estimateNoiseLine, type NoiseLine } from '../analysis/noise-line.ts'
import { estimateNoise } from '../analysis/noise.ts'
import { corrupt } from '../data/corruption.ts'
import { hidePixels } from '../data/hidden-pixels.ts'
import { readTake, type Picture, type ReadPictures, type ScannedImage, type Take } from '../data/images.ts'
import { levelsIn, type Levels } from '../storage/levels.ts'
import { drawNeighbours, oneHot, subSample } from '../data/neighbours.ts'
import { cutSquare, drawSquare, type Square } from '../data/patches.ts'
import type { Sample } from '../data/sample.ts'
import { blurPlane } from '../numeric/blur.ts'
import type { Random } from '../numeric/random.ts'
import { restorerInputs, type RestorerRecipe } from './restorer-terms.ts'

/** Noisy pictures to learn from. */
export interface NoisyPictures {
  recipe: RestorerRecipe
  read: ReadPictures
  levels: Levels | null
  /** The noise of a take, in units of the network's input; asked for where noise is added to it. */
  noiseOf: (take: Take) => Promise<NoiseLine>
}

/** Measures the noise of each take once, when it is first asked for. */
export function createNoiseOf(
  { supervision }: Pick<RestorerRecipe, 'supervision'>,
  read: ReadPictures,
  levels: Levels | null,
): NoisyPictures['noiseOf'] {
  const growsWithSignal = supervision.type === 'recorrupted' && supervision.noise === 'signal-dependent'
  const known = new Map<string, NoiseLine>()
  return async (take) => {
    const key = `${take.file}#${take.page}`
    const before = known.get(key)
    if (before !== undefined) return before
    const picture = await readTake(read, take)
    const line = growsWithSignal
      ? estimateNoiseLine(picture)
      : { slope: 0, offset: (estimateNoise(picture) / 255) ** 2 }
    const measured = inUnitsOf(levelsIn(picture, levels), picture, line)
    known.set(key, measured)
    return measured
  }
}

/** A line of samples between black and white of the picture as one of samples between other levels. */
function inUnitsOf(
  levels: { black: number; white: number },
  { black, white }: Pick<Picture, 'black' | 'white'>,
  { slope, offset }: NoiseLine,
): NoiseLine {
  const share = (white - black) / (levels.white - levels.black)
  const start = (levels.black - black) / (white - black)
  return { slope: slope * share, offset: (offset + slope * start) * share ** 2 }
}

/** What a network is given of one patch: `noisy`, `target`, and what else its supervision needs. */
type Given = Record<string, ArrayLike<number>>

/**
 * Draws the inputs of one step, all but `gamma` (`restorerInputs`). It depends on nothing but the pictures and the random source. Of each patch
 * are drawn: the image, of scenes with several takes which two, the square, corruptions of it, and what its supervision draws. Recorrupted
 * patches come in pairs, of one patch with either sign of what is added.
 */
export async function drawNoisyBatch(
  pictures: NoisyPictures,
  images: readonly ScannedImage[],
  batch: number,
  random: Random,
): Promise<TensorMap> {
  const { recipe } = pictures
  const { data, model, supervision } = recipe
  const whole = supervision.type === 'neighbor2neighbor' ? 2 * data.patch : data.patch
  const isStriped = supervision.type === 'noise2void' && supervision.structure !== null
  const given: Given[] = []
  while (given.length < batch) {
    const image = images[random.integer(images.length)]!
    const takes = chooseTakes(image, supervision, random)
    const how = { step: model.shuffle, keepsAxes: isStriped }
    const square = drawSquare(image, { ...data, patch: whole }, how, random)
    given.push(...(await lookAt(pictures, takes, square, random)))
  }
  return collect(recipe, given.slice(0, batch), data.patch)
}

/** The same for the middle of one image, the same every time; `size` is the side of the network's input. */
export async function drawNoisyCentre(
  pictures: NoisyPictures,
  image: ScannedImage,
  size: number,
  random: Random,
): Promise<TensorMap> {
  const { recipe } = pictures
  const { shuffle: step } = recipe.model
  const whole = recipe.supervision.type === 'neighbor2neighbor' ? 2 * size : size
  const start = (side: number): number => (side - whole * step) >> 1
  const square = { top: start(image.height), left: start(image.width), size: whole, step, turn: 0 }
  const [given] = await lookAt(pictures, image.takes, square, random)
  return collect(recipe, [given!], size)
}

/** Input and target of Noise2Noise, of other supervisions the one take that there is. */
function chooseTakes({ takes }: ScannedImage, supervision: Supervision, random: Random): Take[] {
  if (takes.length === 1) return takes
  const isOrdered = supervision.type === 'noise2noise' && !supervision.symmetric
  if (isOrdered) return [takes[0]!, takes[1 + random.integer(takes.length - 1)]!]
  const first = random.integer(takes.length)
  const second = (first + 1 + random.integer(takes.length - 1)) % takes.length
  return [takes[first]!, takes[second]!]
}

async function lookAt(
  { recipe, read, levels, noiseOf }: NoisyPictures,
  takes: Take[],
  square: Square,
  random: Random,
): Promise<Given[]> {
  const { supervision, corruption } = recipe
  const cutting = { channels: recipe.data.channels, levels }
  const noisyOf = async (take: Take): Promise<{ noisy: Sample; sigma: number | null }> => {
    const cut = cutSquare(await readTake(read, take), square, cutting)
    return corruption.length === 0 ? { noisy: cut, sigma: null } : corrupt(cut, corruption, random)
  }
  const { noisy: y, sigma } = await noisyOf(takes[0]!)
  switch (supervision.type) {
    case 'clean':
      throw new Error('a training with clean targets')
    case 'noise2noise': {
      const target = await noisyOf(takes[1] ?? takes[0]!)
      return [{ noisy: y.data, target: target.noisy.data }]
    }
    case 'noise2void': {
      const { seen, hidden } = hidePixels(y, supervision, random)
      return [{ noisy: seen.data, target: y.data, hidden }]
    }
    case 'neighbor2neighbor': {
      const { first, second } = drawNeighbours((y.width * y.height) / 4, random)
      const [noisy, target] = [subSample(y, first).data, subSample(y, second).data]
      return [{ noisy, target, whole: y.data, first: oneHot(first), second: oneHot(second) }]
    }
    case 'recorrupted': {
      const { alpha } = supervision
      const line = sigma === null ? await noiseOf(takes[0]!) : { slope: 0, offset: sigma ** 2 }
      // Of a single sample the noise would say how much there is of it.
      const level = line.slope === 0 ? y.data : localMeans(y)
      const z = level.map((x) => Math.sqrt(Math.max(0, line.slope * x + line.offset)) * random.normal())
      return [1, -1].map((sign) => ({
        noisy: y.data.map((value, i) => value + sign * alpha * z[i]!),
        target: y.data.map((value, i) => value - (sign / alpha) * z[i]!),
      }))
    }
  }
}

/** Reach of the local mean that stands for the signal, σ in pixels. */
const meanReach = 2

/** What each sample would be without noise, about. */
function localMeans({ width, height, channels, data }: Sample): Float32Array {
  const means = new Float32Array(data.length)
  for (let channel = 0; channel < channels; channel++) {
    const plane = Float32Array.from({ length: width * height }, (_, i) => data[channels * i + channel]!)
    blurPlane(plane, height, width, meanReach).forEach((mean, i) => {
      means[channels * i + channel] = mean
    })
  }
  return means
}

/** Puts what the network is given of each patch one after the other. */
function collect(recipe: RestorerRecipe, given: Given[], side: number): TensorMap {
  const specs = restorerInputs(recipe, given.length, side)
  const tensors: TensorMap = {}
  for (const [name, spec] of Object.entries(specs)) {
    const data = new Float32Array(spec.shape.reduce((product, n) => product * n, 1))
    if (name === 'sampleWeight') data.fill(1)
    else if (name !== 'gamma')
      given.forEach((one, i) => data.set(one[name]!, (i * data.length) / given.length))
    tensors[name] = { ...spec, data } satisfies TensorData
  }
  return tensors
}
