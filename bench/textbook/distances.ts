import { batched } from '../../src-main/engine/inference/latent-model.ts'
import { fitPca, projectPca } from '../../src-main/engine/numeric/pca.ts'
import { indexRows } from '../../src-main/engine/numeric/nearest.ts'
import { createRandom } from '../../src-main/engine/numeric/random.ts'
import { rowsAt } from '../../src-main/engine/numeric/subset.ts'
import { mean } from '../support.ts'
import { judge, percents, points, spread, type Found, type Verdict } from './figures.ts'
import { codesOf, convolutional, samplesOf, type Labelled } from './heads.ts'
import { usual, type Lab } from './lab.ts'
import { deepRun } from './sizes.ts'

const epochs = 15
const asked = 500
const neighbours = 10
const pairs = 500
const models = ['vae', 'deep'] as const
const midpoints = [
  { name: 'ends', title: 'the pictures themselves' },
  { name: 'blend', title: 'blend of pixels' },
  { name: 'decodedBlend', title: 'blend of the reconstructions’ pixels' },
  { name: 'decoded', title: 'decoded midpoint of codes' },
] as const
type Midpoint = (typeof midpoints)[number]['name']

interface Figures {
  /** Share of the nearest that are of the same class. */
  codes: number
  pixels: number
  components: number
  midpoints: Record<Midpoint, { distance: number; right: number; confidence: number }>
}

/** Distances and midpoints of codes mean more than those of pixels. */
export async function distances(lab: Lab): Promise<Found[]> {
  const found = new Map<string, Figures[]>()
  for (const model of models)
    found.set(
      model,
      await lab.ofSeeds(`distances-${model}`, async (seed) => {
        const run =
          model === 'deep'
            ? await deepRun(lab, 32, seed)
            : await lab.train(`vae-${seed}`, { recipe: 'vae', overrides: usual(seed, epochs) })
        return measure(lab, run, seed)
      }),
    )
  const all = (model: string): Figures[] => found.get(model)!
  const deep = all('deep')
  const near: Found = {
    title: 'Distances between codes mean more than distances between pixels',
    protocol: `Of ${asked} test images the share of the ${neighbours} nearest of 4,000 training images that are of the same class, in percent.`,
    header: ['distance between', 'same class'],
    rows: [
      ['pixels', percents(deep.map(({ pixels }) => pixels))],
      ['32 principal components', percents(deep.map(({ components }) => components))],
      ['codes of `deep`, 32 numbers', percents(deep.map(({ codes }) => codes))],
      ['codes of `vae`, 16 numbers', percents(all('vae').map(({ codes }) => codes))],
    ],
    verdicts: models.map((model) =>
      judge(
        `codes of \`${model}\` have more neighbours of the same class than pixels`,
        all(model).map(({ codes, pixels }) => codes - pixels),
        points,
      ),
    ),
  }
  const rows = models.flatMap((model) =>
    midpoints.map(({ name, title }) => {
      const own = all(model).map((figures) => figures.midpoints[name])
      return [
        ...[`\`${model}\``, title],
        spread(
          own.map(({ distance }) => distance),
          4,
        ),
        percents(own.map(({ right }) => right)),
        percents(own.map(({ confidence }) => confidence)),
      ]
    }),
  )
  const middle: Found = {
    title: 'Midpoints of codes mean more than midpoints of pixels',
    protocol: `Halfway between ${pairs} pairs of test images of one class: root mean square distance to the nearest of 4,000 training images; share that a convolutional classifier takes for that class, and its mean probability of it, in percent.`,
    header: ['network', 'halfway', 'distance', 'taken for the class', 'probability'],
    rows,
    verdicts: models.flatMap((model) => midpointVerdicts(model, all(model))),
  }
  return [near, middle]
}

