import { DarkroomError } from '../../contract/errors.ts'
import type { ModelInterface } from '../../contract/models.ts'
import type { TensorData } from '../../contract/tensors.ts'
import type { Session } from '../backend/backend.ts'

/** Width and height in pixels. */
export interface Size {
  width: number
  height: number
}

/** One way to use a network that the shapes in its file allow. */
export interface Form extends Pick<ModelInterface, 'layout' | 'channels' | 'sigma'> {
  /** The only size that it takes, where the file says one. */
  fixed: Size | null
}

/** Where a denoiser takes a picture and a noise level, and where it gives the clean picture. */
export interface Ports {
  noisy: string
  /** Null for a network that takes no noise level. */
  sigma: string | null
  denoised: string
  /** At least one, the likeliest first. */
  forms: Form[]
}

type Layout = ModelInterface['layout']
type Declaration = Session['inputs'][string]
/** A text stands for any size. */
type Dimension = number | string

const shapeOf = (layout: Layout, channels: number, { width, height }: Size): number[] =>
  layout === 'NCHW' ? [1, channels, height, width] : [1, height, width, channels]

const mayBe = (dimension: Dimension, size: number): boolean =>
  typeof dimension === 'string' || dimension === size

/** Fewer pixels in a fixed side are no picture: the 3 in [1, 3, H, W] is no height. */
const smallestSide = 16

/** Channels, height and width of a float32 picture, or null for what cannot be one of so many channels. */
function pictureAxes({ shape, dtype }: Declaration, layout: Layout, channels: number): Dimension[] | null {
  const [batch, a, b, c] = shape
  if (shape.length !== 4 || dtype !== 'float32' || !mayBe(batch!, 1)) return null
  const axes = layout === 'NCHW' ? [a!, b!, c!] : [c!, a!, b!]
  const isTiny = axes.slice(1).some((length) => typeof length === 'number' && length < smallestSide)
  return mayBe(axes[0]!, channels) && !isTiny ? axes : null
}

/** A single number, of whatever rank: [], [1], [1, 1], [1, 1, 1, 1]. */
const isNumber = ({ shape, dtype }: Declaration): boolean =>
  dtype === 'float32' && shape.every((dimension) => mayBe(dimension, 1))

const everyForm = (['NCHW', 'NHWC'] as const).flatMap((layout) =>
  ([3, 1] as const).map((channels) => ({ layout, channels })),
)

const isPicture = (declaration: Declaration, ofChannels: readonly number[] = [1, 3]): boolean =>
  everyForm.some(
    ({ layout, channels }) =>
      ofChannels.includes(channels) && pictureAxes(declaration, layout, channels) !== null,
  )

/** Inputs and outputs with their types and shapes, for errors. */
function describePorts({ inputs, outputs }: Pick<Session, 'inputs' | 'outputs'>): string {
  const describe = (values: Session['inputs']): string =>
    Object.entries(values)
      .map(([name, { shape, dtype }]) => `${name} ${dtype} [${shape.map((d) => d || '?').join(', ')}]`)
      .join(' and ')
  return `${describe(inputs)} -> ${describe(outputs)}`
}

/** Of several inputs the noise level: by its name, or because it can be no picture, or a gray one beside a colour one. */
function findSigma(inputs: Session['inputs']): string | null {
  const names = Object.keys(inputs)
  const isColour = (name: string): boolean => isPicture(inputs[name]!, [3])
  if (names.length < 2) return null
  return (
    names.find((name) => /sigma|level|map|std/i.test(name)) ??
    names.find((name) => !isPicture(inputs[name]!)) ??
    (names.some(isColour) ? names.find((name) => !isColour(name)) : undefined) ??
    names[1]!
  )
}

/**
 * Finds a denoiser's ports by their shapes: one picture of one or three channels, at most one noise level, one result.
 * @throws model-incompatible naming the inputs and outputs that were found.
 */
