import { setImmediate } from 'node:timers/promises'
import { DarkroomError } from '../../contract/errors.ts'
import type { SigmaChoice } from '../../contract/jobs.ts'
import { ModelSpec, type DenoiserSpec } from '../../contract/recipe.ts'
import type { TensorData } from '../../contract/tensors.ts'
import { estimateNoise } from '../analysis/noise.ts'
import type { Backend, Session } from '../backend/backend.ts'
import { denoiserStride } from '../models/denoiser.ts'
import { samplesLike, type ImagePage, type Samples } from '../storage/image.ts'
import {
  blendTile,
  cropPage,
  cutTile,
  keepTile,
  planTiles,
  planWindow,
  type Rectangle,
  type Shares,
  type Tile,
  type TilePlan,
} from './tiles.ts'

/** A denoising network, open and checked. */
export interface Denoiser {
  session: Session
  /** Names in the graph; `sigma` is null for a network that takes no noise level. */
  names: { noisy: string; sigma: string | null; denoised: string }
  /** Colour channels that it takes. */
  channels: 1 | 3
  /** What the sides of its input must be a multiple of. */
  multiple: number
  /** Pixels around the kept part of a tile that it must see. */
  overlap: number
  /** Side of the largest tile to try: lowered when memory ran out. */
  largestTile: number
}

export interface DenoiseOptions {
  /** σ of the noise, 8-bit scale (255 is black to white), or estimated from the page. */
  sigma: SigmaChoice
  /** Percent of the noise removed, 0–100: of the grain, where the colour noise has its own. */
  strength: number
  /** Percent of the colour noise removed, 0–100; null or absent: as `strength`. Gray pages ignore it. */
  colourStrength?: number | null | undefined
  /** Largest side of a tile in pixels, or by the memory there is. */
  tile: number | 'auto'
  signal?: AbortSignal | undefined
  /** Called after each run of the network. */
  onProgress?: ((progress: { done: number; total: number }) => void) | undefined
  /** Awaited after each run of the network, so that more urgent work can go first. */
  pause?: (() => Promise<void>) | undefined
}

export interface Denoised {
  page: ImagePage
  /** σ that was used, 8-bit scale; null for a network that takes none. */
  sigma: number | null
  sigmaEstimated: boolean
}

/**
 * Memory that a run of the `photo` network takes at its peak, a pixel of its input: 240–280 measured at 256² to 1536² on
 * the default engine, up to 470 on WebAssembly.
 */
const bytesPerPixel = 500
/** Larger tiles gain nothing: here the overlaps cost 14 % of the time, and the network takes 270 MB. */
const largestAutoTile = 1024
/** Below this the overlaps cost more than memory could be worth. */
const smallestTile = 128

/**
 * Opens a denoising network on a backend.
 *
 * Ours take `noisy` [1, 3, H, W] in [0, 1] and `sigma` [1, 1, H, W] (σ / 255) and give `denoised`. Other people's that take
 * one image [1, 1 or 3, H, W] in [0, 1] and give one of the same shape are run as blind ones.
 * @param model bytes of an ONNX file; `file` names it in errors.
 * @throws model-unreadable, or model-incompatible naming the inputs and outputs that were found.
 */
export async function openDenoiser(
  backend: Backend,
  model: { bytes: Uint8Array; file: string },
): Promise<Denoiser> {
  const session = await backend.open(model.bytes)
  const inputs = Object.keys(session.inputs)
  const outputs = Object.keys(session.outputs)
  const isOurs = inputs.includes('noisy') && inputs.includes('sigma')
  const noisy = isOurs ? 'noisy' : inputs[0]
  const denoised = outputs[0]
  const channels = noisy === undefined ? null : imageChannels(session.inputs[noisy]!)
  if (
    inputs.length !== (isOurs ? 2 : 1) ||
    outputs.length !== 1 ||
    noisy === undefined ||
    denoised === undefined ||
    channels === null ||
    imageChannels(session.outputs[denoised]!) === null
  ) {
    await session.dispose()
    throw new DarkroomError('model-incompatible', {
      file: model.file,
      expected:
        'float32 inputs noisy [1, 3, H, W] and sigma [1, 1, H, W], or one image, any H and W; one output',
      received: `${describe(session.inputs)} -> ${describe(session.outputs)}`,
    })
  }
  const spec = specOf(session.metadata)
  return {
    session,
    names: { noisy, sigma: isOurs ? 'sigma' : null, denoised },
    channels,
    // 64 suits networks of other people's with up to six halvings.
    multiple: spec ? denoiserStride(spec) : 64,
    overlap: spec ? tileOverlap(spec) : 64,
    largestTile: Infinity,
  }
}

