import { z } from 'zod'
import { automaticModel } from './evidence.ts'
import { outputFormats, SigmaChoice } from './jobs.ts'

/** How one picture is to be cleaned and where it goes: what a person sets in the window, for one or for all. */
export const DenoiseSettings = z.strictObject({
  /** `auto`, or the id of a model. */
  model: z.string().min(1).default(automaticModel),
  sigma: SigmaChoice.default('auto'),
  /** Keeps a picture as it was where the estimate says that its cleaned version is no better. */
  onlyIfBetter: z.boolean().default(true),
  /** Averages over mirror images of the picture: a little better, in four times the time. */
  ensemble: z.boolean().default(false),
  /** Percent of the noise removed: 100 all of it, 0 gives the input pixels back. */
  strength: z.number().min(0).max(100).default(100),
  /** Percent of the colour noise removed, where it is set apart from the grain (brightness noise); null: as `strength`. */
  colourStrength: z.number().min(0).max(100).nullable().default(null),
  /** Output folder; null: a folder named `denoised` beside each source. */
  out: z.string().min(1).nullable().default(null),
  format: z.enum(outputFormats).default('keep'),
  /** Quality of lossy formats, 1–100; null keeps each format's default. */
  quality: z.int().min(1).max(100).nullable().default(null),
  /** Output path below `out`: {dir} {name} {ext} {model} {sigma}. */
  name: z.string().min(1).default('{dir}/{name}{ext}'),
  /** What happens to a file of the same name: the new one gets a number, or replaces it. A source is never replaced. */
  ifExists: z.enum(['number', 'replace']).default('number'),
})
export type DenoiseSettings = z.infer<typeof DenoiseSettings>

/** Changes to settings: fields that are left out stay. No defaults here, or a change would reset what it does not name. */
export const SettingsChange = z.strictObject({
  model: z.string().min(1).optional(),
  sigma: SigmaChoice.optional(),
  onlyIfBetter: z.boolean().optional(),
  ensemble: z.boolean().optional(),
  strength: z.number().min(0).max(100).optional(),
  colourStrength: z.number().min(0).max(100).nullable().optional(),
  out: z.string().min(1).nullable().optional(),
  format: z.enum(outputFormats).optional(),
  quality: z.int().min(1).max(100).nullable().optional(),
  name: z.string().min(1).optional(),
  ifExists: z.enum(['number', 'replace']).optional(),
})
export type SettingsChange = z.infer<typeof SettingsChange>
