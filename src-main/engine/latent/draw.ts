import { DarkroomError } from '../../contract/errors.ts'
import type { LatentSpec, SampleSource } from '../../contract/latent.ts'
import { drawFromMixture, fitMixture, type Mixture } from '../numeric/mixture.ts'
import { createRandom } from '../numeric/random.ts'
import { rowsAt } from '../numeric/subset.ts'
import type { OpenLatentModel } from '../inference/latent-model.ts'
import type { TrainedRun } from '../jobs/trained-run.ts'
import { sizeOf } from '../models/layers.ts'
import { checkSeveral } from './directions.ts'
import type { Latents } from './latents.ts'
import { encoderOf } from './model.ts'
import { priorCodes } from './prior.ts'
import { checkSpread } from './spread.ts'

/** Draws codes, by their number: number i of a seed is the same however many are asked for. */
export interface Drawer {
  /** [count, size], numbers `first` to `first + count − 1`. */
  draw(seed: number, first: number, count: number, temperature: number): Float32Array
  /** Class of draw `i`; null where draws are of no class. */
  labelOf: ((i: number) => string) | null
}

/** Items that a mixture is fitted to at most, drawn by a seed of their own: more hardly change it. */
const mostFitted = 8_000
/** Of the fit: draws of another seed come from the same mixture. */
const fitSeed = 0

/** N(0, temperature²) in every dimension. */
const priorDrawer = (size: number): Drawer => ({
  draw: (seed, first, count, temperature) =>
    priorCodes(seed, first, count, size).map((value) => temperature * value),
  labelOf: null,
})

/** What a mixture is fitted to. */
type Fitted = Pick<Latents, 'run' | 'codes' | 'size' | 'count' | 'zLogVar' | 'labels'>

/**
 * Opens a source of codes; of a mixture that is to fit it.
 * @param read hands out what the mixture is fitted to: nothing of it has to stay open.
 * @param steps asked for what is told how many of all these items are done, and awaited, every few milliseconds of the fit; throws to end it.
 * @throws as `read`; model-without-encoder, latents-unsuitable for a collapsed model, a single item, and per class
 *   for data without labels; argument-invalid for a class that there is not
 */
export async function openDrawer(
  source: SampleSource,
  { run, model }: { run: TrainedRun; model: OpenLatentModel },
  read: (spec: LatentSpec) => Promise<Fitted>,
  steps: (total: number) => (done: number) => Promise<void>,
): Promise<Drawer> {
  if (source.type === 'prior') return priorDrawer(sizeOf(model.code))
  encoderOf(run, model)
  const latents = await read(mixtureSpec(run.path, source))
  checkSeveral(latents)
  checkSpread(latents)
  const { codes, size, count } = latents
  const step = steps(count)
  const isOfClass = source.perClass || source.label !== null
  const groups = isOfClass ? classesOf(source.label, latents) : [{ label: null, points: codes }]
  const fitted: { label: string | null; mixture: Mixture }[] = []
  for (const [place, { label, points }] of groups.entries()) {
    const mixture = await fitMixture(points, size, {
      components: source.components,
      random: createRandom(fitSeed).fork(place),
      step: (share) => step(Math.round(((place + share) / groups.length) * count)),
    })
    fitted.push({ label, mixture })
  }
  return drawerOf(fitted)
}

/** The items that a mixture is fitted to. */
const mixtureSpec = (run: string, { data }: Extract<SampleSource, { type: 'mixture' }>): LatentSpec => ({
  ...{ run, data, split: data === null ? 'training' : 'all' },
  ...{ limit: mostFitted, seed: fitSeed },
})

/** From each mixture in turn. */
function drawerOf(parts: { label: string | null; mixture: Mixture }[]): Drawer {
  const { size } = parts[0]!.mixture
  const partOf = (i: number) => parts[i % parts.length]!
  return {
    draw(seed, first, count, temperature) {
      const source = createRandom(seed)
      const drawn = new Float32Array(count * size)
      for (let i = 0; i < count; i++) {
        const number = first + i
        drawn.set(drawFromMixture(partOf(number).mixture, source.fork(number), temperature), i * size)
      }
      return drawn
    },
    labelOf: parts[0]!.label === null ? null : (i) => partOf(i).label ?? '',
  }
}

/** Codes of each class that has any, or of one class. */
function classesOf(
  wanted: string | null,
  { run, codes, size, labels }: Fitted,
): { label: string; points: Float32Array }[] {
  if (labels === null)
    throw new DarkroomError('latents-unsuitable', {
      file: run.path,
      expected: 'data with labels (--labels), to draw per class',
      received: 'none',
    })
  const classes = labels.names
    .map((label, place) => {
      const items = Array.from(labels.of.keys()).filter((item) => labels.of[item] === place)
      return { label, points: rowsAt(codes, size, items) }
    })
    .filter(({ label, points }) => points.length > 0 && (wanted === null || label === wanted))
  if (classes.length > 0) return classes
  throw new DarkroomError('argument-invalid', {
    file: 'label',
    expected: labels.names.join(', '),
    received: wanted ?? '',
  })
}
