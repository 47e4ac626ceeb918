import { setImmediate } from 'node:timers/promises'
import { denoiserStride } from '../../contract/architecture.ts'
import type { Corruption } from '../../contract/corruption.ts'
import { DarkroomError } from '../../contract/errors.ts'
import type { TensorData } from '../../contract/tensors.ts'
import { estimateNoise } from '../analysis/noise.ts'
import type { Backend, Session } from '../backend/backend.ts'
import { samplesLike, type Samples } from '../numeric/samples.ts'
import type { ImagePage } from '../storage/image.ts'
import { levelsIn, type Levels } from '../storage/levels.ts'
import { enlargedAlpha, enlargedRegion } from './enlarge.ts'
import { tileOverlap } from './network.ts'
import { ownNetwork, type OwnNetwork } from './own-network.ts'
import type { Size } from './ports.ts'
import { withTiles, type TiledNetwork } from './tile-size.ts'
import {
  cutTile,
  feedsOf,
  mirrored,
  planTiles,
  putTile,
  sortPlanes,
  type Made,
  type Tile,
  type TilePlan,
} from './tiles.ts'

export interface RestoreOptions {
  /** Largest side of a tile in pixels, or by the memory there is (the default). */
  tile?: number | 'auto' | undefined
  signal?: AbortSignal | undefined
  /** Called after each run of the network. */
  onProgress?: ((progress: { done: number; total: number }) => void) | undefined
  /** Awaited after each run of the network, so that more urgent work can go first. */
  pause?: (() => Promise<void>) | undefined
}

/** What a network may be told of a picture: which it reads is a matter of its spec. */
export interface Told {
  /** Standard deviation of the noise in [0, 1] units. */
  sigma: number
  /** [height, width]: 1 where pixels are missing; null: none is. */
  mask: Float32Array | null
}

/** A network that was trained on patches, open: super-resolution, inpainting, or a denoiser. */
export interface Restorer {
  /** Sides of what `restore` gives are so many times as long: 1, or 2 to 4 for super-resolution. */
  factor: number
  /** Whether `restore` fills in transparent pixels. */
  fills: boolean
  /**
   * What the network is good for, on an ordinary picture. Super-resolution enlarges it by `factor`, alpha too; inpainting fills in the
   * pixels whose alpha is 0, which become opaque, and leaves all others as they are; a denoiser denoises, at the noise level that it
   * finds. Memory: the page, its result, and one tile.
   * @throws data-unsuitable where nothing is to be filled; cancelled, memory-exhausted.
   */
  restore(page: ImagePage, options?: RestoreOptions): Promise<ImagePage>
  /**
   * The network alone, on a picture that was corrupted as in training: a result of the same size.
   * @throws cancelled, memory-exhausted.
   */
  repair(page: ImagePage, told: Told, options?: RestoreOptions): Promise<ImagePage>
  dispose(): Promise<void>
}

/**
 * Opens a network that was trained on patches here; its file says what it was trained to undo.
 * @throws model-unreadable; model-incompatible for any other network.
 */
export async function openRestorer(
  backend: Pick<Backend, 'open'>,
  model: { bytes: Uint8Array; file: string },
): Promise<Restorer> {
  const session = await backend.open(model.bytes)
  const own = ownNetwork(session.metadata)
  if (own === null) {
    await session.dispose()
    throw new DarkroomError('model-incompatible', {
      ...{ file: model.file, expected: 'a network that was trained on patches of photographs' },
    })
  }
  const { spec, corruption, levels } = own
  const fills = spec.condition === 'mask'
  const factor = fills ? 1 : factorOf(corruption ?? [])
  const network = createNetwork(session, own)

  const repair = async (page: ImagePage, told: Told, options: RestoreOptions = {}): Promise<ImagePage> => {
    const result = { ...page, data: samplesLike(page.data, page.data.length) }
    const seen = { ...page, ...levelsIn(page, levels) }
    const source: Source = {
      cut: (plan, tile, feed, planes) => cutTile(seen, plan, tile, feed, planes),
      told: (plan, tile, out) => {
        if (spec.condition === 'sigma' || told.mask === null) out.fill(told.sigma)
        else cutMask(told.mask, page, plan, tile, out)
      },
    }
    await runTiles(network, source, result, options)
    return result
  }

  const enlarge = async (page: ImagePage, options: RestoreOptions): Promise<ImagePage> => {
    const [width, height] = [page.width * factor, page.height * factor]
    const data = samplesLike(page.data, width * height * page.channels)
    const result = { ...page, width, height, data, alpha: enlargedAlpha(page, factor) }
    const source: Source = {
      cut(plan, tile, feed, planes) {
        const right = Math.min(tile.x + plan.width, width)
        const bottom = Math.min(tile.y + plan.height, height)
        const region = { x: tile.x, y: tile.y, width: right - tile.x, height: bottom - tile.y }
        // A window that reaches past the edge mirrors the same pixels in the region as in the picture.
        const larger = enlargedRegion(page, factor, region)
        cutTile({ ...larger, ...levelsIn(larger, levels) }, plan, { ...tile, x: 0, y: 0 }, feed, planes)
      },
      told: () => undefined,
    }
    await runTiles(network, source, result, options)
    return result
  }

  const fill = async (page: ImagePage, options: RestoreOptions): Promise<ImagePage> => {
    const mask = missingOf(page)
    const { data } = await repair(blanked(page, mask), { sigma: 0, mask }, options)
    for (let i = 0; i < data.length; i++)
      if (mask[Math.floor(i / page.channels)] === 0) data[i] = page.data[i]!
    return { ...page, data, alpha: withoutHoles(page.alpha!) }
  }

  return {
    factor,
    fills,
    restore(page, options = {}) {
      if (fills) return fill(page, options)
      if (factor > 1) return enlarge(page, options)
      return repair(page, { sigma: estimateNoise(page) / 255, mask: null }, options)
    },
    repair,
    dispose: () => session.dispose(),
  }
}

