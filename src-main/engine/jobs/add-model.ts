import { readFile, stat } from 'node:fs/promises'
import { parse } from 'node:path'
import { DarkroomError } from '../../contract/errors.ts'
import type { AddModel, ModelEntry } from '../../contract/models.ts'
import { openDenoiser, type Denoiser } from '../inference/network.ts'
import { findSameModel, storeModel } from '../storage/models.ts'
import type { JobContext } from './context.ts'

/** Bytes. An ONNX file ends at 2 GiB; this holds a network of 250 million weights, and memory for two of them. */
const largestFile = 2 ** 30
/** Side of the picture that a network is tried on before it is copied, raised to its multiple. Pixels. */
const trialSide = 64
/** Characters of a title, as of one that a person writes. */
const longestTitle = 120
/** σ of the trial, 8-bit scale. */
const trialSigma = 25

/**
 * Copies an ONNX file of other people's into the program's folder, after a dry run that finds out how it is used, as far
 * as that is not stated. A file that is there already is not added again.
 * @returns its entry in the list of models.
 * @throws file-not-found; model-unreadable; model-incompatible; model-ambiguous with the fields to be stated in `expected`;
 * output-unwritable, disk-full.
 */
export async function addModel(
  model: AddModel,
  context: Pick<JobContext, 'assets' | 'home' | 'openBackend'>,
): Promise<ModelEntry> {
  const { file } = model
  const bytes = await readModelFile(file)
  const same = await findSameModel(bytes, context)
  if (same !== null) return same
  const backend = await context.openBackend('auto')
  try {
    const denoiser = await openDenoiser(backend, { bytes, file, interface: model.interface ?? null })
    await tryOnce(denoiser, file)
    const said = denoiser.metadata
    const title = model.title ?? (said['title']?.trim() || parse(file).name).slice(0, longestTitle)
    const licence = model.licence ?? said['licence'] ?? null
    const facts = { title, licence, description: model.description ?? null, interface: denoiser.interface }
    return await storeModel(bytes, facts, context)
  } finally {
    await backend.close()
  }
}

async function readModelFile(file: string): Promise<Uint8Array> {
  try {
    const status = await stat(file)
    // Not a folder, and not a device that never ends.
    if (!status.isFile()) throw new DarkroomError('model-unreadable', { file, expected: 'a file' })
    if (status.size > largestFile)
      throw new DarkroomError('model-unreadable', {
        file,
        expected: `at most ${largestFile} bytes`,
        received: `${status.size}`,
      })
    return await readFile(file)
  } catch (thrown) {
    if (thrown instanceof DarkroomError) throw thrown
    const isMissing = (thrown as NodeJS.ErrnoException).code === 'ENOENT'
    if (isMissing) throw new DarkroomError('file-not-found', { file }, thrown)
    throw new DarkroomError('model-unreadable', { file, received: String(thrown) }, thrown)
  }
}

/** What is stated of a network was not tried by the dry run: at least it must run so. */
async function tryOnce(denoiser: Denoiser, file: string): Promise<void> {
  const side = Math.ceil(trialSide / denoiser.multiple) * denoiser.multiple
  const size = denoiser.fixed ?? { width: side, height: side }
  const gray = new Float32Array(denoiser.channels * size.width * size.height).fill(0.5)
  const result = await denoiser.run(gray, size, trialSigma).catch((thrown: unknown) => {
    if (!(thrown instanceof DarkroomError)) throw thrown
    const { code, ...detail } = thrown.detail
    throw new DarkroomError(code, { file, ...detail }, thrown)
  })
  if (!result.every(Number.isFinite))
    throw new DarkroomError('model-incompatible', {
      file,
      expected: 'finite numbers',
      received: 'NaN or infinity',
    })
}
