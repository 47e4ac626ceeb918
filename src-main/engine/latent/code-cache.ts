import { createHash } from 'node:crypto'
import { utimes } from 'node:fs/promises'
import { join } from 'node:path'
import type { TensorMap } from '../../contract/tensors.ts'
import type { Dataset } from '../data/dataset.ts'
import { trimStores } from '../data/sample-store.ts'
import type { TrainedRun } from '../jobs/trained-run.ts'
import { dataCache } from '../storage/home.ts'
import { weightsHash } from '../storage/provenance.ts'
import { readSafetensors, writeSafetensors } from '../storage/safetensors.ts'

export interface ItemCodes {
  /** [count, size] */
  codes: Float32Array
  /** [count, size], of variational models. */
  zLogVar: Float32Array | null
  /** Mean squared error of each reconstruction; null where they were not asked for. */
  errors: Float32Array | null
}

export interface CodesKey {
  run: TrainedRun
  dataset: Pick<Dataset, 'samplesSha256'>
  /** Items that are encoded. */
  indexes: Int32Array
  withErrors: boolean
  home: string
}

const ending = '.codes'
/** Bytes that codes may take on the disk. */
const limit = 2 * 2 ** 30

/** The codes of these items as they were made before, or made now and kept; that there is no room to keep them is no failure. */
export async function cachedCodes(key: CodesKey, make: () => Promise<ItemCodes>): Promise<ItemCodes> {
  const folder = dataCache(key.home)
  const file = join(folder, hashOf(key).slice(0, 32) + ending)
  const kept = await readSafetensors(file).catch(() => null)
  if (kept !== null && (!key.withErrors || kept.tensors['errors'] !== undefined)) {
    await utimes(file, new Date(), new Date()).catch(() => undefined)
    const values = (name: string): Float32Array | null =>
      (kept.tensors[name]?.data as Float32Array | undefined) ?? null
    return { codes: values('codes')!, zLogVar: values('zLogVar'), errors: values('errors') }
  }
  const made = await make()
  const tensors: TensorMap = {}
  for (const [name, data] of Object.entries(made) as [string, Float32Array | null][])
    if (data !== null) tensors[name] = { shape: [data.length], dtype: 'float32', data }
  await writeSafetensors(file, tensors).catch(() => undefined)
  await trimStores(folder, limit, file, ending)
  return made
}

function hashOf({ run: { info, weights }, dataset, indexes }: CodesKey): string {
  const { recipe, data } = info
  const made = [weightsHash(weights), recipe.model, data.shape, data.scaling, dataset.samplesSha256]
  return createHash('sha256').update(JSON.stringify(made)).update(indexes).digest('hex')
}
