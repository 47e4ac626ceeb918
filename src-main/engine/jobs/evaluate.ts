import { join } from 'node:path'
import { DarkroomError } from '../../contract/errors.ts'
import { automaticModel } from '../../contract/evidence.ts'
import type { EvaluateJob, EvaluateRow, JobResult, SigmaChoice } from '../../contract/jobs.ts'
import { psnr } from '../analysis/psnr.ts'
import { ssim } from '../analysis/ssim.ts'
import { measureNoise } from '../analysis/noise-facts.ts'
import { modelFor } from '../inference/choose.ts'
import { denoisePage } from '../inference/denoiser.ts'
import type { Denoiser } from '../inference/network.ts'
import { createRandom, type Random } from '../numeric/random.ts'
import type { ImagePage } from '../storage/image.ts'
import { probeImage, readImage } from '../storage/images.ts'
import { readModel } from '../storage/models.ts'
import type { JobContext } from './context.ts'
import { createMeter } from './meter.ts'
import { createNetworks } from './networks.ts'
import { stemOf } from './naming.ts'
import { walkSources } from './walk.ts'

type EvaluateResult = Extract<JobResult, { type: 'evaluate' }>

/** σ of the noise that is added when none is named: the middle one of the usual three. */
const defaultSigma = 25

/** A noisy image and the clean one it is measured against, samples as floats with black 0 and white 1. */
interface Pair {
  noisy: ImagePage
  clean: ImagePage
  /** σ of the noise where it is known, 8-bit scale. */
  trueSigma: number | null
}

/**
 * Measures a denoiser on a folder, image by image: known noise added to clean images, or noisy images beside their
 * references. PSNR and SSIM have a data range of 1; noise is added as floats and not clipped, results are clipped to [0, 1],
 * as is usual for CBSD68 and Set12. The noise of an image depends on the seed and its place in the list alone.
 * @throws argument-invalid, file-not-found, image and model errors: a mean over what happened to work would mislead.
 */
export async function evaluate(job: EvaluateJob, context: JobContext): Promise<EvaluateResult> {
  const pairs = await findPairs(job)
  const sigma: SigmaChoice = job.sigma ?? (job.reference === null ? defaultSigma : 'auto')
  if (job.reference === null && sigma === 'auto')
    throw new DarkroomError('argument-invalid', {
      file: '--sigma',
      expected: 'the σ of the noise that is added; --blind has it estimated',
      received: 'auto',
    })
  const named = job.model === automaticModel ? null : await readModel(job.model, context)
  const backend = await context.openBackend(job.engine)
  const rows: EvaluateRow[] = []
  try {
    const networks = createNetworks(backend, context)
    if (named !== null) await networks.open(named.name, named)
    const random = createRandom(job.seed)
    const meter = createMeter({ files: pairs.length, megapixels: pairs.length }, () => performance.now())
    for (const [index, { file, reference }] of pairs.entries()) {
      context.signal.throwIfAborted()
      context.emit({ event: 'progress', progress: meter.progress(0, file) })
      const pair = await readPair(file, reference, sigma, random.fork(index))
      const { model, choice } =
        named === null
          ? await modelFor(automaticModel, measureNoise(pair.noisy), context.assets)
          : { model: named.name, choice: null }
      const measured = await measure(
        file,
        pair,
        await networks.open(model),
        { ...job, sigma },
        context.signal,
      )
      const row = choice === null ? measured : { ...measured, choice }
      rows.push(row)
      context.emit({ event: 'evaluated', row })
      meter.finish(1)
    }
  } finally {
    await backend.close()
  }
  const mean = (value: (row: EvaluateRow) => number): number =>
    rows.reduce((sum, row) => sum + value(row), 0) / rows.length
  return {
    type: 'evaluate',
    images: rows.length,
    noisyPsnr: mean((row) => row.noisyPsnr),
    psnr: mean((row) => row.psnr),
    noisySsim: mean((row) => row.noisySsim),
    ssim: mean((row) => row.ssim),
    secondsPerImage: mean((row) => row.seconds),
  }
}