/** Colour channels of a float32 NCHW image with free height and width, or null for anything else. */
function imageChannels({ shape, dtype }: { shape: (number | string)[]; dtype: string }): 1 | 3 | null {
  const [batch, channels, height, width] = shape
  const isFree = typeof height === 'string' && typeof width === 'string'
  const isOne = batch === 1 || typeof batch === 'string'
  if (shape.length !== 4 || dtype !== 'float32' || !isFree || !isOne) return null
  return channels === 1 || channels === 3 ? channels : null
}

const describe = (values: Session['inputs']): string =>
  Object.entries(values)
    .map(([name, { shape, dtype }]) => `${name} ${dtype} [${shape.join(', ')}]`)
    .join(' and ')

/** The specification that our exported models carry; null for other people's. */
function specOf(metadata: Record<string, string>): ModelSpec | null {
  if (metadata['spec'] === undefined) return null
  try {
    return ModelSpec.parse(JSON.parse(metadata['spec']))
  } catch {
    return null
  }
}

/**
 * Pixels that a result depends on, to each side: every 3×3 convolution adds one at its own scale, 2^(scale + 1) in the
 * image. (Resampling adds less than one more stride.)
 */
export function receptiveRadius({ widths, blocks }: DenoiserSpec): number {
  const last = widths.length - 1
  const convolutions = blocks.map((count, scale) => (scale === last ? 2 : 4) * count + (scale === 0 ? 2 : 0))
  return convolutions.reduce((sum, count, scale) => sum + count * 2 ** (scale + 1), 0)
}

/**
 * Overlap of tiles: half of the receptive radius, because the outer half hardly counts. For `photo` (radius 84, overlap 48)
 * tiles then differ from the whole image by less than 0.1/255 (`docs/benchmarks.md`).
 */
const tileOverlap = (spec: DenoiserSpec): number => {
  const stride = denoiserStride(spec)
  return Math.ceil(receptiveRadius(spec) / 2 / stride) * stride
}

/**
 * Denoises one page. Each tile goes from the page's samples to floats, through the network, is blended with the noisy
 * samples and rounded once, into samples of the same type; float pages are neither clipped nor rounded. Alpha is passed
 * on as it is. Memory: the page, its result, and one tile. A smaller tile is tried when memory runs out.
 *
 * Strength 0 and σ 0 give the page's own samples back.
 * @throws cancelled, memory-exhausted.
 */
export async function denoisePage(
  denoiser: Denoiser,
  page: ImagePage,
  options: DenoiseOptions,
): Promise<Denoised> {
  checkCancelled(options.signal)
  const takesSigma = denoiser.names.sigma !== null
  const sigma = !takesSigma ? null : options.sigma === 'auto' ? estimateNoise(page) : options.sigma
  const result = { page, sigma, sigmaEstimated: takesSigma && options.sigma === 'auto' }
  const shares = sharesOf(page, options)
  if ((shares.grain === 0 && shares.colour === 0) || sigma === 0 || page.white === page.black) return result
  let tile = Math.min(options.tile === 'auto' ? affordableTile() : options.tile, denoiser.largestTile)
  for (;;) {
    try {
      const data = await denoiseTiles(denoiser, page, sigma ?? 0, tile, shares, options)
      return { ...result, page: { ...page, data } }
    } catch (error) {
      const isMemory = error instanceof DarkroomError && error.detail.code === 'memory-exhausted'
      if (!isMemory || tile <= smallestTile) throw error
      tile = Math.max(smallestTile, Math.floor(tile / 2))
      denoiser.largestTile = tile
    }
  }
}

/** Side of a tile whose run takes at most half of the memory that is free for this process (limits of a container counted). */
function affordableTile(): number {
  const side = Math.floor(Math.sqrt(process.availableMemory() / 2 / bytesPerPixel))
  return Math.min(Math.max(side, smallestTile), largestAutoTile)
}

