import { z } from 'zod'
import { Job } from './jobs.ts'
import type { LatentView } from './latent.ts'

/**
 * How an exported file was made: in the PNG itself (an iTXt chunk with the keyword `Latent Darkroom`), or beside what cannot carry it
 * (`<file>.json`, in a folder `darkroom.json`). The job can be done again from it.
 */
export const Provenance = z.strictObject({
  darkroom: z.literal('export'),
  version: z.literal(1),
  /** Version of the product. */
  product: z.string(),
  /** With all its fields, seeds included. */
  job: Job,
  run: z.strictObject({
    title: z.string(),
    /** Name of its recipe. */
    recipe: z.string(),
    /** SHA-256 of its weights: whether the run is still the same. */
    weights: z.string(),
  }),
  /** Codes of the pictures, in order, while they are not too many; null otherwise, and of what has none. */
  codes: z.array(z.array(z.number())).nullable(),
  /** What the rows of an array of codes are, which has no place for it itself (NPY); null otherwise. */
  items: z
    .strictObject({
      names: z.array(z.string()),
      labels: z.array(z.string().nullable()).nullable(),
      splits: z.array(z.string()).nullable(),
    })
    .nullable()
    .default(null),
  /** Of a sheet with a direction on each line: what each goes along, from the top; null otherwise. */
  lines: z.array(z.string()).nullable().default(null),
  /** ISO 8601. */
  at: z.string(),
})
export type Provenance = z.infer<typeof Provenance>

/** What a file that was dropped on the latent view is. */
export type LatentFile =
  | { kind: 'view'; view: LatentView }
  | {
      kind: 'export'
      provenance: Provenance
      /** Whether its run is where it was, with the weights that it had. */
      run: 'same' | 'changed' | 'missing'
    }
