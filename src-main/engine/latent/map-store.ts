import { createHash } from 'node:crypto'
import { readdir, rm, stat, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { DarkroomError } from '../../contract/errors.ts'
import { MapSpec, type LatentMap, type MapColumn, type MapSummary } from '../../contract/latent.ts'
import type { TensorMap } from '../../contract/tensors.ts'
import { dataCache } from '../storage/home.ts'
import { readSafetensors, writeSafetensors } from '../storage/safetensors.ts'
import { weightsHash } from '../storage/provenance.ts'
import type { Latents } from './latents.ts'

/*
 * Maps that were made, as files of the program's own folder: numbers as tensors, all else as JSON in the metadata. They may be deleted at
 * any time.
 */

/** Changes where the same spec and latents would give another map, or another file. */
const storeVersion = 1
/** Of all maps together, in bytes, and in number: the longest unused ones go first. */
const limits = { bytes: 2 ** 30, maps: 64 }

const mapsFolder = (home: string): string => join(dataCache(home), 'maps')
const mapFile = (home: string, id: string): string => join(mapsFolder(home), `${id}.safetensors`)
const mapId = z.string().regex(/^[0-9a-f]{32}$/)

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
  await writeSafetensors(mapFile(home, id), tensors, { about: JSON.stringify(about) })
  await dropMaps(home, id)
}

/** @throws file-not-found where it is not kept (any more): the job makes it again. */
export async function readMap(home: string, id: string): Promise<LatentMap> {
  if (!mapId.safeParse(id).success) throw new DarkroomError('file-not-found', { file: id })
  const file = mapFile(home, id)
  const { tensors, metadata } = await readSafetensors(file).catch((cause: unknown) => {
    throw new DarkroomError('file-not-found', { file }, cause)
  })
  await utimes(file, new Date(), new Date()).catch(() => undefined)
  // What this program wrote, under a name that only the same version gives.
  const { spec, summary, names, columns } = JSON.parse(metadata['about'] ?? '{}') as About
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

async function dropMaps(home: string, keep: string): Promise<void> {
  const folder = mapsFolder(home)
  const maps: { file: string; size: number; usedAt: number }[] = []
  for (const name of await readdir(folder).catch(() => [])) {
    const file = join(folder, name)
    const about = await stat(file).catch(() => null)
    if (about !== null && file !== mapFile(home, keep))
      maps.push({ file, size: about.size, usedAt: about.mtimeMs })
  }
  maps.sort((a, b) => b.usedAt - a.usedAt)
  let bytes = 0
  for (const [place, { file, size }] of maps.entries()) {
    bytes += size
    // One more is the map that stays in any case.
    if (place + 1 >= limits.maps || bytes > limits.bytes)
      await rm(file, { force: true }).catch(() => undefined)
  }
}
