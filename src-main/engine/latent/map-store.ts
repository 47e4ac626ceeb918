import { createHash } from 'node:crypto'
import type { LatentMap, MapColumn, MapSpec, MapSummary } from '../../contract/latent.ts'
import type { TensorMap } from '../../contract/tensors.ts'
import { weightsHash } from '../storage/provenance.ts'
import { readResult, writeResult } from '../storage/result-store.ts'
import type { Latents } from './latents.ts'

/** Changes where the same spec and latents would give another map, or another file. */
const storeVersion = 1

/** All that a map follows from: what is asked for, the weights and the data, the latter by what the network makes of them. */
export function idOfMap(
  latents: Pick<Latents, 'run' | 'codes' | 'indexes'>,
  spec: MapSpec,
  columns: MapColumn[],
): string {
  const hash = createHash('sha256')
  hash.update(JSON.stringify([storeVersion, spec, weightsHash(latents.run.weights)])).update(latents.codes)
  if (latents.indexes !== null) hash.update(latents.indexes)
  for (const column of columns)
    hash
      .update(JSON.stringify([column.id, column.kind === 'category' ? column.names : null]))
      .update(column.values)
  return hash.digest('hex').slice(0, 32)
}

interface About {
  spec: MapSpec
  summary: MapSummary
  names: string[]
  columns: ({ id: string; name: string } & ({ kind: 'category'; names: string[] } | { kind: 'number' }))[]
}

/** Keeps a map, and drops others where they have become too many. @throws disk-full, output-unwritable */
export async function writeMap(home: string, map: LatentMap): Promise<void> {
  const { id, spec, summary, names } = map
  const columns = map.columns.map((column) => {
    const { id: of, name } = column
    return column.kind === 'category'
      ? { id: of, name, kind: column.kind, names: column.names }
      : { id: of, name, kind: column.kind }
  })
  const about: About = { spec, summary, names, columns }
  const tensors: TensorMap = { points: { dtype: 'float32', shape: [names.length, 2], data: map.points } }
  if (map.indexes !== null) tensors['indexes'] = { dtype: 'int32', shape: [names.length], data: map.indexes }
  map.columns.forEach(({ kind, values }, i) => {
    tensors[`column-${i}`] = {
      dtype: kind === 'category' ? 'int32' : 'float32',
      shape: [values.length],
      data: values,
    }
  })
  await writeResult(home, 'maps', id, { tensors, about })
}

/** @throws file-not-found where it is not kept (any more): the job makes it again. */
export async function readMap(home: string, id: string): Promise<LatentMap> {
  const { tensors, about } = await readResult(home, 'maps', id)
  // What this program wrote, under a name that only the same version gives.
  const { spec, summary, names, columns } = about as About
  const points = tensors['points']!.data as Float32Array
  return {
    ...{ id, spec, summary, names, points },
    indexes: (tensors['indexes']?.data as Int32Array | undefined) ?? null,
    columns: columns.map((column, i) => {
      const values = tensors[`column-${i}`]!.data
      return column.kind === 'category'
        ? { ...column, values: values as Int32Array }
        : { ...column, values: values as Float32Array }
    }),
  }
}
