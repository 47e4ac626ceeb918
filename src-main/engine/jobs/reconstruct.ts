import { extname } from 'node:path'
import { DarkroomError } from '../../contract/errors.ts'
import type { JobResult, ReconstructJob } from '../../contract/jobs.ts'
import type { JobContext } from './context.ts'
import { reconstructPhotographs } from './reconstruct-photographs.ts'
import { reconstructSamples } from './reconstruct-samples.ts'
import { readTrainedRun } from './trained-run.ts'

/** What a reconstruction is written as. */
export type Form = 'sheet' | 'table' | 'folder'

/** Items on a sheet where nothing is said. */
const usualOnSheet = 16

/**
 * Puts data through a run's network: a sheet of inputs above outputs (`.png`), a table of the rows that come out (`.csv`), or a folder with a file
 * for each item. Rows are given back in their own range.
 * @throws run and data errors; model-without-encoder for a GAN; argument-invalid for a table of images; file-exists, output-unwritable, disk-full.
 */
export async function reconstruct(job: ReconstructJob, context: JobContext): Promise<JobResult> {
  const trained = await readTrainedRun(job.run)
  const { recipe } = trained.info
  if (recipe.model.type === 'gan') throw new DarkroomError('model-without-encoder', { file: job.run })
  const form = formOf(job.out)
  if (form === 'table' && recipe.data.type !== 'rows')
    throw new DarkroomError('argument-invalid', {
      file: job.out,
      expected: 'a .png file or a folder, for images',
    })
  if (job.corrupt && recipe.corruption.length === 0)
    throw new DarkroomError('argument-invalid', {
      file: job.run,
      expected: 'a recipe with a corruption',
      received: recipe.name,
    })
  const asked = { ...job, count: job.count ?? (form === 'sheet' ? usualOnSheet : null) }
  const backend = await context.openBackend(job.engine)
  try {
    return recipe.data.type === 'patches'
      ? await reconstructPhotographs(asked, form, trained, backend, context)
      : await reconstructSamples(asked, form, trained, backend, context)
  } finally {
    await backend.close()
  }
}

function formOf(out: string): Form {
  const extension = extname(out).toLowerCase()
  if (extension === '.png') return 'sheet'
  return extension === '.csv' ? 'table' : 'folder'
}
