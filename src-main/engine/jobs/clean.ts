import type { ImageFile, ImageWarning } from '../storage/image.ts'
import { cleanPages, type CleanedPages, type Cleaning } from './clean-pages.ts'
import { runPipeline } from './pipeline.ts'

/** Milliseconds between two reports of progress. */
export const progressInterval = 200
/**
 * Megapixels that may wait decoded, and as many that may wait to be encoded, however many files that is: two photographs
 * of 30 MP, or one of any size.
 */
const megapixelsHeld = 60

/** What is known of a file once it is written. */
export interface CleanedFile extends Omit<CleanedPages, 'image' | 'warnings'> {
  output: string
  /** Keys of the message catalogue. */
  warnings: string[]
}

export interface CleanSteps<File> {
  /** Runs ahead, while another file is being cleaned. */
  read(file: File): Promise<ImageFile>
  /** A file's turn has come. */
  begin(file: File, image: ImageFile): Promise<Cleaning>
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
  await runPipeline<File, ImageFile, CleanedPages>(
    take,
    {
      read: (file) => steps.read(file),
      work: async (file, image) => cleanPages(image, await steps.begin(file, image)),
      async write(file, { image, warnings: found, ...facts }) {
        const { path, warnings } = await steps.write(file, image, facts.cleaned.isKept)
        const keys = [...warnings.map((warning) => `warning.${warning}`), ...found]
        await steps.done(file, { ...facts, output: path, warnings: [...new Set(keys)] })
      },
      fail: (file, thrown) => steps.fail(file, thrown),
    },
    { items: limits.files, weight: (file) => limits.megapixels(file), weightLimit: megapixelsHeld },
    signal,
  )
}
