import type { Cleaned, Evidence } from '../../contract/evidence.ts'
import { measureEvidenceAside, measureNoiseAside } from '../analysis/measuring.ts'
import type { ChosenModel } from '../inference/choose.ts'
import { denoisePage, type DenoiseOptions } from '../inference/denoiser.ts'
import type { Denoiser } from '../inference/network.ts'
import type { ImageFile, ImagePage } from '../storage/image.ts'

/** How one file is cleaned. */
export interface Cleaning
  extends
    ChosenModel,
    Pick<DenoiseOptions, 'sigma' | 'ensemble' | 'strength' | 'colourStrength' | 'tile' | 'pause'> {
  denoiser: Denoiser
  /** Keeps pages as they were where the estimate says that they did not become better. */
  onlyIfBetter: boolean
  signal: AbortSignal
  /** @param share of the file that is done, 0–1. */
  onProgress: (share: number) => void
}

/** Pages that went through the network; what came of them is being measured. */
export interface CleanedPages {
  image: ImageFile
  cleaning: Cleaning
  pages: CleanedPage[]
  /** Of the network and the blending; measuring, reading and writing go on beside it. */
  seconds: number
}

/**
 * Runs the network over the pages of a file. Their evidence is still being measured then, beside the next file: see `judgePages`.
 * @param first σ of the first page, 8-bit scale.
 */
export async function cleanPages(image: ImageFile, first: number, cleaning: Cleaning): Promise<CleanedPages> {
  const started = performance.now()
  const pages: CleanedPage[] = []
  let measured = Promise.resolve(first)
  for (const [index, page] of image.pages.entries()) {
    const sigma = await measured
    const next = image.pages[index + 1]
    if (next !== undefined) {
      measured = measureNoiseAside(next).then((noise) => noise.sigma)
      measured.catch(() => undefined)
    }
    const onProgress = (share: number): void => cleaning.onProgress((index + share) / image.pages.length)
    pages.push(await cleanPage(page, sigma, { ...cleaning, onProgress }))
  }
  return { image, cleaning, pages, seconds: (performance.now() - started) / 1000 }
}

export interface JudgedPages {
  image: ImageFile
  /** Mean over the pages, 8-bit scale; absent for a network that takes no noise level. */
  sigma?: number
  sigmaEstimated?: boolean
  cleaned: Cleaned
  /** Keys of the message catalogue. */
  warnings: string[]
}

/**
 * Says what was done. Every page is judged by itself, and kept where it did not become better; the file's evidence is the mean over its
 * pages, and it is better if any page is.
 */
export async function judgePages({ image, cleaning, pages: cleaned }: CleanedPages): Promise<JudgedPages> {
  const pages = await Promise.all(
    cleaned.map(async ({ noisy, page, sigma, evidence: measured }) => {
      const evidence = await measured
      const isKept = cleaning.onlyIfBetter && evidence?.isBetter === false
      return { page: isKept ? noisy : page, sigma, evidence, isKept }
    }),
  )
  const evidence = pages.flatMap((page) => page.evidence ?? [])
  const kept = pages.filter((page) => page.isKept).length
  const isKept = kept === pages.length
  const warnings = cleaning.denoiser.warnings?.splice(0) ?? []
  if (isKept) warnings.push('warning.kept')
  else if (kept > 0) warnings.push('warning.pages-kept')
  if (pages.some((page) => !page.isKept && page.evidence?.removed.isDetailLost))
    warnings.push('warning.detail-lost')
  const sigmas = pages.flatMap((page) => page.sigma ?? [])
  return {
    image: { ...image, pages: pages.map(({ page }) => page) },
    ...(sigmas.length > 0 && { sigma: mean(sigmas), sigmaEstimated: cleaning.sigma === 'auto' }),
    cleaned: {
      ...{ model: cleaning.model, choice: cleaning.choice, isKept },
      evidence: evidence.length > 0 ? meanEvidence(evidence) : null,
    },
    warnings,
  }
}

interface CleanedPage {
  noisy: ImagePage
  page: ImagePage
  /** σ that the network was told. */
  sigma: number | null
  /** Null where nothing was taken away. */
  evidence: Promise<Evidence> | null
}

/** @param measured σ of the page, 8-bit scale. */
async function cleanPage(
  noisy: ImagePage,
  measured: number,
  { denoiser, onProgress, sigma: asked, ...how }: Cleaning,
): Promise<CleanedPage> {
  const { page, sigma } = await denoisePage(denoiser, noisy, {
    ...how,
    sigma: asked === 'auto' ? measured : asked,
    onProgress: ({ done, total }) => onProgress(done / total),
  })
  if (page.data === noisy.data) return { noisy, page, sigma, evidence: null }
  const strength = Math.max(how.strength, noisy.channels === 1 ? 0 : (how.colourStrength ?? 0)) / 100
  const evidence = measureEvidenceAside(noisy, page, measured, strength)
  // Whoever awaits it later gets the error; until then it must not count as unhandled.
  evidence.catch(() => undefined)
  return { noisy, page, sigma, evidence }
}

const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length

function meanEvidence(pages: Evidence[]): Evidence {
  const over = (value: (page: Evidence) => number): number => mean(pages.map(value))
  const gains = pages.flatMap(({ gain }) => gain ?? [])
  return {
    before: over(({ before }) => before),
    after: over(({ after }) => after),
    removed: {
      deviation: over(({ removed }) => removed.deviation),
      correlation: {
        horizontal: over(({ removed }) => removed.correlation.horizontal),
        vertical: over(({ removed }) => removed.correlation.vertical),
      },
      structure: over(({ removed }) => removed.structure),
      isDetailLost: pages.some(({ removed }) => removed.isDetailLost),
    },
    gain: gains.length > 0 ? mean(gains) : null,
    isBetter: pages.some(({ isBetter }) => isBetter),
  }
}
