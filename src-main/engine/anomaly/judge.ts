import type { ScoreKind } from '../../contract/analysis.ts'
import { DarkroomError } from '../../contract/errors.ts'
import type { Dataset } from '../data/dataset.ts'
import type { OpenLatentModel } from '../inference/latent-model.ts'
import type { JobContext } from '../jobs/context.ts'
import { sizeOf } from '../models/layers.ts'
import { heatSigma, smoothed } from './heat.ts'
import type { Units } from './units.ts'
import { whitenedErrors, type Whitening } from './whitening.ts'

/** One unit as a detector sees it. */
export interface Judged {
  unit: number
  score: number
  /** Whole images, [height, width, channels], or rows, as the network has them; tiles are put together again, the mean where they overlap. */
  shape: number[]
  sample: Float32Array
  reconstruction: Float32Array
  /** Of images: [height, width]. */
  heat: Float32Array | null
}

export interface Judge {
  model: OpenLatentModel & { encode: NonNullable<OpenLatentModel['encode']> }
  dataset: Pick<Dataset, 'read' | 'shape' | 'groups'>
  units: Units
  kind: ScoreKind
  /** Null where the kind needs none. */
  whitening: Whitening | null
}

export type JudgeContext = Pick<JobContext, 'signal' | 'pause' | 'emit'>

/** Items that are reconstructed at a time, and values of them. */
const atATime = { items: 1024, values: 2 ** 22 }

/** Judges units one after the other, some at a time. @throws data-unsuitable for values that are no numbers, cancelled */
export async function* judged(
  judge: Judge,
  wanted: ArrayLike<number>,
  { signal, pause, emit }: JudgeContext,
): AsyncGenerator<Judged> {
  const { dataset, units } = judge
  const size = sizeOf(dataset.shape)
  const most = Math.max(1, Math.min(atATime.items, Math.floor(atATime.values / size)))
  for (let from = 0; from < wanted.length;) {
    if (signal.aborted) throw new DarkroomError('cancelled')
    await pause()
    emit({ event: 'progress', progress: { done: from, total: wanted.length, secondsLeft: null } })
    const some: Int32Array[] = []
    // One at least, however many tiles it has.
    for (let items = 0; from + some.length < wanted.length;) {
      const next = units.itemsOf(wanted[from + some.length]!)
      if (some.length > 0 && items + next.length > most) break
      some.push(next)
      items += next.length
    }
    const read = await reconstructed(judge, Int32Array.from(some.flatMap((items) => [...items])))
    let at = 0
    for (const [i, items] of some.entries()) {
      const [first, last] = [at * size, (at + items.length) * size]
      const own = {
        samples: read.samples.subarray(first, last),
        outputs: read.outputs.subarray(first, last),
      }
      const unit = wanted[from + i]!
      yield {
        unit,
        ...(judge.dataset.groups?.type === 'tiles' ? ofTiles(judge, items, own) : ofWhole(judge, own)),
      }
      at += items.length
    }
    from += some.length
  }
}

interface Reconstructed {
  samples: Float32Array
  outputs: Float32Array
}

async function reconstructed({ model, dataset, units }: Judge, items: Int32Array): Promise<Reconstructed> {
  const samples = await dataset.read(items)
  const outputs = await model.decode((await model.encode(samples)).code)
  const broken = outputs.findIndex((value) => !Number.isFinite(value))
  if (broken >= 0)
    throw new DarkroomError('data-unsuitable', {
      file: units.name(units.of[items[Math.floor(broken / sizeOf(dataset.shape))]!]!),
      expected: 'finite numbers',
      received: 'NaN',
    })
  return { samples, outputs }
}

/** What each value of a sample adds to its score. */
function errorsOf({ kind, whitening }: Judge, sample: Float32Array, output: Float32Array): Float32Array {
  const residual = output.map((value, i) => value - sample[i]!)
  switch (kind) {
    case 'squared':
      return residual.map((value) => value * value)
    case 'absolute':
      return residual.map(Math.abs)
    case 'whitened':
      return whitenedErrors(whitening!, residual)
  }
}

const meanOf = (values: Float32Array): number => values.reduce((sum, value) => sum + value, 0) / values.length

/** The mean over an image's channels: [height, width]. */
function ofPixels(errors: Float32Array, channels: number): Float32Array {
  if (channels === 1) return errors
  return Float32Array.from({ length: errors.length / channels }, (_, i) =>
    meanOf(errors.subarray(i * channels, (i + 1) * channels)),
  )
}

/** A row, a window, or an image that is one sample: the mean of its errors. */
function ofWhole(judge: Judge, { samples, outputs }: Reconstructed): Omit<Judged, 'unit'> {
  const { shape } = judge.dataset
  const errors = errorsOf(judge, samples, outputs)
  const [height, width, channels] = shape as [number, number | undefined, number]
  return {
    ...{ shape, score: meanOf(errors), sample: samples.slice(), reconstruction: outputs.slice() },
    heat: width === undefined ? null : smoothed(ofPixels(errors, channels), height, width, heatSigma(shape)),
  }
}

/** An image of tiles: the largest value of its heat map. */
function ofTiles(judge: Judge, items: Int32Array, { samples, outputs }: Reconstructed): Omit<Judged, 'unit'> {
  const { shape: tile, groups } = judge.dataset
  const { sizes, of, starts } = groups!
  const [tileHeight, tileWidth, channels] = tile as [number, number, number]
  const [height, width] = sizes[of[items[0]!]!] as [number, number]
  const size = sizeOf(tile)
  const sums = {
    sample: new Float32Array(height * width * channels),
    reconstruction: new Float32Array(height * width * channels),
    heat: new Float32Array(height * width),
  }
  const cover = new Float32Array(height * width)
  for (const [i, item] of items.entries()) {
    const [sample, output] = [samples, outputs].map((values) =>
      values.subarray(i * size, (i + 1) * size),
    ) as [Float32Array, Float32Array]
    const errors = ofPixels(errorsOf(judge, sample, output), channels)
    for (let y = 0; y < tileHeight; y++)
      for (let x = 0; x < tileWidth; x++) {
        const from = y * tileWidth + x
        const to = (starts[2 * item]! + y) * width + starts[2 * item + 1]! + x
        cover[to]!++
        sums.heat[to]! += errors[from]!
        for (let c = 0; c < channels; c++) {
          sums.sample[to * channels + c]! += sample[from * channels + c]!
          sums.reconstruction[to * channels + c]! += output[from * channels + c]!
        }
      }
  }
  const mean = (values: Float32Array, each: number): Float32Array =>
    values.map((value, i) => value / Math.max(1, cover[Math.floor(i / each)]!))
  const heat = smoothed(mean(sums.heat, 1), height, width, heatSigma(tile))
  return {
    ...{ shape: [height, width, channels], heat },
    score: heat.reduce((most, value) => Math.max(most, value), 0),
    sample: mean(sums.sample, channels),
    reconstruction: mean(sums.reconstruction, channels),
  }
}

/** Residuals (output − sample) of items, one after the other: [count, size]. */
export async function residualsOf(
  judge: Judge,
  items: Int32Array,
  { signal, pause }: JudgeContext,
): Promise<Float32Array> {
  const size = sizeOf(judge.dataset.shape)
  const residuals = new Float32Array(items.length * size)
  for (let from = 0; from < items.length; from += atATime.items) {
    if (signal.aborted) throw new DarkroomError('cancelled')
    await pause()
    const { samples, outputs } = await reconstructed(judge, items.subarray(from, from + atATime.items))
    residuals.set(
      outputs.map((value, i) => value - samples[i]!),
      from * size,
    )
  }
  return residuals
}