function midpointVerdicts(model: string, found: Figures[]): Verdict[] {
  const differences = (other: Midpoint, key: 'distance' | 'right'): number[] =>
    found.map(({ midpoints: { [other]: theirs, decoded } }) =>
      key === 'distance' ? theirs[key] - decoded[key] : decoded[key] - theirs[key],
    )
  const distance = { factor: 1000, unit: 'thousandths' }
  return [
    judge(
      `\`${model}\`: nearer to a real image than the blend of pixels`,
      differences('blend', 'distance'),
      distance,
    ),
    judge(
      `\`${model}\`: nearer than the blend of the reconstructions, which is as soft`,
      differences('decodedBlend', 'distance'),
      distance,
    ),
    judge(
      `\`${model}\`: taken for the class more often than the blend of pixels`,
      differences('blend', 'right'),
      points,
    ),
    judge(
      `\`${model}\`: more often than the blend of the reconstructions`,
      differences('decodedBlend', 'right'),
      points,
    ),
  ]
}

async function measure(lab: Lab, run: string, seed: number): Promise<Figures> {
  const codes = await codesOf(lab, run)
  const samples = await samplesOf(lab, run)
  const random = createRandom(seed).fork(3)
  const pca = fitPca(samples.training.values, samples.training.size, 32, random)
  const projected = (part: Labelled): Labelled => ({
    ...part,
    ...{ values: projectPca(pca, part.values), size: 32 },
  })
  return {
    codes: sameClass(codes.training, codes.test),
    pixels: sameClass(samples.training, samples.test),
    components: sameClass(projected(samples.training), projected(samples.test)),
    midpoints: await halfway(lab, run, samples.training, samples.test, codes.test),
  }
}

function sameClass(training: Labelled, test: Labelled): number {
  const index = indexRows(training.values, training.size)
  const shares = Array.from({ length: asked }, (_, i) => {
    const point = test.values.subarray(i * test.size, (i + 1) * test.size)
    const { indexes } = index.nearest(point, neighbours)
    return indexes.filter((item) => training.of[item] === test.of[i]).length / neighbours
  })
  return mean(shares)
}

async function halfway(
  lab: Lab,
  run: string,
  training: Labelled,
  test: Labelled,
  codes: Labelled,
): Promise<Figures['midpoints']> {
  const random = createRandom(0)
  const drawn = Array.from({ length: pairs }, () => {
    const first = random.integer(test.of.length)
    const others = Array.from(test.of.keys()).filter((i) => i !== first && test.of[i] === test.of[first])
    return { first, second: others[random.integer(others.length)]! }
  })
  const [firsts, seconds] = [drawn.map(({ first }) => first), drawn.map(({ second }) => second)]
  const halfwayOf = (values: Float32Array, size: number): Float32Array => {
    const other = rowsAt(values, size, seconds)
    return rowsAt(values, size, firsts).map((value, i) => (value + other[i]!) / 2)
  }
  const latents = await lab.open(run, { split: 'test', limit: 1 })
  const reconstructions = await latents.model.decode(codes.values)
  const pictures: Record<Midpoint, Float32Array> = {
    ends: rowsAt(test.values, test.size, firsts),
    blend: halfwayOf(test.values, test.size),
    decodedBlend: halfwayOf(reconstructions, test.size),
    decoded: await latents.model.decode(halfwayOf(codes.values, codes.size)),
  }
  await latents.close()

  const everything = Int32Array.from({ length: training.of.length }, (_, i) => i)
  const { logits, weights, input } = await convolutional(lab, training, everything)
  const judgeOf = batched(lab.backend, (state, x) => ({ logits: logits(state, x) }), input, weights, 64)
  const index = indexRows(training.values, training.size)
  const classes = training.names.length
  const entries = []
  for (const { name } of midpoints) {
    const values = pictures[name]
    const { logits: found = new Float32Array() } = await judgeOf.run(values)
    const judged = firsts.map((first, i) => {
      const row = found.subarray(i * classes, (i + 1) * classes)
      const picture = values.subarray(i * test.size, (i + 1) * test.size)
      return {
        distance: index.nearest(picture, 1).distances[0]! / Math.sqrt(test.size),
        right: row.indexOf(Math.max(...row)) === test.of[first] ? 1 : 0,
        confidence: 1 / (1 + Math.exp(-row[test.of[first]!]!)),
      }
    })
    const average = (key: keyof (typeof judged)[number]): number => mean(judged.map((each) => each[key]))
    const figures = {
      distance: average('distance'),
      right: average('right'),
      confidence: average('confidence'),
    }
    entries.push([name, figures] as const)
  }
  await judgeOf.dispose()
  return Object.fromEntries(entries) as Figures['midpoints']
}
