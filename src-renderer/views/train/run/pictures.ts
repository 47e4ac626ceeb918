import type { Engine } from '../../../../src-main/contract/engine.ts'
import type { RunPictureQuestion } from '../../../../src-main/contract/runs.ts'
import { bytesOfBitmap, createAnswers, type Answers } from '../../../state/answers.svelte.ts'

/** Bytes of decoded pictures that are kept, so that going to and fro in a run's history asks for nothing twice. */
const maxBytes = 64 * 2 ** 20

/** Preview pictures of runs: what is dragged past is not asked for. */
export const createPictures = (
  engine: Pick<Engine, 'runPicture'>,
): Answers<RunPictureQuestion, ImageBitmap> =>
  createAnswers({
    async ask(question) {
      const { bytes, type } = await engine.runPicture(question)
      return createImageBitmap(new Blob([new Uint8Array(bytes)], { type }))
    },
    keyOf: ({ run, name }) => `${run}\n${name}`,
    maxBytes,
    bytesOf: bytesOfBitmap,
    // A picture that cannot be read leaves its place empty; the next one comes soon.
    failed: () => undefined,
  })

/** Step of a preview picture: 120 of `step-000120.png`. */
export const stepOf = (name: string): number => Number(/(\d+)\.png$/.exec(name)?.[1] ?? 0)