export function findPorts(session: Pick<Session, 'inputs' | 'outputs'>): Ports {
  const { inputs, outputs } = session
  const sigma = findSigma(inputs)
  const [noisy, ...others] = Object.keys(inputs).filter((name) => name !== sigma)
  const [denoised, ...further] = Object.keys(outputs)
  const refuse = (expected: string): DarkroomError =>
    new DarkroomError('model-incompatible', { expected, received: describePorts(session) })
  if (noisy === undefined || others.length > 0) throw refuse('inputs: one picture, at most one noise level')
  if (denoised === undefined || further.length > 0) throw refuse('one output')

  const forms = everyForm.flatMap(({ layout, channels }): Form[] => {
    const axes = pictureAxes(inputs[noisy]!, layout, channels)
    if (axes === null || pictureAxes(outputs[denoised]!, layout, channels) === null) return []
    const form = { layout, channels, fixed: fixedSize(axes) }
    if (sigma === null) return [{ ...form, sigma: 'none' }]
    const level = inputs[sigma]!
    const map = pictureAxes(level, layout, 1)
    const isMap =
      map !== null && map.every((side, i) => i === 0 || typeof side === 'string' || side === axes[i])
    return [
      ...(isMap ? [{ ...form, sigma: 'map' as const }] : []),
      ...(isNumber(level) ? [{ ...form, sigma: 'number' as const }] : []),
    ]
  })
  if (forms.length === 0)
    throw refuse('float32 [1, 1 or 3, H, W] or [1, H, W, 1 or 3], a noise level as a map or a number')
  return { noisy, sigma, denoised, forms }
}

/** A side that the file leaves open beside a fixed one is taken to be as long. */
function fixedSize([, height, width]: Dimension[]): Size | null {
  const [first, last] = [height, width].filter((side) => typeof side === 'number')
  return first === undefined ? null : { height: first, width: last ?? first }
}

/**
 * Runs a network once.
 * @param planes [channels, height, width], black 0 and white 1.
 * @param sigma 8-bit scale; ignored by a network that takes none.
 * @returns the clean picture, as `planes`, not clipped.
 * @throws model-incompatible when the network does not take that size, or gives a picture of another one.
 */
export async function runNetwork(
  session: Session,
  ports: Ports,
  how: ModelInterface,
  planes: Float32Array,
  size: Size,
  sigma: number,
): Promise<Float32Array> {
  const { layout, channels, white } = how
  const shape = shapeOf(layout, channels, size)
  const inputs = { [ports.noisy]: tensor(shape, toNetwork(planes, how)) }
  if (ports.sigma !== null) {
    const declared = session.inputs[ports.sigma]!.shape
    const level = how.sigma === 'map' ? shapeOf(layout, 1, size) : declared.map(() => 1)
    const length = level.reduce((product, side) => product * side, 1)
    inputs[ports.sigma] = tensor(level, new Float32Array(length).fill((sigma / 255) * white))
  }
  const result = (await session.run(inputs))[ports.denoised]
  if (!(result?.data instanceof Float32Array) || result.shape.join() !== shape.join())
    throw new DarkroomError('model-incompatible', {
      expected: `${ports.denoised} [${shape.join(', ')}]`,
      received: result === undefined ? 'none' : describeResult(result, shape),
    })
  return fromNetwork(result.data, planes, how)
}

const tensor = (shape: number[], data: Float32Array): TensorData & { data: Float32Array } => ({
  shape,
  dtype: 'float32',
  data,
})

function describeResult({ dtype, shape }: TensorData, wanted: number[]): string {
  const isLarger = shape.length === wanted.length && shape.every((side, i) => side >= wanted[i]!)
  return `${dtype} [${shape.join(', ')}]${isLarger ? ': it enlarges pictures' : ''}`
}

/** How far apart planes and pixels lie in a tensor of a layout. */
const strides = ({ layout, channels }: ModelInterface, length: number) =>
  layout === 'NCHW' ? { plane: length / channels, pixel: 1 } : { plane: 1, pixel: channels }

function toNetwork(planes: Float32Array, how: ModelInterface): Float32Array {
  if (how.layout === 'NCHW' && how.white === 1) return planes
  const { plane, pixel } = strides(how, planes.length)
  const data = new Float32Array(planes.length)
  const pixels = planes.length / how.channels
  for (let i = 0, c = 0; c < how.channels; c++)
    for (let p = 0; p < pixels; p++) data[c * plane + p * pixel] = how.white * planes[i++]!
  return data
}

function fromNetwork(data: Float32Array, noisy: Float32Array, how: ModelInterface): Float32Array {
  if (how.layout === 'NCHW' && how.white === 1 && how.output === 'clean') return data
  const { plane, pixel } = strides(how, noisy.length)
  const planes = new Float32Array(noisy.length)
  const pixels = noisy.length / how.channels
  for (let i = 0, c = 0; c < how.channels; c++)
    for (let p = 0; p < pixels; p++, i++) {
      const value = data[c * plane + p * pixel]! / how.white
      planes[i] = how.output === 'clean' ? value : noisy[i]! - value
    }
  return planes
}
