import { DarkroomError } from '../../contract/errors.ts'
import type { ModelInterface, StatedInterface } from '../../contract/models.ts'
import { psnr } from '../analysis/psnr.ts'
import type { Session } from '../backend/backend.ts'
import { createRandom } from '../numeric/random.ts'
import { runNetwork, type Form, type Ports, type Size } from './ports.ts'

/** Noise of the trial picture, 8-bit scale: what most networks are made for, blind ones too. */
const sigma = 25
/** dB by which a use must beat the noisy picture, and the next best use. Chance moves these figures by hundredths. */
const clear = 1
/** dB between two results from which they count as the same (they differ by less than 1/255): either use will do. */
const alike = 48
/** Side of the trial picture. */
const side = 128
/** Halvings by strides or pooling make powers of two, and so do the windows of transformers. `side` is one of each. */
const multiples = [1, 2, 4, 8, 16, 32, 64]

/** A picture and its noisy twin, [channels, height, width], black 0 and white 1. */
interface Trial {
  clean: Float32Array
  noisy: Float32Array
}

interface Attempt {
  use: ModelInterface
  denoised: Float32Array
  /** PSNR of the result, dB, and how much more that is than the noisy picture's. */
  quality: number
  gain: number
}

/**
 * Finds out how a network is to be used by trying it on a drawn picture with known noise: what is white, whether the
 * clean picture or the noise comes out, and what the sides must be a multiple of; layout, channels and the form of the
 * noise level too where the shapes in the file leave them open.
 * @param stated what is known already: it is not tried.
 * @throws model-incompatible when it cannot be run so; model-ambiguous with the fields that must be stated in `expected`.
 */
export async function findInterface(
  session: Session,
  ports: Ports,
  stated: StatedInterface,
): Promise<ModelInterface> {
  const forms = ports.forms.filter((form) =>
    (['layout', 'channels', 'sigma'] as const).every((key) => (stated[key] ?? form[key]) === form[key]),
  )
  if (forms.length === 0)
    throw new DarkroomError('model-incompatible', {
      expected: ports.forms
        .map(({ layout, channels, sigma }) => `layout ${layout}, channels ${channels}, sigma ${sigma}`)
        .join('; or '),
      received: JSON.stringify(stated),
    })
  let failure: unknown = null
  let best: Attempt | null = null
  for (const form of forms) {
    let attempts: Attempt[]
    try {
      attempts = await tryForm(session, ports, form, stated)
    } catch (thrown) {
      if (!isIncompatible(thrown)) throw thrown
      failure ??= thrown
      continue
    }
    const first = bestOf(attempts)
    // With nothing left to choose the person's word is taken: the network may be made for other noise.
    const isChosen = forms.length === 1 && attempts.length === 1
    if (isChosen || first.gain >= clear) {
      refuseRival(first, attempts)
      const multiple = stated.multiple ?? (await findMultiple(session, ports, form, first.use))
      return { ...first.use, multiple }
    }
    if (best === null || first.quality > best.quality) best = first
  }
  if (best === null) throw failure
  const formFields = (['layout', 'channels', 'sigma'] as const).filter(
    (field) => new Set(forms.map((form) => form[field])).size > 1,
  )
  const useFields = (['white', 'output'] as const).filter((field) => stated[field] === undefined)
  throw ambiguous([...formFields, ...useFields], [best])
}

const isIncompatible = (thrown: unknown): boolean =>
  thrown instanceof DarkroomError && thrown.detail.code === 'model-incompatible'

function ambiguous(fields: string[], attempts: Attempt[]): DarkroomError {
  const received = attempts
    .map(({ use, gain }) => `white ${use.white}, output ${use.output}: ${gain.toFixed(1)} dB gained`)
    .join('; ')
  return new DarkroomError('model-ambiguous', { expected: fields.join(', '), received })
}

const isAlike = (a: Attempt, b: Attempt): boolean => a === b || psnr(a.denoised, b.denoised, 1) > alike

/** The best attempt, or the first one that gives the same. */
function bestOf(attempts: Attempt[]): Attempt {
  const best = attempts.reduce((a, b) => (b.quality > a.quality ? b : a))
  return attempts.find((attempt) => isAlike(attempt, best))!
}

/** Throws where another use is nearly as good as the best one, and gives something else. */
function refuseRival(first: Attempt, attempts: Attempt[]): void {
  const others = attempts.filter((attempt) => !isAlike(attempt, first))
  if (others.length === 0) return
  const rival = bestOf(others)
  if (first.quality - rival.quality >= clear) return
  const fields = (['white', 'output'] as const).filter((field) => first.use[field] !== rival.use[field])
  throw ambiguous(fields, [first, rival])
}

/** The result of every use that is not ruled out by what is stated. */
async function tryForm(
  session: Session,
  ports: Ports,
  { fixed, ...form }: Form,
  stated: StatedInterface,
): Promise<Attempt[]> {
  const multiple = stated.multiple ?? 1
  const fullSide = Math.ceil(side / multiple) * multiple
  const size = fixed ?? { width: fullSide, height: fullSide }
  const { clean, noisy } = drawTrial(size, form.channels)
  const noisyQuality = psnr(noisy, clean, 1)
  const attempts: Attempt[] = []
  for (const white of stated.white === undefined ? ([1, 255] as const) : [stated.white]) {
    const use = { ...form, white, output: 'clean', multiple } as const
    const result = await runNetwork(session, ports, use, noisy, size, sigma)
    for (const output of stated.output === undefined ? (['clean', 'noise'] as const) : [stated.output]) {
      const denoised = output === 'clean' ? result : result.map((value, i) => noisy[i]! - value)
      const measured = psnr(denoised, clean, 1)
      const quality = Number.isNaN(measured) ? -Infinity : measured
      attempts.push({ use: { ...use, output }, denoised, quality, gain: quality - noisyQuality })
    }
  }
  return attempts
}

/** The smallest multiple by which the network runs. */
async function findMultiple(
  session: Session,
  ports: Ports,
  { fixed, channels }: Form,
  use: ModelInterface,
): Promise<number> {
  if (fixed !== null) return 1
  for (const multiple of multiples.slice(0, -1)) {
    // A multiple of this one and of no larger one.
    const size = { width: side / 2 + multiple, height: side / 2 + multiple }
    try {
      await runNetwork(session, ports, use, drawTrial(size, channels).noisy, size, sigma)
      return multiple
    } catch (thrown) {
      if (!isIncompatible(thrown)) throw thrown
    }
  }
  return multiples.at(-1)!
}

/** What photographs have: shades, edges, and fine texture in a corner. Its noise is not clipped, as networks are trained. */
function drawTrial({ width, height }: Size, channels: 1 | 3): Trial {
  const random = createRandom(1)
  const clean = new Float32Array(channels * width * height)
  let i = 0
  for (let channel = 0; channel < channels; channel++)
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++, i++) {
        const [u, v] = [x / width, y / height]
        const shade = 0.25 + 0.3 * u + 0.2 * v * (channel / 2)
        const disc = Math.hypot(u - 0.35, v - 0.4) < 0.22 ? 0.3 - 0.2 * channel : 0
        const bar = Math.abs(u - v - 0.3) < 0.05 ? -0.2 : 0
        const texture = u > 0.6 && v > 0.6 ? 0.04 * Math.sin(x) * Math.sin(0.7 * y) : 0
        clean[i] = shade + disc + bar + texture
      }
  return { clean, noisy: clean.map((value) => value + (sigma / 255) * random.normal()) }
}
