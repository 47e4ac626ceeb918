import type { z } from 'zod'
import { DarkroomError } from '../../contract/errors.ts'
import type { ItemQuestion, LatentItem, LatentMap, SheetQuestion } from '../../contract/latent.ts'
import type { EncodedImage } from '../../contract/preview.ts'
import { sizeOf } from '../models/layers.ts'
import { rowsAt } from '../numeric/subset.ts'
import { framePng, framesOf } from '../storage/frames.ts'
import { sampleBytes } from '../storage/sample-files.ts'
import { gridPng, rangeOf, type Cell } from '../storage/sheet.ts'
import type { Latents } from './latents.ts'
import { idOfMap } from './map-store.ts'
import { ownSource } from './model.ts'

const background = [36, 36, 36] as const
const gap = 2
/** Side of the picture of one item, about. */
const itemSide = 160

/**
 * Refuses latents that are no longer those which the map was made of: the run was trained on, or its data have changed.
 * @throws file-not-found: the job makes the map again
 */
export function checkMapHolds(map: LatentMap, latents: Latents): void {
  const columns = map.columns
  if (idOfMap(latents, map.spec, columns) !== map.id)
    throw new DarkroomError('file-not-found', { file: map.id, expected: 'the weights and data of the map' })
}

/** Pictures of a map's items in equal cells, in the order that they are asked for. @throws argument-invalid for an item that there is not */
export async function mapSheet(
  latents: Latents,
  { indexes, cell, columns, what }: z.output<typeof SheetQuestion>,
): Promise<EncodedImage> {
  for (const index of indexes) checkItem(latents, index)
  const shape = latents.model.input
  const values =
    what === 'sample'
      ? await latents.read(indexes)
      : await latents.model.decode(rowsAt(latents.codes, latents.size, indexes))
  return samplesSheet(values, shape, { cell, columns })
}

/**
 * Samples, one after the other, in equal cells; rows are drawn as curves on one scale.
 * @param cell its side in pixels
 * @param columns cells on a line
 */
export async function samplesSheet(
  values: Float32Array,
  shape: number[],
  { cell, columns }: Pick<z.output<typeof SheetQuestion>, 'cell' | 'columns'>,
): Promise<EncodedImage> {
  const cells = Array.from({ length: values.length / sizeOf(shape) }, (_, i) => cellOf(values, i, shape))
  const lines: Cell[][] = []
  for (let from = 0; from < cells.length; from += columns) lines.push(cells.slice(from, from + columns))
  const side = cell - gap
  const bytes = await gridPng(lines, {
    ...{ width: side, height: side, gap, edge: gap / 2, background, limit: Infinity },
    range: shape.length === 1 ? rangeOf([values]) : [0, 1],
  })
  const width = cell * Math.min(columns, cells.length)
  return { bytes, type: 'image/png', width, height: cell * lines.length }
}

/** One item with its reconstruction. @throws argument-invalid for an item that there is not */
export async function mapItem(
  latents: Latents,
  { spec }: Pick<LatentMap, 'spec'>,
  { index }: z.output<typeof ItemQuestion>,
): Promise<LatentItem> {
  checkItem(latents, index)
  const { model, size, codes, zLogVar, labels, splits, errors, indexes, run } = latents
  const code = Array.from(codes.subarray(index * size, (index + 1) * size))
  const logVariance = zLogVar?.subarray(index * size, (index + 1) * size) ?? null
  const [sample, reconstruction] = [
    await latents.read([index]),
    await model.decode(rowsAt(codes, size, [index])),
  ]
  // Rows are drawn to one scale, so that the two can be compared.
  const range = rangeOf(model.input.length === 1 ? [sample, reconstruction] : [])
  const data = spec.data ?? ownSource(run.info)
  return {
    name: latents.name(index),
    label: labels?.names[labels.of[index]!] ?? null,
    split: splits?.[index] ?? null,
    sample: await picture(sample, model.input, range),
    reconstruction: await picture(reconstruction, model.input, range),
    code,
    deviation: logVariance && Array.from(logVariance, (value) => Math.exp(value / 2)),
    error: errors?.[index] ?? null,
    anchor: indexes === null ? { from: 'code', code } : { from: 'item', data, index: indexes[index]! },
  }
}

function checkItem({ count, run }: Latents, index: number): void {
  if (index < count) return
  throw new DarkroomError('argument-invalid', {
    file: run.path,
    expected: `an item from 0 to ${count - 1}`,
    received: `${index}`,
  })
}

function cellOf(values: Float32Array, at: number, shape: number[]): Cell {
  const size = sizeOf(shape)
  const own = values.subarray(at * size, (at + 1) * size)
  if (shape.length === 1) return { curve: own }
  const [height, width, channels] = shape as [number, number, 1 | 3 | 4]
  return { width, height, channels, data: sampleBytes(own, channels) }
}

async function picture(
  values: Float32Array,
  shape: number[],
  range: readonly [number, number],
): Promise<EncodedImage> {
  const scale = Math.max(1, Math.round(itemSide / Math.max(...shape.slice(0, 2))))
  const frame = framesOf(values, shape, scale, range)[0]!
  const { width, height } = frame
  return { bytes: await framePng(frame), type: 'image/png', width, height }
}
