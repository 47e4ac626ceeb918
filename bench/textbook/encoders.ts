import { codesOf, headAccuracy, lessonOf, samplesOf } from './heads.ts'
import { judge, percents, points, type Found } from './figures.ts'
import { usual, type Lab } from './lab.ts'

const epochs = 15
const units = 'model.encoder.latentDim=256'
const encoders = [
  { name: 'contractive', recipe: 'contractive', overrides: [units], title: '`contractive`' },
  {
    ...{ name: 'sigmoid', recipe: 'contractive', title: '`contractive`, λ = 0: plain, sigmoid' },
    overrides: [units, 'penalties.0.weight=0'],
  },
  { name: 'denoising', recipe: 'denoising', overrides: [units], title: '`denoising`, ReLU' },
  {
    ...{ name: 'denoising-sigmoid', recipe: 'denoising', title: '`denoising`, sigmoid' },
    overrides: [units, 'model.encoder.activation=sigmoid'],
  },
  { name: 'relu', recipe: 'undercomplete', overrides: [units], title: 'plain, ReLU' },
  { name: 'sparse', recipe: 'sparse', overrides: [units], title: '`sparse`' },
]
const labels = [10, 100]

/** A contractive encoder beats a denoising one when only the encoder is used. */
export async function encodersAlone(lab: Lab): Promise<Found> {
  const accuracies = new Map<string, number[][]>()
  for (const { name, recipe, overrides } of encoders)
    accuracies.set(
      name,
      await lab.ofSeeds(`encoder-${name}`, async (seed, own) => {
        const run = await lab.train(own, { recipe, overrides: [...overrides, ...usual(seed, epochs)] })
        return accuraciesOf(lab, await codesOf(lab, run), seed)
      }),
    )
  accuracies.set(
    'pixels',
    await lab.ofSeeds('encoder-pixels', async (seed) => {
      // Any run of the seed has its split.
      const run = await lab.train(`encoder-relu-${seed}`, {
        recipe: 'undercomplete',
        overrides: [units, ...usual(seed, epochs)],
      })
      return accuraciesOf(lab, await samplesOf(lab, run), seed)
    }),
  )
  const titles = [...encoders, { name: 'pixels', title: 'pixels, no encoder' }]
  const at = (name: string, place: number): number[] => accuracies.get(name)!.map((each) => each[place]!)
  const against = (a: string, b: string, place: number): number[] =>
    at(a, place).map((value, i) => value - at(b, place)[i]!)
  return {
    title: 'A contractive encoder beats a denoising one when only the encoder is used',
    protocol: `256 units each, ${epochs} epochs; then the encoder alone, frozen, under the head of \`darkroom classify\`; share of test images that it knows, in percent.`,
    header: ['encoder', ...labels.map((perClass) => `${(10 * perClass).toLocaleString('en')} labels`)],
    rows: titles.map(({ name, title }) => [title, ...labels.map((_, place) => percents(at(name, place)))]),
    verdicts: labels.flatMap((perClass, place) => [
      judge(
        `${10 * perClass} labels: contractive is ahead of denoising (ReLU)`,
        against('contractive', 'denoising', place),
        points,
      ),
      judge(
        `${10 * perClass} labels: contractive is ahead of denoising (sigmoid)`,
        against('contractive', 'denoising-sigmoid', place),
        points,
      ),
      judge(
        `${10 * perClass} labels: contractive is ahead of the same network without the penalty`,
        against('contractive', 'sigmoid', place),
        points,
      ),
    ]),
  }
}

async function accuraciesOf(lab: Lab, parts: Parameters<typeof headAccuracy>[1], seed: number) {
  const found = []
  for (const perClass of labels)
    found.push(await headAccuracy(lab, parts, lessonOf(parts.training, perClass, seed), seed))
  return found
}
