import type { Engine } from '../../../../src-main/contract/engine.ts'
import type { RunPictureQuestion } from '../../../../src-main/contract/runs.ts'
import { createCache } from '../../../state/cache.ts'
import { createLoader } from '../../../state/loader.ts'

/** Bytes of decoded pictures that are kept, so that going to and fro in a run's history asks for nothing twice. */
const maxBytes = 64 * 2 ** 20

export interface Pictures {
  /** The picture if it is here. */
  get(question: RunPictureQuestion): ImageBitmap | undefined
  /** The pictures that are shown now, in the place of those that were. */
  want(questions: readonly RunPictureQuestion[]): void
  close(): void
}

const keyOf = ({ run, name }: RunPictureQuestion): string => `${run}\n${name}`

/** Preview pictures of runs: what is dragged past is not asked for. */
export function createPictures(engine: Pick<Engine, 'runPicture'>): Pictures {
  const cache = createCache<ImageBitmap>(maxBytes, ({ width, height }) => width * height * 4)
  let arrivals = $state(0)
  const loader = createLoader<RunPictureQuestion, ImageBitmap>({
    ask: async (question) => {
      const { bytes, type } = await engine.runPicture(question)
      return createImageBitmap(new Blob([new Uint8Array(bytes)], { type }))
    },
    inFlight: 2,
    ready: (key, bitmap) => {
      cache.set(key, bitmap)
      arrivals += 1
    },
    // A picture that cannot be read leaves its place empty; the next one comes soon.
    failed: () => undefined,
  })
  return {
    get: (question) => (arrivals >= 0 ? cache.get(keyOf(question)) : undefined),
    want: (questions) =>
      loader.want(
        questions
          .map((question) => ({ key: keyOf(question), question }))
          .filter(({ key }) => !cache.has(key)),
      ),
    close: () => loader.close(),
  }
}

/** Step of a preview picture: 120 of `step-000120.png`. */
export const stepOf = (name: string): number => Number(/(\d+)\.png$/.exec(name)?.[1] ?? 0)
