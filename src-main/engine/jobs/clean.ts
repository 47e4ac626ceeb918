import { denoisePage, type DenoiseOptions } from '../inference/denoiser.ts'
import type { Denoiser } from '../inference/network.ts'
import type { ImageFile, ImageWarning } from '../storage/image.ts'
import { runPipeline } from './pipeline.ts'

/** Milliseconds between two reports of progress. */
export const progressInterval = 200
/**
 * Megapixels that may wait decoded, and as many that may wait to be encoded, however many files that is: two photographs
 * of 30 MP, or one of any size.
 */
const megapixelsHeld = 60

/** How one file is cleaned. */
export interface Cleaning extends Pick<
  DenoiseOptions,
  'sigma' | 'strength' | 'colourStrength' | 'tile' | 'pause'
> {
  denoiser: Denoiser
  signal: AbortSignal
  /** @param share of the file that is done, 0–1. */
  onProgress: (share: number) => void
}

/** What is known of a file once it is written. */
export interface CleanedFile {
  output: string
  /** Mean over the pages, 8-bit scale; absent for a network that takes no noise level. */
  sigma?: number
  sigmaEstimated?: boolean
  /** Of the network and the blending; reading and writing go on beside it. */
  seconds: number
  /** Keys of the message catalogue. */
  warnings: string[]
}

export interface CleanSteps<File> {
  /** Runs ahead, while another file is being cleaned. */
  read(file: File): Promise<ImageFile>
  /** A file's turn has come. */
  begin(file: File, image: ImageFile): Promise<Cleaning>
  /** Runs behind, while the next file is being cleaned. */
  write(file: File, image: ImageFile): Promise<{ path: string; warnings: ImageWarning[] }>
  done(file: File, facts: CleanedFile): Promise<void>
  /** Told when any of this throws. The other files go on, unless this throws itself. */
  fail(file: File, thrown: unknown): Promise<void>
}

/**
 * Cleans files one after another: decoding the next and encoding the last ones go on while the network runs. How it ends:
 * see `runPipeline`.
 * @param take hands over the next file, undefined while there is none.
 * @param limits.files most files that wait decoded, and most that are being encoded.
 */
export async function cleanFiles<File>(
  take: () => File | undefined,
  steps: CleanSteps<File>,
  limits: { files: number; megapixels(file: File): number },
  signal: AbortSignal,
): Promise<void> {
  await runPipeline<File, ImageFile, Cleaned>(
    take,
    {
      read: (file) => steps.read(file),
      work: async (file, image) => cleanPages(image, await steps.begin(file, image)),
      async write(file, { image, ...facts }) {
        const { path, warnings } = await steps.write(file, image)
        const keys = [...image.warnings, ...warnings].map((warning) => `warning.${warning}`)
        await steps.done(file, { ...facts, output: path, warnings: [...new Set(keys)] })
      },
      fail: (file, thrown) => steps.fail(file, thrown),
    },
    { items: limits.files, weight: (file) => limits.megapixels(file), weightLimit: megapixelsHeld },
    signal,
  )
}

type Cleaned = { image: ImageFile } & Omit<CleanedFile, 'output' | 'warnings'>

async function cleanPages(image: ImageFile, { denoiser, onProgress, ...how }: Cleaning): Promise<Cleaned> {
  const started = performance.now()
  const pages = []
  for (const [index, page] of image.pages.entries())
    pages.push(
      await denoisePage(denoiser, page, {
        ...how,
        onProgress: ({ done, total }) => onProgress((index + done / total) / image.pages.length),
      }),
    )
  const sigmas = pages.flatMap((page) => (page.sigma === null ? [] : [page.sigma]))
  return {
    image: { ...image, pages: pages.map(({ page }) => page) },
    ...(sigmas.length > 0 && {
      sigma: sigmas.reduce((sum, one) => sum + one, 0) / sigmas.length,
      sigmaEstimated: pages.some(({ sigmaEstimated }) => sigmaEstimated),
    }),
    seconds: (performance.now() - started) / 1000,
  }
}
