import type { Cleaned, Evidence } from '../../contract/evidence.ts'
import { measureEvidence } from '../analysis/evidence.ts'
import { estimateNoise } from '../analysis/noise.ts'
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

export interface CleanedPages {
  image: ImageFile
  /** Mean over the pages, 8-bit scale; absent for a network that takes no noise level. */
  sigma?: number
  sigmaEstimated?: boolean
  /** Of the network, the blending and the evidence; reading and writing go on beside it. */
  seconds: number
  cleaned: Cleaned
  /** Keys of the message catalogue. */
  warnings: string[]
}

/**
 * Cleans the pages of a file, and says what was done. Every page is judged by itself, and kept where it did not become better;
 * the file's evidence is the mean over its pages, and it is better if any page is.
 */
export async function cleanPages(image: ImageFile, cleaning: Cleaning): Promise<CleanedPages> {
  const started = performance.now()
  const pages: CleanedPage[] = []
  for (const [index, page] of image.pages.entries())
    pages.push(
      await cleanPage(
        page,
        { ...cleaning, onProgress: (share) => cleaning.onProgress((index + share) / image.pages.length) },
        // The model was chosen by the first page.
        index === 0 ? (cleaning.choice?.noise.sigma ?? null) : null,
      ),
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
    seconds: (performance.now() - started) / 1000,
    cleaned: {
      ...{ model: cleaning.model, choice: cleaning.choice, isKept },
      evidence: evidence.length > 0 ? meanEvidence(evidence) : null,
    },
    warnings,
  }
}

interface CleanedPage {
  page: ImagePage
  /** σ that the network was told. */
  sigma: number | null
  /** Null where nothing was taken away. */
  evidence: Evidence | null
  isKept: boolean
}

/** @param measured σ of the page, where it is known already. */
async function cleanPage(
  noisy: ImagePage,
  { denoiser, onlyIfBetter, onProgress, sigma: asked, ...how }: Cleaning,
  measured: number | null,
): Promise<CleanedPage> {
  const { page, sigma } = await denoisePage(denoiser, noisy, {
    ...how,
    sigma: asked === 'auto' ? (measured ?? 'auto') : asked,
    onProgress: ({ done, total }) => onProgress(done / total),
  })
  if (page.data === noisy.data) return { page, sigma, evidence: null, isKept: false }
  const strength = Math.max(how.strength, noisy.channels === 1 ? 0 : (how.colourStrength ?? 0)) / 100
  const before = measured ?? (asked === 'auto' ? sigma : null) ?? estimateNoise(noisy)
  const evidence = measureEvidence(noisy, page, before, strength)
  const isKept = onlyIfBetter && !evidence.isBetter
  return { page: isKept ? noisy : page, sigma, evidence, isKept }
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
