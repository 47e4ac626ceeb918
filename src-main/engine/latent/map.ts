import { DarkroomError } from '../../contract/errors.ts'
import type { LatentMap, MapSpec, MapSummary } from '../../contract/latent.ts'
import type { JobContext } from '../jobs/context.ts'
import { sizeOf } from '../models/layers.ts'
import { fitPca, projectPca, type Pca } from '../numeric/pca.ts'
import { createRandom, type Random } from '../numeric/random.ts'
import { drawSubset, rowsAt } from '../numeric/subset.ts'
import { trustOfMap } from '../numeric/trust.ts'
import type { Latents } from './latents.ts'
import { columnsOf } from './map-columns.ts'
import { idOfMap, readMap, writeMap } from './map-store.ts'
import { umapOf } from './umap.ts'
import { checkSpread, inactiveOf } from './spread.ts'
import { pausing } from './stepping.ts'

export type MapContext = Pick<JobContext, 'home' | 'signal' | 'pause' | 'emit'>

/** Components whose share of the variance is told. */
const explainedComponents = 10
/** Neighbours that trustworthiness and continuity look at, as is usual for pictures of this size. */
const usualNeighbours = 15
/** Values that the components of samples are found from: more would take minutes. */
const fittedValues = 2 ** 24
/** Items that are read at a time. */
const atATime = 512
const sources = { pca: 1, umap: 2, trust: 3, fit: 4 }

/** Where items lie in the plane, and in which space their neighbours are those that the map should keep. */
interface Laid {
  points: Float32Array
  explained: number[] | null
  /** Values of some items: the codes, or of `pixels` the samples. */
  space: (items: Int32Array) => Promise<Float32Array>
  /** Length of one. */
  columns: number
}

/**
 * Lays latents out in the plane, measures how far to believe it, and keeps the map for later questions; one that is kept already is taken
 * as it is.
 * @throws latents-unsuitable for fewer than three items, codes that are all the same, dimensions that there are not or that say nothing;
 * data errors for the attributes; disk-full, output-unwritable
 */
export async function makeMap(latents: Latents, spec: MapSpec, context: MapContext): Promise<LatentMap> {
  const { method } = spec
  const file = latents.run.path
  if (latents.count < 3)
    throw new DarkroomError('latents-unsuitable', {
      file,
      expected: 'at least 3 items to lay out',
      received: `${latents.count}`,
    })
  if (method.type !== 'pixels') checkSpread(latents)
  const columns = await columnsOf(latents, spec.attributes)
  const id = idOfMap(latents, spec, columns)
  const kept = await readMap(context.home, id).catch(() => null)
  if (kept !== null) return kept

  const random = createRandom(spec.seed)
  const { points, explained, space, columns: width } = await layOut(latents, spec, random, context)
  const measured = drawSubset(latents.count, mostMeasured(width), random.fork(sources.trust))
  const trust = await trustOfMap(
    { values: await space(measured), columns: width, points: rowsAt(points, 2, measured) },
    Math.min(usualNeighbours, Math.floor((measured.length - 1) / 2)),
    pausing(context),
  )
  const summary: MapSummary = {
    ...{ items: latents.count, size: latents.size, explained, ...trust, measured: measured.length },
    collapsed: inactiveOf(latents).length,
  }
  const names = Array.from({ length: latents.count }, (_, i) => latents.name(i))
  const map = { id, spec, summary, points, names, indexes: latents.indexes, columns }
  await writeMap(context.home, map)
  return map
}

/** At most 2,000, fewer where rows are so long that all pairs would take minutes. */
const mostMeasured = (columns: number): number => Math.min(2000, Math.floor(Math.sqrt(8e9 / columns)))

