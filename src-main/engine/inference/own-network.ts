import { z } from 'zod'
import { DenoiserSpec } from '../../contract/architecture.ts'
import { Corruption } from '../../contract/corruption.ts'

/** What the file of a restorer that was trained here says of itself. */
export interface OwnNetwork {
  spec: DenoiserSpec
  /** What it was trained to undo; null of files that were written when there was only noise. */
  corruption: Corruption[] | null
}

/** Null for other networks. */
export function ownNetwork(metadata: Record<string, string>): OwnNetwork | null {
  const spec = parsed(DenoiserSpec, metadata['spec'])
  return spec && { spec, corruption: parsed(z.array(Corruption), metadata['corruption']) }
}

function parsed<T>(schema: z.ZodType<T>, text: string | undefined): T | null {
  if (text === undefined) return null
  try {
    return schema.parse(JSON.parse(text))
  } catch {
    return null
  }
}
