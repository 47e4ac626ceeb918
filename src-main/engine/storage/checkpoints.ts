import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { DarkroomError, parseOrThrow, toErrorDetail } from '../../contract/errors.ts'
import type { TensorMap } from '../../contract/tensors.ts'
import { runFile, stepFiles, stepName } from './runs.ts'
import { readSafetensors, writeSafetensors } from './safetensors.ts'

const Best = z.strictObject({ loss: z.number(), step: z.int(), validation: z.record(z.string(), z.number()) })

/** What a checkpoint holds besides tensors. */
const Standing = z.strictObject({
  /** Steps done. */
  step: z.int().min(0),
  /** Of the lowest validation loss so far. */
  best: Best.nullable(),
  /** Early stopping: the validation loss that must be undercut, and validations since it was. */
  stopping: z.strictObject({ reference: z.number().nullable(), waited: z.int() }),
  /** Time spent training so far, all sessions together. */
  seconds: z.number(),
  /** Of the terms of the loss since the last row of the history, each sample's counted; and the samples. */
  sums: z.record(z.string(), z.number()),
  samples: z.number(),
})

/** All that is needed to go on. */
export interface Checkpoint extends z.infer<typeof Standing> {
  /** Of the training step: `weights/…`, `moment1/…`, `moment2/…`, `average/…`. */
  state: TensorMap
  /** Weights of `best`, where they are to become the model. */
  bestWeights: TensorMap | null
}

/** The one before stays, in case that this one is found damaged after a power cut. */
const kept = 2
const bestPrefix = 'best/'

/**
 * Writes a checkpoint whole or not at all: one file, so that numbers and tensors always belong together.
 * @throws as `writeAtomic`; those before are left as they are then
 */
export async function writeCheckpoint(folder: string, checkpoint: Checkpoint): Promise<void> {
  const { state, bestWeights, ...standing } = checkpoint
  const best = Object.entries(bestWeights ?? {}).map(([name, tensor]) => [bestPrefix + name, tensor] as const)
  const file = join(runFile(folder, 'checkpoints'), `${stepName(checkpoint.step)}.safetensors`)
  const metadata = { standing: JSON.stringify(standing) }
  await writeSafetensors(file, { ...state, ...Object.fromEntries(best) }, metadata)
  for (const { name } of (await listCheckpoints(folder)).slice(0, -kept))
    await rm(join(runFile(folder, 'checkpoints'), name), { force: true })
}

/** The newest checkpoint that is whole, or null when the run has not come that far. @throws run-unreadable where all are damaged */
export async function readCheckpoint(folder: string): Promise<Checkpoint | null> {
  let damage: unknown = null
  for (const { name } of (await listCheckpoints(folder)).reverse()) {
    try {
      return await readCheckpointFile(join(runFile(folder, 'checkpoints'), name))
    } catch (error) {
      damage ??= error
    }
  }
  if (damage === null) return null
  const { file = folder, received = '' } = toErrorDetail(damage)
  throw new DarkroomError('run-unreadable', { file, expected: 'a whole checkpoint', received }, damage)
}

const listCheckpoints = (folder: string): Promise<{ name: string; step: number }[]> =>
  stepFiles(runFile(folder, 'checkpoints'), '.safetensors')

async function readCheckpointFile(file: string): Promise<Checkpoint> {
  const { tensors, metadata } = await readSafetensors(file)
  const json: unknown = JSON.parse(metadata['standing'] ?? 'null')
  const standing = parseOrThrow(Standing, json, 'run-unreadable', file)
  const state: TensorMap = {}
  const best: TensorMap = {}
  for (const [name, tensor] of Object.entries(tensors)) {
    if (name.startsWith(bestPrefix)) best[name.slice(bestPrefix.length)] = tensor
    else state[name] = tensor
  }
  return { ...standing, state, bestWeights: Object.keys(best).length > 0 ? best : null }
}
