import { setImmediate } from 'node:timers/promises'
import { DarkroomError } from '../../contract/errors.ts'
import type { SigmaChoice } from '../../contract/jobs.ts'
import { estimateNoise } from '../analysis/noise.ts'
import { samplesLike, type Samples } from '../numeric/samples.ts'
import type { ImagePage } from '../storage/image.ts'
import { levelsIn } from '../storage/levels.ts'
import { ensembled } from './ensemble.ts'
import type { Denoiser } from './network.ts'
import { withTiles } from './tile-size.ts'
import {
  blendTile,
  cropPage,
  cutTile,
  feedsOf,
  planTiles,
  planRegion,
  sortPlanes,
  type Made,
  type Rectangle,
  type Shares,
  type Tile,
  type TilePlan,
} from './tiles.ts'

/** Megapixels that can be cleaned in the time that training a page's own network takes: for progress alone. */
const learningMegapixels = 8

export interface DenoiseOptions {
  /** σ of the noise, 8-bit scale (255 is black to white), or estimated from the page. */
  sigma: SigmaChoice
  /** Percent of the noise removed, 0–100: of the grain, where the colour noise has its own. */
  strength: number
  /** Percent of the colour noise removed, 0–100; null or absent: as `strength`. Gray pages ignore it. */
  colourStrength?: number | null | undefined
  /** Averages over mirror images (`ensemble.ts`): four times the time. */
  ensemble?: boolean
  /** Side of a square with the most pixels that a tile may have, or by the memory there is. */
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
  const { takesSigma } = denoiser
  const sigma = !takesSigma ? null : options.sigma === 'auto' ? estimateNoise(page) : options.sigma
  const result = { page, sigma, sigmaEstimated: takesSigma && options.sigma === 'auto' }
  const shares = sharesOf(page, options)
  if ((shares.grain === 0 && shares.colour === 0) || sigma === 0 || page.white === page.black) return result
  if (denoiser.learn) return denoiseLearning(denoiser.learn, page, options)
  const network = options.ensemble ? ensembled(denoiser) : denoiser
  // The network itself learns how much memory there is: the next page gets another ensemble of it.
  const data = await withTiles(denoiser, options.tile, (tile) =>
    denoiseTiles(network, page, sigma ?? 0, tile, shares, options),
  )
  return { ...result, page: { ...page, data } }
}

/** The network of a page is trained, cleans it, and is gone. */
async function denoiseLearning(
  learn: NonNullable<Denoiser['learn']>,
  page: ImagePage,
  options: DenoiseOptions,
): Promise<Denoised> {
  const { onProgress } = options
  const share = learningMegapixels / (learningMegapixels + (page.width * page.height) / 1e6)
  const learning = { ...options, onProgress: onProgress && partOf(onProgress, 0, share) }
  const denoiser = await learn(page, learning)
  try {
    return await denoisePage(denoiser, page, {
      ...options,
      onProgress: onProgress && partOf(onProgress, share, 1),
    })
  } finally {
    await denoiser.dispose()
  }
}

/** Tells a part of the progress from one share of the whole to another. */
const partOf =
  (tell: NonNullable<DenoiseOptions['onProgress']>, from: number, to: number): typeof tell =>
  ({ done, total }) =>
    tell({ done: from + (to - from) * (done / total), total: 1 })

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
  const plan = planRegion(page.width, page.height, region, denoiser)
  const seen = { ...page, ...levelsIn(page, denoiser.levels) }
  const run = tileRunner(denoiser, seen, plan, sigma ?? 0, setImmediate)
  const data = samplesLike(noisy.data, noisy.data.length)
  const inRegion = <At extends { x: number; y: number }>(at: At): At => ({
    ...at,
    x: at.x - region.x,
    y: at.y - region.y,
  })
  for (const tile of plan.tiles) {
    const moved = { ...inRegion(tile), keep: inRegion(tile.keep) }
    blendTile(noisy, seen, plan, moved, await run(tile), { grain: 1, colour: 1 }, data)
  }
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
  const total = plan.tiles.length * feedsOf(denoiser.channels, page).length
  let done = 0
  const afterRun = async (): Promise<void> => {
    onProgress?.({ done: ++done, total })
    // A run may block the event loop for its whole time: let decoders, encoders and Ctrl-C have their turn.
    await setImmediate()
    await pause?.()
    checkCancelled(signal)
  }
  const out = samplesLike(page.data, page.data.length)
  const seen = { ...page, ...levelsIn(page, denoiser.levels) }
  const run = tileRunner(denoiser, seen, plan, sigma, afterRun)
  for (const window of plan.tiles) blendTile(page, seen, plan, window, await run(window), shares, out)
  return out
}

/** Inputs that may be filled again, for the next page of the same size: fresh memory takes as long as filling it. */
const spareInputs = new WeakMap<Denoiser, Float32Array>()

/**
 * A function that denoises windows of a plan, one at a time.
 * @param seen the page with the levels that are 0 and 1 to the network.
 * @param sigma 8-bit scale; ignored by a network that takes none.
 * @param afterRun awaited after each run of the network.
 */
function tileRunner(
  denoiser: Denoiser,
  seen: ImagePage,
  plan: TilePlan,
  sigma: number,
  afterRun: () => Promise<unknown>,
): (tile: Tile) => Promise<Made> {
  const samples = denoiser.channels * plan.width * plan.height
  return async (tile) => {
    const made: Made = []
    for (const feed of feedsOf(denoiser.channels, seen)) {
      // Whoever else runs the network meanwhile takes another one.
      const spare = spareInputs.get(denoiser)
      spareInputs.delete(denoiser)
      const noisy = spare?.length === samples ? spare : new Float32Array(samples)
      cutTile(seen, plan, tile, feed, noisy)
      sortPlanes(await denoiser.run(noisy, plan, sigma), plan, feed, made)
      spareInputs.set(denoiser, noisy)
      await afterRun()
    }
    return made
  }
}

function checkCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new DarkroomError('cancelled')
}