/** The images of the folder, each with its reference when there is a folder of them. */
async function findPairs(job: EvaluateJob): Promise<{ file: string; reference: string | null }[]> {
  const files = await imagesOf(job.folder)
  if (files.size === 0)
    throw new DarkroomError('argument-invalid', { file: job.folder, expected: 'a folder of images' })
  if (job.reference === null) return [...files.values()].map((file) => ({ file, reference: null }))
  const references = await imagesOf(job.reference)
  const unmatched = [...files.keys(), ...references.keys()].filter(
    (key) => !files.has(key) || !references.has(key),
  )
  if (unmatched.length > 0)
    throw new DarkroomError('argument-invalid', {
      file: job.reference,
      expected: 'one reference for each image, with the same name',
      received: `no partner for ${unmatched.length}: ${unmatched.slice(0, 5).join(', ')}`,
    })
  return [...files].map(([key, file]) => ({ file, reference: references.get(key)! }))
}

/** Images below a folder, by their relative path without the extension. */
async function imagesOf(folder: string): Promise<Map<string, string>> {
  const images = new Map<string, string>()
  for await (const found of walkSources([folder], { recursive: true, except: '' })) {
    if (found.kind === 'failed') throw new DarkroomError(found.error.code, found.error)
    if (found.kind === 'ignored' || (await probeImage(found.path)).kind !== 'image') continue
    const key = join(found.dir, stemOf(found.path))
    const other = images.get(key)
    if (other !== undefined)
      throw new DarkroomError('argument-invalid', {
        file: folder,
        expected: 'names that differ in more than their extension',
        received: `${other}, ${found.path}`,
      })
    images.set(key, found.path)
  }
  return images
}

async function readPair(
  file: string,
  reference: string | null,
  sigma: SigmaChoice,
  random: Random,
): Promise<Pair> {
  const page = await readFloatPage(file)
  if (reference !== null) {
    const clean = await readFloatPage(reference)
    const size = ({ width, height, channels }: ImagePage): string => `${width}×${height}×${channels}`
    if (size(clean) !== size(page))
      throw new DarkroomError('argument-invalid', {
        file: reference,
        expected: size(page),
        received: size(clean),
      })
    return { noisy: page, clean, trueSigma: null }
  }
  const trueSigma = Number(sigma)
  const data = Float32Array.from(page.data, (value) => value + (trueSigma / 255) * random.normal())
  return { noisy: { ...page, data }, clean: page, trueSigma }
}

/** The first page of a file with float samples, black 0 and white 1. */
async function readFloatPage(path: string): Promise<ImagePage> {
  const page = (await readImage(path)).pages[0]!
  const range = page.white - page.black
  const data = Float32Array.from(page.data, (value) => (value - page.black) / range)
  return { ...page, data, white: 1, black: 0, alpha: null }
}

async function measure(
  file: string,
  { noisy, clean, trueSigma }: Pair,
  denoiser: Denoiser,
  { sigma, blind, ensemble, strength }: EvaluateJob & { sigma: SigmaChoice },
  signal: AbortSignal,
): Promise<EvaluateRow> {
  const started = performance.now()
  const result = await denoisePage(denoiser, noisy, {
    sigma: blind ? 'auto' : sigma,
    ensemble,
    strength,
    tile: 'auto',
    signal,
  })
  const seconds = (performance.now() - started) / 1000
  const denoised = Float32Array.from(result.page.data, (value) => Math.min(1, Math.max(0, value)))
  const similarity = (data: Float32Array): number => ssim(data, clean.data, { ...clean, dataRange: 1 })
  return {
    file,
    sigma: trueSigma ?? result.sigma ?? 0,
    ...(result.sigmaEstimated && result.sigma !== null ? { sigmaEstimated: result.sigma } : {}),
    noisyPsnr: psnr(noisy.data, clean.data, 1),
    psnr: psnr(denoised, clean.data, 1),
    noisySsim: similarity(noisy.data as Float32Array),
    ssim: similarity(denoised),
    seconds,
  }
}
