import { z } from 'zod'
import { ModelSpec } from './recipe.ts'

/** What a model is, where it comes from and what may be done with it: `model.json` beside its ONNX file. */
export const ModelCard = z.strictObject({
  version: z.literal(1),
  id: z.string().regex(/^[a-z0-9][a-z0-9-]*$/),
  title: z.string(),
  task: z.literal('denoise'),
  description: z.string(),
  /** ONNX file name beside the card. */
  file: z.string(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  spec: ModelSpec,
  /** Noise levels it was trained for, 8-bit scale. */
  sigmaRange: z.tuple([z.number(), z.number()]),
  licence: z.string(),
  training: z.strictObject({
    data: z.array(
      z.strictObject({ name: z.string(), images: z.int(), licence: z.string(), source: z.string() }),
    ),
    recipe: z.string(),
    seed: z.int(),
    steps: z.int(),
    /** Which trainer, and where it differed from the recipe. */
    trainer: z.string(),
    date: z.string(),
  }),
  /** Measured results: what, on what, how much, and the command that repeats it. */
  figures: z.array(
    z.strictObject({ measure: z.string(), value: z.number(), unit: z.string(), command: z.string() }),
  ),
  limits: z.string(),
})
export type ModelCard = z.infer<typeof ModelCard>
