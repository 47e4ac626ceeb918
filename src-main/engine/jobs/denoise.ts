import { dirname } from 'node:path'
import { toErrorDetail } from '../../contract/errors.ts'
import type { DenoiseJob, DenoiseRow, JobResult } from '../../contract/jobs.ts'
import type { Backend } from '../backend/backend.ts'
import { denoisePage, openDenoiser, type Denoiser } from '../inference/denoiser.ts'
import type { ImageFile } from '../storage/image.ts'
import { readImage, writeImage } from '../storage/images.ts'
import { readModel } from '../storage/models.ts'
import type { JobContext } from './context.ts'
import { createMeter } from './meter.ts'
import { removeLeftovers } from './outputs.ts'
import { runPipeline } from './pipeline.ts'
import { isPlanned, planDenoise, type PlannedRow } from './plan.ts'
import { openReport } from './report.ts'

/**
 * Megapixels that may wait decoded, and as many that may wait to be encoded, whatever `jobs` says: two photographs of
 * 30 MP, or one of any size.
 */
const megapixelsHeld = 60
/** Milliseconds between two progress events. */
const progressInterval = 200

type DenoiseResult = Extract<JobResult, { type: 'denoise' }>

const megapixels = ({ width, height, pages }: PlannedRow): number => (width * height * pages) / 1e6

/**
 * Cleans files and folders: plans everything, then reads, denoises and writes, so that decoding the next and encoding the
 * last files go on while the network runs. A bad file becomes a `failed` row and the others go on.
 * @throws what planning throws, before anything is written; model errors; disk-full, because no other file would fit.
 */
export async function denoise(job: DenoiseJob, context: JobContext): Promise<DenoiseResult> {
  const model = await readModel(job.model, context.assets)
  const rows = await planDenoise(job, model.name, context.signal)
  const files = job.dryRun ? [] : rows.filter(isPlanned)
  const report = job.report === null || job.dryRun ? null : await openReport(job.report, rows)
  const result: DenoiseResult = {
    type: 'denoise',
    ...{ done: 0, skipped: 0, ignored: 0, failed: 0, planned: 0 },
    ...{ seconds: 0, megapixels: 0, networkShare: 0 },
  }
  const tell = async (row: DenoiseRow): Promise<void> => {
    result[row.status]++
    context.emit({ event: 'denoised', row })
    await report?.add(row)
  }
  try {
    const settled = job.dryRun ? rows : rows.filter((row) => !isPlanned(row))
    for (const row of settled) await tell(row)
    if (files.length === 0) return result
    if (job.resume) await removeLeftovers(new Set(files.map(({ output }) => dirname(output))))
    const backend = await context.openBackend(job.engine)
    try {
      const clock = createNetworkClock(backend)
      const denoiser = await openDenoiser(clock.backend, model)
      const started = performance.now()
      await denoiseFiles(files, job, denoiser, tell, context, result)
      result.seconds = (performance.now() - started) / 1000
      result.networkShare = clock.seconds() / result.seconds
      return result
    } finally {
      await backend.close()
    }
  } finally {
    await report?.close()
  }
}

async function denoiseFiles(
  files: PlannedRow[],
  job: DenoiseJob,
  denoiser: Denoiser,
  tell: (row: DenoiseRow) => Promise<void>,
  { signal, emit, onError }: JobContext,
  result: DenoiseResult,
): Promise<void> {
  const total = files.reduce((sum, file) => sum + megapixels(file), 0)
  const meter = createMeter({ files: files.length, megapixels: total }, () => performance.now())
  let lastProgress = -Infinity
  const showProgress = (partly: number, current?: string): void => {
    const now = performance.now()
    if (now - lastProgress < progressInterval && partly > 0) return
    lastProgress = now
    emit({ event: 'progress', progress: meter.progress(partly, current) })
  }
  const finish = async (file: PlannedRow, row: DenoiseRow): Promise<void> => {
    meter.finish(megapixels(file))
    await tell(row)
    showProgress(0)
  }

  showProgress(0)
  await runPipeline<PlannedRow, ImageFile, Cleaned>(
    files,
    {
      read: ({ source }) => readImage(source),
      work: (file, image) =>
        cleanPages(image, denoiser, job, signal, (share) =>
          showProgress(share * megapixels(file), file.source),
        ),
      async write(file, { image, ...facts }) {
        const { format, quality, overwrite } = job
        const written = await writeImage(image, file.output, { format, quality, overwrite })
        const warnings = [...image.warnings, ...written.warnings].map((warning) => `warning.${warning}`)
        result.megapixels += megapixels(file)
        await finish(file, {
          ...file,
          status: 'done',
          ...facts,
          ...(warnings.length > 0 ? { warnings: [...new Set(warnings)] } : {}),
        })
      },
      async fail(file, thrown) {
        onError(thrown)
        const error = toErrorDetail(thrown, file.source)
        await finish(file, { ...file, status: 'failed', error })
        if (error.code === 'disk-full') throw thrown
      },
    },
    { items: job.jobs, weight: megapixels, weightLimit: megapixelsHeld },
    signal,
  )
}

interface Cleaned {
  image: ImageFile
  /** Mean over the pages, 8-bit scale; absent for a network that takes no noise level. */
  sigma?: number
  sigmaEstimated?: boolean
  /** Of the network and the blending; reading and writing go on beside it. */
  seconds: number
}

async function cleanPages(
  image: ImageFile,
  denoiser: Denoiser,
  { sigma, strength, tile }: DenoiseJob,
  signal: AbortSignal,
  onProgress: (share: number) => void,
): Promise<Cleaned> {
  const started = performance.now()
  const pages = []
  for (const [index, page] of image.pages.entries())
    pages.push(
      await denoisePage(denoiser, page, {
        ...{ sigma, strength, tile, signal },
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

/** A backend whose sessions add up the time in which they run. */
function createNetworkClock(backend: Backend): { backend: Backend; seconds(): number } {
  let milliseconds = 0
  return {
    seconds: () => milliseconds / 1000,
    backend: {
      ...backend,
      async open(model) {
        const session = await backend.open(model)
        return {
          ...session,
          async run(inputs) {
            const started = performance.now()
            try {
              return await session.run(inputs)
            } finally {
              milliseconds += performance.now() - started
            }
          },
        }
      },
    },
  }
}
