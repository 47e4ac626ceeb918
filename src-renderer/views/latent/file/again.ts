import type { Job, JobInput } from '../../../../src-main/contract/jobs.ts'
import { nameOf } from '../../../state/names.ts'

/** What an export's job is made again with. */
export interface Again {
  /** Suggested, without folder and extension. */
  name: string
  /** With its dot; null: a folder. */
  extension: `.${string}` | null
  job: (out: string, overwrite: boolean) => JobInput
}

/** The job that made an export, for another path; null for a job that wrote nothing. A map's picture comes before its table. */
export function againOf(job: Job): Again | null {
  if (job.type === 'map' && job.png !== null)
    return { ...partsOf(job.png), job: (png, overwrite) => ({ ...job, png, out: null, overwrite }) }
  if (!('out' in job) || job.out === null) return null
  return { ...partsOf(job.out), job: (out, overwrite) => ({ ...job, out, overwrite }) as JobInput }
}

function partsOf(path: string): Pick<Again, 'name' | 'extension'> {
  const [, name, extension] = /^(.+?)(\.[a-z0-9]+)?$/i.exec(nameOf(path)) ?? []
  return { name: name ?? 'export', extension: (extension ?? null) as Again['extension'] }
}

/** The run that a job was done with. */
export function runOf(job: Job): string | null {
  if ('run' in job) return job.run
  return 'spec' in job ? job.spec.run : null
}
