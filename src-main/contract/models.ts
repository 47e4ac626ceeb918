import { z } from 'zod'
import { ErrorDetail } from './errors.ts'
import { DenoiserSpec, denoiserStride } from './architecture.ts'
import type { Corruption } from './corruption.ts'
import { isMessageKey, type MessageKey } from './messages/messages.ts'
import type { Recipe } from './recipe.ts'

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
  spec: DenoiserSpec,
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

/** How a network's inputs and outputs are to be read: found by a dry run, or said by the person who adds it. */
export const ModelInterface = z.strictObject({
  layout: z.enum(['NCHW', 'NHWC']),
  channels: z.union([z.literal(1), z.literal(3)]),
  /** Value that is white; black is 0. */
  white: z.union([z.literal(1), z.literal(255)]),
  /** What comes out: the clean picture, or the noise that is to be taken away (DnCNN). */
  output: z.enum(['clean', 'noise']),
  /** How it is told the noise level: not at all, as a map of the picture's size, or as one number; in units of `white`. */
  sigma: z.enum(['none', 'map', 'number']),
  /** What the sides of its input must be a multiple of. */
  multiple: z.int().min(1).max(1024),
})
export type ModelInterface = z.infer<typeof ModelInterface>

/** How denoisers that are trained here are used. */
export const interfaceOf = (spec: DenoiserSpec): ModelInterface => ({
  ...{ layout: 'NCHW', channels: spec.channels, white: 1, output: 'clean' },
  sigma: spec.condition === 'sigma' ? 'map' : 'none',
  multiple: denoiserStride(spec),
})

/**
 * How a network that was trained on a recipe is used to clean photographs; null where it cannot be: trained on something else than
 * noise, or for samples of one size. Of autoencoders only those without dense layers take pictures of any size.
 */
export function denoisingInterface({
  data,
  model,
  corruption,
  supervision,
}: Pick<Recipe, 'data' | 'model' | 'corruption' | 'supervision'>): ModelInterface | null {
  if (!isNoise(corruption) && supervision.type === 'clean') return null
  if (model.type === 'denoiser') return model.condition === 'mask' ? null : interfaceOf(model)
  if (model.type === 'gan' || model.variational) return null
  if (data.type !== 'images' || data.channels === 4) return null
  const { encoder, decoder } = model
  const layers = [...encoder.layers, ...(decoder.layers === 'mirror' ? [] : decoder.layers)]
  const multiple = encoder.layers.reduce(
    (product, layer) => product * (layer.type === 'conv' ? layer.stride : NaN),
    1,
  )
  const isConvolutional =
    encoder.latentDim === null && layers.length > 0 && layers.every(({ type }) => type !== 'dense')
  if (!isConvolutional || data.width % multiple !== 0 || data.height % multiple !== 0) return null
  return {
    ...{ layout: 'NCHW', channels: data.channels, white: 1, output: 'clean', sigma: 'none' },
    multiple,
  }
}

const noises: Corruption['type'][] = ['gaussian', 'camera', 'jpeg', 'salt-pepper']
/** What may go with noise, and is none by itself. */
const besides: Corruption['type'][] = ['quantize', 'misjudged']

/** Whether a chain of corruptions is what cameras and files do to pictures, and nothing else: rounding alone is no noise. */
export function isNoise(chain: readonly Corruption[]): boolean {
  const all = chain.flatMap((one) =>
    one.type === 'oneOf' ? one.options.flatMap(({ corruptions }) => corruptions) : [one],
  )
  return (
    all.some(({ type }) => noises.includes(type)) &&
    all.every(({ type }) => besides.includes(type) || noises.includes(type))
  )
}

/** Id of the denoiser that has no file: a small network is trained on each page, and cleans that page. */
export const zeroShotModel = 'zero-shot'
export const zeroShotInterface: ModelInterface = {
  ...{ layout: 'NHWC', channels: 3, white: 1, output: 'clean', sigma: 'none', multiple: 1 },
}

/** A denoiser that can be chosen, by id. */
export interface ModelEntry {
  id: string
  title: string
  /** Shipped with the product, made of code alone, trained here, or an ONNX file that a person added. */
  origin: 'shipped' | 'built-in' | 'trained' | 'added'
  /** The ONNX file; empty where it is built in. */
  file: string
  /** Size of the file. */
  bytes: number
  /** Null where it cannot be read; `error` says why. */
  interface: ModelInterface | null
  /** Of shipped models. */
  card: ModelCard | null
  /** What a person wrote of an added model. */
  licence: string | null
  description: string | null
  error: ErrorDetail | null
}

/** Adds an ONNX file of other people's: it is copied, and checked by a dry run. */
export const AddModel = z.strictObject({
  file: z.string().min(1),
  title: z.string().min(1).max(120).optional(),
  licence: z.string().max(2000).optional(),
  description: z.string().max(2000).optional(),
  /** What the dry run cannot tell, or got wrong; the rest is found. */
  interface: ModelInterface.partial().optional(),
})
export type AddModel = z.infer<typeof AddModel>
export type StatedInterface = NonNullable<AddModel['interface']>

/** What the message catalogue calls a model that comes with the product, in the language of the reader; null of others. */
export function textsOfModel({
  id,
  origin,
}: Pick<ModelEntry, 'id' | 'origin'>): { title: MessageKey; description: MessageKey } | null {
  const [title, description] = [`model.${id}.title`, `model.${id}.description`]
  const isOurs = origin === 'shipped' || origin === 'built-in'
  return isOurs && isMessageKey(title) && isMessageKey(description) ? { title, description } : null
}