/**
 * Denoises a rectangle of a page at full strength: the pixels that `denoisePage` gives there, but for what lies farther
 * away than the overlap, as between its own tiles.
 * @param region must lie inside the page.
 * @param sigma 8-bit scale; null for a network that takes none. σ 0 gives the region's own samples.
 * @returns the region as a page of its own.
 */
export async function denoiseRegion(
  denoiser: Denoiser,
  page: ImagePage,
  region: Rectangle,
  sigma: number | null,
): Promise<ImagePage> {
  const noisy = cropPage(page, region)
  if (sigma === 0 || page.white === page.black) return noisy
  const plan = planWindow(page.width, page.height, region, denoiser)
  const denoised = await tileRunner(denoiser, page, plan, sigma ?? 0, setImmediate)(plan.tiles[0]!)
  const data = samplesLike(noisy.data, noisy.data.length)
  blendTile(noisy, { ...region, x: 0, y: 0 }, denoised, { grain: 1, colour: 1 }, data)
  return { ...noisy, data }
}

function sharesOf({ channels }: ImagePage, { strength, colourStrength }: DenoiseOptions): Shares {
  return { grain: strength / 100, colour: (channels === 1 ? strength : (colourStrength ?? strength)) / 100 }
}

async function denoiseTiles(
  denoiser: Denoiser,
  page: ImagePage,
  sigma: number,
  tile: number,
  shares: Shares,
  { signal, onProgress, pause }: DenoiseOptions,
): Promise<Samples> {
  const plan = planTiles(page.width, page.height, { ...denoiser, tile })
  const total = plan.tiles.length * feedsOf(denoiser, page).length
  let done = 0
  const afterRun = async (): Promise<void> => {
    onProgress?.({ done: ++done, total })
    // A run may block the event loop for its whole time: let decoders, encoders and Ctrl-C have their turn.
    await setImmediate()
    await pause?.()
    checkCancelled(signal)
  }
  const out = samplesLike(page.data, page.data.length)
  const run = tileRunner(denoiser, page, plan, sigma, afterRun)
  for (const window of plan.tiles) blendTile(page, window.keep, await run(window), shares, out)
  return out
}

/**
 * The page's channels that make up each input of the network, one list a run: gray through a colour network is R = G = B,
 * colour through a gray network goes channel by channel.
 */
function feedsOf({ channels }: Denoiser, page: ImagePage): number[][] {
  if (page.channels > channels) return [[0], [1], [2]]
  return [Array.from({ length: channels }, (_, plane) => Math.min(plane, page.channels - 1))]
}

/**
 * A function that denoises windows of a plan, one at a time: it gives the kept part [keep.height, keep.width,
 * page.channels] in the page's encoding, neither clipped nor rounded, in a buffer of its own.
 * @param sigma 8-bit scale; ignored by a network that takes none.
 * @param afterRun awaited after each run of the network.
 */
function tileRunner(
  denoiser: Denoiser,
  page: ImagePage,
  plan: TilePlan,
  sigma: number,
  afterRun: () => Promise<unknown>,
): (tile: Tile) => Promise<Float32Array> {
  const { names, channels, session } = denoiser
  const image = (planes: number): TensorData & { data: Float32Array } => ({
    shape: [1, planes, plan.height, plan.width],
    dtype: 'float32',
    data: new Float32Array(planes * plan.width * plan.height),
  })
  const noisy = image(channels)
  const inputs = { [names.noisy]: noisy, ...(names.sigma === null ? {} : { [names.sigma]: image(1) }) }
  if (names.sigma !== null) inputs[names.sigma]!.data.fill(sigma / 255)
  return async (tile) => {
    const kept = new Float32Array(tile.keep.width * tile.keep.height * page.channels)
    for (const feed of feedsOf(denoiser, page)) {
      cutTile(page, plan, tile, feed, noisy.data)
      const denoised = (await session.run(inputs))[names.denoised]
      if (!(denoised?.data instanceof Float32Array) || denoised.data.length !== noisy.data.length)
        throw new DarkroomError('model-incompatible', {
          expected: `${names.denoised} float32 [${noisy.shape.join(', ')}]`,
          received: denoised === undefined ? 'none' : `${denoised.dtype} [${denoised.shape.join(', ')}]`,
        })
      keepTile(page, plan, tile, feed, denoised.data, kept)
      await afterRun()
    }
    return kept
  }
}

function checkCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new DarkroomError('cancelled')
}
