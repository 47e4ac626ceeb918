import { z } from 'zod'
import { DenoiserSpec } from '../../contract/architecture.ts'
import { Corruption } from '../../contract/corruption.ts'
import { Supervision } from '../../contract/recipe.ts'
import type { Levels } from '../storage/levels.ts'

/** What the file of a restorer that was trained here says of itself. */
export interface OwnNetwork {
  spec: DenoiserSpec
  /** What it was trained to undo; null of files that were written when there was only noise. */
  corruption: Corruption[] | null
  /** It has seen noisy pictures alone: noise is what it takes away. */
  learntFromNoisy: boolean
  /** What its samples are to be brought to, where that was measured. */
  levels: Levels | null
}

/** Null for other networks. */
export function ownNetwork(metadata: Record<string, string>): OwnNetwork | null {
  const spec = parsed(DenoiserSpec, metadata['spec'])
  if (spec === null) return null
  const supervision = parsed(Supervision, metadata['supervision'])
  return {
    spec,
    corruption: parsed(z.array(Corruption), metadata['corruption']),
    learntFromNoisy: supervision !== null && supervision.type !== 'clean',
    levels: parsed(z.tuple([z.number(), z.number()]), metadata['levels']),
  }
}

function parsed<T>(schema: z.ZodType<T>, text: string | undefined): T | null {
  if (text === undefined) return null
  try {
    return schema.parse(JSON.parse(text))
  } catch {
    return null
  }
}