/** What pictures that went through all of the chain were reduced by: the largest factor in it. */
function factorOf(corruption: readonly Corruption[]): number {
  const all = corruption.flatMap((one) =>
    one.type === 'oneOf' ? one.options.flatMap(({ corruptions }) => corruptions) : [one],
  )
  return Math.max(1, ...all.map((one) => (one.type === 'downscale' ? one.factor : 1)))
}

interface Network extends TiledNetwork {
  channels: 1 | 3
  levels: Levels | null
  multiple: number
  overlap: number
  /** @param told [height, width]; not read by a network that is told nothing. */
  run(planes: Float32Array, told: Float32Array, size: Size): Promise<Float32Array>
}

function createNetwork(session: Session, { spec, levels }: OwnNetwork): Network {
  const tensor = (channels: number, { width, height }: Size, data: Float32Array): TensorData => ({
    shape: [1, channels, height, width],
    dtype: 'float32',
    data,
  })
  return {
    ...{ channels: spec.channels, levels, fixed: null, largestTile: Infinity },
    multiple: denoiserStride(spec),
    overlap: tileOverlap(spec),
    async run(planes, told, size) {
      const condition = spec.condition === 'none' ? {} : { [spec.condition]: tensor(1, size, told) }
      const { denoised } = await session.run({ noisy: tensor(spec.channels, size, planes), ...condition })
      return denoised!.data as Float32Array
    },
  }
}

/** Where the windows of a plan come from. */
interface Source {
  /** @param planes [feed.length, plan.height, plan.width], to be filled. */
  cut(plan: TilePlan, tile: Tile, feed: number[], planes: Float32Array): void
  /** @param out [plan.height, plan.width], to be filled. */
  told(plan: TilePlan, tile: Tile, out: Float32Array): void
}

/** Runs a network over a page that has no samples yet. */
async function runTiles(
  network: Network,
  source: Source,
  result: ImagePage,
  { tile = 'auto', signal, onProgress, pause }: RestoreOptions,
): Promise<void> {
  await withTiles(network, tile, async (side) => {
    const plan = planTiles(result.width, result.height, { ...network, tile: side })
    const pixels = plan.width * plan.height
    const planes = new Float32Array(network.channels * pixels)
    const told = new Float32Array(pixels)
    const feeds = feedsOf(network.channels, result)
    const seen = { ...result, ...levelsIn(result, network.levels) }
    for (const [index, window] of plan.tiles.entries()) {
      const made: Made = []
      source.told(plan, window, told)
      for (const feed of feeds) {
        if (signal?.aborted) throw new DarkroomError('cancelled')
        source.cut(plan, window, feed, planes)
        sortPlanes(await network.run(planes, told, plan), plan, feed, made)
      }
      putTile(result, seen, plan, window, made)
      onProgress?.({ done: index + 1, total: plan.tiles.length })
      // A run may block the event loop for its whole time: let decoders, encoders and Ctrl-C have their turn.
      await setImmediate()
      await pause?.()
    }
  })
}

function cutMask(
  mask: Float32Array,
  { width, height }: Size,
  plan: TilePlan,
  tile: Tile,
  out: Float32Array,
): void {
  let to = 0
  for (let y = 0; y < plan.height; y++) {
    const row = mirrored(tile.y + y, height) * width
    for (let x = 0; x < plan.width; x++) out[to++] = mask[row + mirrored(tile.x + x, width)]!
  }
}

/** 1 where a page is wholly transparent. */
function missingOf({ alpha }: ImagePage): Float32Array {
  const mask = Float32Array.from(alpha ?? [], (opacity) => (opacity === 0 ? 1 : 0))
  if (!mask.includes(1))
    throw new DarkroomError('data-unsuitable', {
      expected: 'a picture with transparent pixels: they are filled in',
      received: 'none',
    })
  return mask
}

/** A page with black where pixels are missing, as in training. */
function blanked(page: ImagePage, mask: Float32Array): ImagePage {
  const data = page.data.slice()
  for (let i = 0; i < data.length; i++) if (mask[Math.floor(i / page.channels)] === 1) data[i] = page.black
  return { ...page, data }
}

/** Alpha whose zeros became opaque; null where nothing else is transparent. */
function withoutHoles(alpha: Samples): Samples | null {
  const opaque = alpha instanceof Uint8Array ? 255 : alpha instanceof Uint16Array ? 65535 : 1
  const filled = alpha.map((opacity) => (opacity === 0 ? opaque : opacity))
  return filled.every((opacity) => opacity === opaque) ? null : filled
}