function layOut(latents: Latents, spec: MapSpec, random: Random, context: MapContext): Promise<Laid> | Laid {
  const { codes, size } = latents
  const ofCodes = {
    explained: null,
    space: (items: Int32Array) => Promise.resolve(rowsAt(codes, size, items)),
    columns: size,
  }
  const { method } = spec
  switch (method.type) {
    case 'raw': {
      for (const axis of ['x', 'y'] as const) checkDimension(latents, axis, method[axis])
      return { ...ofCodes, points: pickColumns(codes, size, method.x, method.y) }
    }
    case 'pca': {
      for (const axis of ['x', 'y'] as const)
        if (method[axis] >= size)
          throw new DarkroomError('latents-unsuitable', {
            file: latents.run.path,
            expected: `${axis}: components 0 to ${size - 1} of codes of ${size} numbers`,
            received: `${method[axis]}`,
          })
      const least = Math.max(method.x, method.y) + 1
      const dimensions = Math.min(size, Math.max(least, explainedComponents))
      const pca = fitPca(codes, size, dimensions, random.fork(sources.pca))
      const points = pickColumns(projectPca(pca, codes), dimensions, method.x, method.y)
      return { ...ofCodes, points, explained: explainedBy(pca) }
    }
    case 'umap':
      return umapOf(latents, method, random.fork(sources.umap), context).then((points) => ({
        ...ofCodes,
        points,
      }))
    case 'pixels':
      return layOutPixels(latents, random, context)
  }
}

const explainedBy = ({ variances, total }: Pca): number[] =>
  Array.from(variances, (variance) => (total > 0 ? variance / total : 0))

/** Components of as many samples as that takes seconds for; then all are projected, piece by piece. */
async function layOutPixels(latents: Latents, random: Random, context: MapContext): Promise<Laid> {
  const columns = sizeOf(latents.model.input)
  const step = pausing(context)
  const fitted = drawSubset(latents.count, Math.floor(fittedValues / columns), random.fork(sources.fit))
  const dimensions = Math.min(columns, explainedComponents)
  const values = new Float32Array(fitted.length * columns)
  for (let from = 0; from < fitted.length; from += atATime) {
    await step()
    values.set(await latents.read(fitted.subarray(from, from + atATime)), from * columns)
  }
  const pca = fitPca(values, columns, dimensions, random.fork(sources.pca))
  const plane = { ...pca, components: pca.components.slice(0, 2) }
  if (plane.components.length < 2)
    throw new DarkroomError('latents-unsuitable', {
      file: latents.run.path,
      expected: 'samples of two or more values',
      received: '1',
    })
  const points = new Float32Array(latents.count * 2)
  for (let from = 0; from < latents.count; from += atATime) {
    await step()
    const length = Math.min(atATime, latents.count - from)
    const items = Int32Array.from({ length }, (_, i) => from + i)
    points.set(projectPca(plane, await latents.read(items)), from * 2)
  }
  return { points, explained: explainedBy(pca), space: (items) => latents.read(items), columns }
}

/** @throws latents-unsuitable naming the dimensions that there are */
function checkDimension(latents: Latents, axis: 'x' | 'y', dimension: number): void {
  const inactive = inactiveOf(latents)
  if (dimension < latents.size && !inactive.includes(dimension)) return
  const active = Array.from({ length: latents.size }, (_, i) => i).filter((i) => !inactive.includes(i))
  throw new DarkroomError('latents-unsuitable', {
    file: latents.run.path,
    expected: `${axis}: dimensions that differ between items: ${active.slice(0, 16).join(', ')}${active.length > 16 ? ', …' : ''}`,
    received: `dimension ${dimension}${dimension < latents.size ? ', the same for all' : ` of ${latents.size}`}`,
  })
}

/** Two columns: [rows, 2]. */
function pickColumns(values: Float32Array, columns: number, x: number, y: number): Float32Array {
  const points = new Float32Array((values.length / columns) * 2)
  for (let i = 0; i * 2 < points.length; i++) {
    points[2 * i] = values[i * columns + x]!
    points[2 * i + 1] = values[i * columns + y]!
  }
  return points
}
