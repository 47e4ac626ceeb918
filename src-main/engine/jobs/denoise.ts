import { dirname } from 'node:path'
import { toErrorDetail } from '../../contract/errors.ts'
import { automaticModel } from '../../contract/evidence.ts'
import type { DenoiseJob, DenoiseRow, JobResult } from '../../contract/jobs.ts'
import { measureNoise } from '../analysis/noise-facts.ts'
import type { Backend } from '../backend/backend.ts'
import { modelFor } from '../inference/choose.ts'
import { readImage } from '../storage/images.ts'
import { readModel } from '../storage/models.ts'
import { cleanFiles, progressInterval } from './clean.ts'
import type { JobContext } from './context.ts'
import { createMeter } from './meter.ts'
import { createNetworks, type Networks } from './networks.ts'
import { removeLeftovers } from './outputs.ts'
import { isPlanned, planDenoise, type PlannedRow } from './plan.ts'
import { openReport } from './report.ts'
import { writeCleaned } from './write-cleaned.ts'

type DenoiseResult = Extract<JobResult, { type: 'denoise' }>

const megapixels = ({ width, height, pages }: PlannedRow): number => (width * height * pages) / 1e6

/**
 * Cleans files and folders: plans everything, then reads, denoises and writes, so that decoding the next and encoding the
 * last files go on while the network runs. A bad file becomes a `failed` row and the others go on.
 * @throws what planning throws, before anything is written; model errors; disk-full, because no other file would fit.
 */
export async function denoise(job: DenoiseJob, context: JobContext): Promise<DenoiseResult> {
  const named = job.model === automaticModel ? null : await readModel(job.model, context)
  const rows = await planDenoise(job, named?.name ?? automaticName(context.assets), context.signal)
  const files = job.dryRun ? [] : rows.filter(isPlanned)
  const report = job.report === null || job.dryRun ? null : await openReport(job.report, rows)
  const result: DenoiseResult = {
    type: 'denoise',
    ...{ done: 0, kept: 0, skipped: 0, ignored: 0, failed: 0, planned: 0, models: {} },
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
      const networks = createNetworks(clock.backend, context)
      // A network that a person named and that cannot be opened fails the job, not each of its files.
      if (named !== null) await networks.open(named.name, named)
      const started = performance.now()
      await denoiseFiles(files, job, named?.name ?? automaticModel, networks, tell, context, result)
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
  model: string,
  networks: Networks,
  tell: (row: DenoiseRow) => Promise<void>,
  { signal, emit, onError, pause, assets }: JobContext,
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
      async begin(file, noise) {
        const chosen = await modelFor(model, noise, assets)
        const { sigma, ensemble, strength, colourStrength, tile, onlyIfBetter } = job
        return {
          ...{ ...chosen, denoiser: await networks.open(chosen.model) },
          ...{ sigma, ensemble, strength, colourStrength, tile, onlyIfBetter, signal, pause },
          onProgress: (share) => showProgress(share * megapixels(file), file.source),
        }
      },
      write: ({ output }, image, isKept) => writeCleaned(image, output, job, isKept),
      async done(file, { warnings, ...facts }) {
        result.megapixels += megapixels(file)
        if (facts.cleaned.isKept) result.kept++
        if (facts.cleaned.choice !== null)
          result.models[facts.cleaned.model] = (result.models[facts.cleaned.model] ?? 0) + 1
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

/** The name of the model that will be chosen for a file; it has to be decoded for that. */
const automaticName =
  (assets: string) =>
  async (source: string): Promise<string> => {
    const { pages } = await readImage(source)
    return (await modelFor(automaticModel, measureNoise(pages[0]!), assets)).model
  }

/** A backend that adds up the time in which its networks run, or learn (`zero-shot`). */
function createNetworkClock(backend: Backend): { backend: Backend; seconds(): number } {
  let milliseconds = 0
  async function timed<Result>(work: () => Promise<Result>): Promise<Result> {
    const started = performance.now()
    try {
      return await work()
    } finally {
      milliseconds += performance.now() - started
    }
  }
  return {
    seconds: () => milliseconds / 1000,
    backend: {
      ...backend,
      async compile(step, signature) {
        const program = await timed(() => backend.compile(step, signature))
        return { ...program, run: (inputs) => timed(() => program.run(inputs)) }
      },
      async open(model) {
        const session = await backend.open(model)
        return { ...session, run: (inputs) => timed(() => session.run(inputs)) }
      },
    },
  }
}
