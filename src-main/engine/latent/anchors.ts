import type { DataSource } from '../../contract/dataset.ts'
import { DarkroomError } from '../../contract/errors.ts'
import type { Anchor } from '../../contract/latent.ts'
import type { OpenLatentModel } from '../inference/latent-model.ts'
import type { RunData, TrainedRun } from '../jobs/trained-run.ts'
import { sizeOf } from '../models/layers.ts'
import { premultiply } from '../storage/sample-files.ts'
import { readSample } from '../storage/sample-images.ts'
import { checkCodes, checkWidth } from './codes.ts'
import { encoderOf, openLatentData, sampleSpec, type LatentContext } from './model.ts'
import { priorCodes } from './prior.ts'

/** Uses data while they are open. */
export type WithData = <T>(source: DataSource, use: (data: RunData) => Promise<T>) => Promise<T>

/** Opens data for one use, and closes them again. */
export const withRunData =
  (run: TrainedRun, context: Pick<LatentContext, 'home' | 'signal' | 'emit'>): WithData =>
  async (source, use) => {
    const data = await openLatentData(run, source, context)
    try {
      return await use(data)
    } finally {
      await data.dataset.close()
    }
  }

/**
 * The codes that anchors stand for, one after the other, [count, size]. Picture files are decoded as the run's images were; of tables a file
 * must hold one row.
 * @throws model-without-encoder; latents-unsuitable for a code of another width or with numbers that are not finite; data and image errors;
 *   argument-invalid for an item that is not there
 */
export async function codesOfAnchors(
  run: TrainedRun,
  model: OpenLatentModel,
  anchors: Anchor[],
  withData: WithData,
): Promise<Float32Array> {
  const size = sizeOf(model.code)
  const codes = new Float32Array(anchors.length * size)
  const samples: { at: number; sample: Float32Array }[] = []
  const items = new Map<string, { source: DataSource; places: { at: number; index: number }[] }>()
  for (const [at, anchor] of anchors.entries()) {
    if (anchor.from === 'code') codes.set(checkedCode(anchor.code, size), at * size)
    else if (anchor.from === 'seed') codes.set(priorCodes(anchor.seed, anchor.index, 1, size), at * size)
    else {
      encoderOf(run, model)
      if (anchor.from === 'file')
        samples.push({ at, sample: await readFileSample(run, anchor.path, withData) })
      else {
        const key = JSON.stringify(anchor.data)
        const group = items.get(key) ?? { source: anchor.data, places: [] }
        items.set(key, group)
        group.places.push({ at, index: anchor.index })
      }
    }
  }
  for (const { source, places } of items.values())
    await withData(source, async ({ dataset }) => {
      const missing = places.find(({ index }) => index >= dataset.count)
      if (missing !== undefined) throw noItem(source, dataset.count, missing.index)
      const values = await dataset.read(places.map(({ index }) => index))
      samples.push(...places.map(({ at }, i) => ({ at, sample: part(values, i, sizeOf(model.input)) })))
    })
  if (samples.length > 0) {
    const { code } = await encoderOf(run, model)(joined(samples.map(({ sample }) => sample)))
    samples.forEach(({ at }, i) => codes.set(part(code, i, size), at * size))
  }
  return codes
}

/** @returns its numbers @throws latents-unsuitable */
function checkedCode(code: number[], size: number): number[] {
  checkWidth(code.length, size)
  checkCodes(code, size)
  return code
}

const noItem = (source: DataSource, count: number, index: number): DarkroomError =>
  new DarkroomError('argument-invalid', {
    file: source.sources.join(', '),
    expected: `an item from 0 to ${count - 1}`,
    received: `${index}`,
  })

/** A picture file as the run’s network takes it; of tables a file of one row. @throws as `codesOfAnchors` */
export async function readFileSample(
  run: TrainedRun,
  path: string,
  withData: WithData,
): Promise<Float32Array> {
  const spec = sampleSpec(run.info)
  if (spec.type === 'images') {
    const values = Float32Array.from(await readSample(path, spec), (byte) => byte / 255)
    return spec.channels === 4 ? premultiply(values) : values
  }
  return withData({ sources: [path], labels: null }, ({ dataset }) => {
    if (dataset.count === 1) return dataset.read([0])
    throw new DarkroomError('data-unsuitable', {
      file: path,
      expected: 'a file of one row, or the row’s number',
      received: `${dataset.count} rows`,
    })
  })
}

const part = (values: Float32Array, i: number, size: number): Float32Array =>
  values.subarray(i * size, (i + 1) * size)

function joined(parts: Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const values of parts) {
    all.set(values, at)
    at += values.length
  }
  return all
}
