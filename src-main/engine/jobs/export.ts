import { readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DarkroomError } from '../../contract/errors.ts'
import type { ExportJob, JobResult } from '../../contract/jobs.ts'
import { ownNetwork } from '../inference/own-network.ts'
import { readOnnxWeights } from '../models/onnx-weights.ts'
import { writeAtomic } from '../storage/atomic.ts'
import { bytesOf, readModel } from '../storage/models.ts'
import type { JobContext } from './context.ts'
import { differenceFromEngine, type CheckedNetwork } from './export-check.ts'
import { readNetwork, readTrainedRun } from './trained-run.ts'

/** A file may differ from the engine by rounding, relative to its largest output; by more it is another network. */
const largestDifference = 1e-3

/**
 * Writes a network as an ONNX file: that of a run or a shipped model, weights, names and metadata in one file. Networks of ours are run
 * from the written file and by the engine on the same seeded input before the file takes its name.
 * @throws model-unknown, model-unreadable, run-unreadable; argument-invalid for a part that there is not; file-exists, output-unwritable;
 * internal where the file gives something else than the engine.
 */
export async function exportModel(job: ExportJob, context: JobContext): Promise<JobResult> {
  const { bytes, network } = await readChoice(job, context)
  let maxDifference: number | null = null
  await writeAtomic(
    job.out,
    async (temporary) => {
      await writeFile(temporary, bytes)
      const backend = await context.openBackend('auto')
      try {
        const checked = network ?? (await ownDenoiser(backend, bytes, job.model))
        if (checked === null) return
        const { difference, scale } = await differenceFromEngine(backend, await readFile(temporary), checked)
        if (!(difference <= largestDifference * scale))
          throw new DarkroomError('internal', {
            file: job.out,
            expected: 'what the engine gives',
            received: `a difference of ${difference}`,
          })
        maxDifference = difference
      } finally {
        await backend.close()
      }
    },
    { overwrite: job.overwrite },
  )
  return { type: 'export', file: job.out, maxDifference }
}

interface Choice {
  bytes: Uint8Array
  /** What the file must agree with; null where that is not known yet. */
  network: CheckedNetwork | null
}

async function readChoice(job: ExportJob, context: JobContext): Promise<Choice> {
  const folder = await runFolder(job.model, context.home)
  if (folder !== null) {
    const trained = await readTrainedRun(folder)
    const { bytes } = await readNetwork(trained, job.part, context.product)
    const { recipe, data } = trained.info
    return {
      bytes,
      network: { spec: recipe.model, input: data.shape, weights: trained.weights, part: job.part },
    }
  }
  if (job.part !== 'model')
    throw new DarkroomError('argument-invalid', { file: '--part', expected: 'a run', received: job.model })
  return { bytes: bytesOf(await readModel(job.model, context)), network: null }
}

/** The folder of a run that is named by its path, or by its id among the models. */
async function runFolder(choice: string, home: string): Promise<string | null> {
  const isFolder = (path: string): Promise<boolean> =>
    stat(path).then(
      (status) => status.isDirectory(),
      () => false,
    )
  if (await isFolder(choice)) return choice
  const inHome = join(home, 'runs', choice.slice('run-'.length))
  return choice.startsWith('run-') && (await isFolder(inHome)) ? inHome : null
}

/** A denoiser of ours, by what its file says; null for other people's networks. */
async function ownDenoiser(
  backend: Parameters<typeof differenceFromEngine>[0],
  bytes: Uint8Array,
  file: string,
): Promise<CheckedNetwork | null> {
  const session = await backend.open(bytes)
  const own = ownNetwork(session.metadata)
  await session.dispose()
  if (own === null) return null
  const { spec } = own
  return { spec, input: [], weights: readOnnxWeights(spec, bytes, file), part: 'model' }
}
