import type { NoiseFacts } from '../../contract/evidence.ts'
import { measureNoiseAside } from '../analysis/measuring.ts'
import type { ImageFile, ImageWarning } from '../storage/image.ts'
import { cleanPages, judgePages, type CleanedPages, type Cleaning, type JudgedPages } from './clean-pages.ts'
import { runPipeline } from './pipeline.ts'

/** Milliseconds between two reports of progress. */
export const progressInterval = 200
/**
 * Megapixels that may wait decoded, and as many that may wait to be encoded, however many files that is: two photographs
 * of 30 MP, or one of any size.
 */
const megapixelsHeld = 60

/** What is known of a file once it is written. */
export interface CleanedFile extends Omit<JudgedPages, 'image' | 'warnings'>, Pick<CleanedPages, 'seconds'> {
  output: string
  /** Keys of the message catalogue. */
  warnings: string[]
}

export interface CleanSteps<File> {
  /** Runs ahead, while another file is being cleaned. */
  read(file: File): Promise<ImageFile>
  /** A file's turn has come. @param noise of its first page. */
  begin(file: File, noise: NoiseFacts, image: ImageFile): Promise<Cleaning>
  /**
   * Runs behind, while the next file is being cleaned.
   * @param isKept every page is as it was read.
   * @returns the path that it went to, and what reading and writing changed.
   */
  write(file: File, image: ImageFile, isKept: boolean): Promise<{ path: string; warnings: ImageWarning[] }>
  done(file: File, facts: CleanedFile): Promise<void>
  /** Told when any of this throws. The other files go on, unless this throws itself. */
  fail(file: File, thrown: unknown): Promise<void>
}

/**
 * Cleans files one after another: decoding and measuring the next, and judging and encoding the last ones, go on while the network runs. How it ends:
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
  await runPipeline<File, { image: ImageFile; noise: NoiseFacts }, CleanedPages>(
    take,
    {
      async read(file) {
        const image = await steps.read(file)
        return { image, noise: await measureNoiseAside(image.pages[0]!) }
      },
      work: async (file, { image, noise }) =>
        cleanPages(image, noise.sigma, await steps.begin(file, noise, image)),
      async write(file, cleaned) {
        const { image, warnings: found, ...facts } = await judgePages(cleaned)
        const { path, warnings } = await steps.write(file, image, facts.cleaned.isKept)
        const keys = [...warnings.map((warning) => `warning.${warning}`), ...found]
        const { seconds } = cleaned
        await steps.done(file, { ...facts, seconds, output: path, warnings: [...new Set(keys)] })
      },
      fail: (file, thrown) => steps.fail(file, thrown),
    },
    { items: limits.files, weight: (file) => limits.megapixels(file), weightLimit: megapixelsHeld },
    signal,
  )
}
