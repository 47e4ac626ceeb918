import { dirname } from 'node:path'
import { toErrorDetail } from '../../contract/errors.ts'
import type { DenoiseJob, DenoiseRow, JobResult } from '../../contract/jobs.ts'
import type { Backend } from '../backend/backend.ts'
import { openDenoiser, type Denoiser } from '../inference/network.ts'
import { readImage, writeImage } from '../storage/images.ts'
import { readModel } from '../storage/models.ts'
import { cleanFiles, progressInterval } from './clean.ts'
import type { JobContext } from './context.ts'
import { createMeter } from './meter.ts'
import { removeLeftovers } from './outputs.ts'
import { isPlanned, planDenoise, type PlannedRow } from './plan.ts'
import { openReport } from './report.ts'

type DenoiseResult = Extract<JobResult, { type: 'denoise' }>

const megapixels = ({ width, height, pages }: PlannedRow): number => (width * height * pages) / 1e6

/**
 * Cleans files and folders: plans everything, then reads, denoises and writes, so that decoding the next and encoding the
 * last files go on while the network runs. A bad file becomes a `failed` row and the others go on.
 * @throws what planning throws, before anything is written; model errors; disk-full, because no other file would fit.
 */
export async function denoise(job: DenoiseJob, context: JobContext): Promise<DenoiseResult> {
  const model = await readModel(job.model, context)
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
  { signal, emit, onError, pause }: JobContext,
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
  const left = files.values()
  await cleanFiles<PlannedRow>(
    () => left.next().value,
    {
      read: ({ source }) => readImage(source),
      begin: (file) =>
        Promise.resolve({
          denoiser,
          ...{ sigma: job.sigma, strength: job.strength, colourStrength: job.colourStrength, tile: job.tile },
          ...{ signal, pause },
          onProgress: (share) => showProgress(share * megapixels(file), file.source),
        }),
      write: ({ output }, image) => writeImage(image, output, job),
      async done(file, { warnings, ...facts }) {
        result.megapixels += megapixels(file)
        const row: DenoiseRow = { ...file, ...facts, status: 'done' }
        await finish(file, warnings.length > 0 ? { ...row, warnings } : row)
      },
      async fail(file, thrown) {
        onError(thrown)
        const error = toErrorDetail(thrown, file.source)
        await finish(file, { ...file, status: 'failed', error })
        if (error.code === 'disk-full') throw thrown
      },
    },
    { files: job.jobs, megapixels },
    signal,
  )
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
