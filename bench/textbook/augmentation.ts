import { drawFromMixture, fitMixture } from '../../src-main/engine/numeric/mixture.ts'
import { createRandom, type Random } from '../../src-main/engine/numeric/random.ts'
import { rowsAt } from '../../src-main/engine/numeric/subset.ts'
import { judge, percents, points, type Found } from './figures.ts'
import {
  accuracyOf,
  codesOf,
  convolutional,
  headAccuracy,
  lessonOf,
  samplesOf,
  type Labelled,
} from './heads.ts'
import { usual, type Lab } from './lab.ts'

const epochs = 15
const perClass = 10
/** What is made of each class. */
const made = 90
const side = 28
/** Pixels that images are moved by at most. */
const shift = 2

const arms = [
  { key: 'labels', title: '100 labels alone' },
  { key: 'mixture', title: '+ 900 draws per class (`sample --per-class`)' },
  { key: 'interpolated', title: '+ 900 between two codes of a class' },
  { key: 'blended', title: '+ 900 between two images of a class' },
  { key: 'moved', title: '+ 900 images moved by up to 2 pixels' },
] as const
type Arm = (typeof arms)[number]['key']
type Accuracies = Record<Arm, { images: number; codes: number }>

/** A VAE enlarges a small labelled set: draws of each class, or what lies between two of a class. */
export async function augmentation(lab: Lab): Promise<Found> {
  const found = await lab.ofSeeds('augmentation', async (seed) =>
    measure(lab, await lab.train(`vae-${seed}`, { recipe: 'vae', overrides: usual(seed, epochs) }), seed),
  )
  const of = (arm: Arm, on: 'images' | 'codes'): number[] => found.map((each) => each[arm][on])
  return {
    title: 'A generative model enlarges a small labelled set',
    protocol: `${perClass} labels a class; the \`vae\` has seen 4,000 images without labels. A convolutional network from scratch on images, as many steps each time; and the head of \`darkroom classify\` on codes of the VAE. Share of test images known, in percent.`,
    header: ['learned from', 'from scratch, on images', 'head, on codes'],
    rows: arms.map(({ key, title }) => [title, percents(of(key, 'images')), percents(of(key, 'codes'))]),
    verdicts: (['images', 'codes'] as const).flatMap((on) =>
      arms
        .filter(({ key }) => key !== 'labels')
        .map(({ key, title }) =>
          judge(
            `${title.slice(2)} help ${on === 'images' ? 'a network from scratch' : 'a head on codes'}`,
            of(key, on).map((value, i) => value - of('labels', on)[i]!),
            points,
          ),
        ),
    ),
  }
}

async function measure(lab: Lab, run: string, seed: number): Promise<Accuracies> {
  const codes = await codesOf(lab, run)
  const samples = await samplesOf(lab, run)
  const { items, classes, names } = lessonOf(codes.training, perClass, seed)
  const groups = names.map((_, label) => Array.from(items).filter((_, i) => classes[i] === label))
  const latents = await lab.open(run, { split: 'test', limit: 1 })
  const found: Partial<Accuracies> = {}
  for (const { key } of arms) {
    const random = createRandom(seed).fork(10)
    const more = { images: [] as number[], codes: [] as number[], of: [] as number[] }
    for (const [label, group] of groups.entries()) {
      if (key === 'labels') break
      const own = { images: rowsAt(samples.training.values, samples.training.size, group) }
      const ownCodes = rowsAt(codes.training.values, codes.training.size, group)
      const extra = await makeMore(
        key,
        { ...own, codes: ownCodes, size: codes.training.size },
        latents.model,
        random,
      )
      more.images.push(...extra.images)
      more.codes.push(...extra.codes)
      more.of.push(...new Array<number>(made).fill(label))
    }
    found[key] = {
      images: await onImages(lab, samples.training, samples.test, { items, more }),
      codes: await onCodes(lab, codes, { items, classes, more }, seed),
    }
  }
  await latents.close()
  return found as Accuracies
}

interface More {
  images: number[]
  codes: number[]
  of: number[]
}
type Model = Awaited<ReturnType<Lab['open']>>['model']

/** `made` more of one class, as images and as the codes of these. */
async function makeMore(
  arm: Exclude<Arm, 'labels'>,
  { images, codes, size }: { images: Float32Array; codes: Float32Array; size: number },
  model: Model,
  random: Random,
): Promise<{ images: Float32Array; codes: Float32Array }> {
  const count = codes.length / size
  const between = (values: Float32Array, length: number): Float32Array => {
    const all = new Float32Array(made * length)
    for (let i = 0; i < made; i++) {
      const [a, b, t] = [random.integer(count), random.integer(count), random.uniform()]
      for (let j = 0; j < length; j++)
        all[i * length + j] = (1 - t) * values[a * length + j]! + t * values[b * length + j]!
    }
    return all
  }
  switch (arm) {
    case 'mixture': {
      const mixture = await fitMixture(codes, size, { components: null, random })
      const drawn = new Float32Array(made * size)
      for (let i = 0; i < made; i++) drawn.set(drawFromMixture(mixture, random, 1), i * size)
      return { images: await model.decode(drawn), codes: drawn }
    }
    case 'interpolated': {
      const drawn = between(codes, size)
      return { images: await model.decode(drawn), codes: drawn }
    }
    case 'blended':
    case 'moved': {
      const pictures = arm === 'blended' ? between(images, side * side) : moved(images, random)
      return { images: pictures, codes: (await model.encode!(pictures)).code }
    }
  }
}

function moved(images: Float32Array, random: Random): Float32Array {
  const all = new Float32Array(made * side * side)
  for (let i = 0; i < made; i++) {
    const from = random.integer(images.length / side ** 2) * side ** 2
    const [dy, dx] = [random.integer(2 * shift + 1) - shift, random.integer(2 * shift + 1) - shift]
    for (let y = Math.max(0, dy); y < Math.min(side, side + dy); y++)
      for (let x = Math.max(0, dx); x < Math.min(side, side + dx); x++)
        all[(i * side + y) * side + x] = images[from + (y - dy) * side + x - dx]!
  }
  return all
}

/** Without more the labels are gone through as often as with more. */
async function onImages(
  lab: Lab,
  training: Labelled,
  test: Labelled,
  { items, more }: { items: Int32Array; more: More },
): Promise<number> {
  const all: Labelled = {
    ...training,
    values: joined(training.values, more.images),
    of: Int32Array.from([...training.of, ...more.of]),
  }
  const added = more.of.map((_, i) => training.of.length + i)
  const repeats = added.length > 0 ? [...items, ...added] : repeated(items, (made + perClass) / perClass)
  const { weights, logits, input } = await convolutional(lab, all, Int32Array.from(repeats))
  return accuracyOf(lab.backend, logits, weights, input, test)
}

function onCodes(
  lab: Lab,
  { training, test }: { training: Labelled; test: Labelled },
  { items, classes, more }: { items: Int32Array; classes: Int32Array; more: More },
  seed: number,
): Promise<number> {
  const values = joined(training.values, more.codes)
  const added = more.of.map((_, i) => training.of.length + i)
  const lesson = {
    items: Int32Array.from([...items, ...added]),
    classes: Int32Array.from([...classes, ...more.of]),
  }
  return headAccuracy(lab, { training: { ...training, values }, test }, lesson, seed)
}

const repeated = (items: Int32Array, times: number): number[] =>
  Array.from({ length: items.length * times }, (_, i) => items[i % items.length]!)

function joined(values: Float32Array, more: number[]): Float32Array {
  const all = new Float32Array(values.length + more.length)
  all.set(values)
  all.set(more, values.length)
  return all
}
