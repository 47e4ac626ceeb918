import type { DataSource } from '../../src-main/contract/dataset.ts'
import { fitPca, reconstructPca } from '../../src-main/engine/numeric/pca.ts'
import { createRandom } from '../../src-main/engine/numeric/random.ts'
import { errors, judge, thousandths, type Found } from './figures.ts'
import { measured, splitOf, type Lab, type Part } from './lab.ts'

const units = 32
const steps = 400
const recipe = 'undercomplete'
/** Items to train on, of one class, of all, and emoji. */
const training = 600
const someOfAll = splitOf(training)
/** Of the 2,000 images of a class, and of 1,792 emoji. */
const someOfFew = ['split.validation=0.05', 'split.test=0.65', 'checkpointEvery=1000000']
const kinds = [
  { label: '1', title: 'trousers' },
  { label: '8', title: 'bags' },
  { label: '9', title: 'ankle boots' },
]

interface Errors {
  network: { own: number; others: number }
  pca: { own: number; others: number }
  /** Of a network trained on as many images of all classes. */
  mixed: { own: number; others: number }
}

/** An autoencoder is data-specific: trained on one kind, poor on another. */
export async function dataSpecific(lab: Lab): Promise<Found[]> {
  return [await oneClass(lab), await otherPictures(lab)]
}

async function oneClass(lab: Lab): Promise<Found> {
  const names = Array.from({ length: 10 }, (_, label) => `${label}`)
  const rows: Found['rows'] = []
  const verdicts: Found['verdicts'] = []
  for (const { label, title } of kinds) {
    const own: DataSource = { ...lab.fashion, only: [label] }
    const others: DataSource = { ...lab.fashion, only: names.filter((name) => name !== label) }
    const found = await lab.ofSeeds(`specific-${label}`, async (seed, name): Promise<Errors> => {
      const run = await lab.train(name, { recipe, overrides: plan(seed, someOfFew), data: own })
      const mixed = await lab.train(`specific-all-${seed}`, { recipe, overrides: plan(seed, someOfAll) })
      const heldOut: Part = { split: 'test', limit: measured }
      const rest: Part = { split: 'all', data: others, limit: measured }
      return {
        network: { own: await lab.error(run, heldOut), others: await lab.error(run, rest) },
        pca: await pcaErrors(lab, run, heldOut, rest, seed),
        mixed: {
          own: await lab.error(mixed, { split: 'all', data: own, limit: measured }),
          others: await lab.error(mixed, rest),
        },
      }
    })
    const of = (who: keyof Errors, where: 'own' | 'others'): number[] => found.map((each) => each[who][where])
    rows.push(
      ...[
        [`network, ${title} alone`, 'network'] as const,
        [`${units} principal components, ${title} alone`, 'pca'] as const,
        ['network, all classes', 'mixed'] as const,
      ].map(([who, key]) => [title, who, errors(of(key, 'own')), errors(of(key, 'others'))]),
    )
    verdicts.push(
      judge(
        `trained on ${title} alone it is worse on the other classes than one trained on all`,
        of('network', 'others').map((value, i) => value - of('mixed', 'others')[i]!),
        thousandths,
      ),
      judge(
        `and better on ${title}`,
        of('mixed', 'own').map((value, i) => value - of('network', 'own')[i]!),
        thousandths,
      ),
    )
  }
  return {
    title: 'An autoencoder is data-specific: classes',
    protocol: `\`undercomplete\` with ${units} units, ${steps} steps on about ${training} images; errors in thousandths.`,
    header: ['class', 'trained', 'error on that class', 'on the other nine'],
    ...{ rows, verdicts },
  }
}

/** Fashion and emoji (Noto, gray, 28×28): each network on both. */
async function otherPictures(lab: Lab): Promise<Found> {
  const kinds = [
    { run: 'specific-all', title: 'Fashion-MNIST', data: lab.fashion, split: someOfAll },
    { run: 'specific-emoji', title: 'emoji', data: lab.emoji, split: someOfFew },
  ]
  /** [trained on][measured on] */
  const found = await lab.ofSeeds('specific-kinds', async (seed) => {
    const all: number[][] = []
    for (const trained of kinds) {
      const { data, split } = trained
      const run = await lab.train(`${trained.run}-${seed}`, { recipe, overrides: plan(seed, split), data })
      const row: number[] = []
      for (const on of kinds)
        row.push(
          await lab.error(run, {
            ...(on === trained ? { split: 'test' } : { split: 'all', data: on.data }),
            limit: measured,
          }),
        )
      all.push(row)
    }
    return all
  })
  const of = (trained: number, on: number): number[] => found.map((each) => each[trained]![on]!)
  const more = (on: number): number[] => of(1 - on, on).map((value, i) => value - of(on, on)[i]!)
  return {
    title: 'An autoencoder is data-specific: other pictures',
    protocol: `The same network, ${steps} steps on about ${training} images of each; emoji are Noto’s, gray, 28×28; errors in thousandths.`,
    header: ['trained on', ...kinds.map(({ title }) => `error on ${title}`)],
    rows: kinds.map(({ title }, trained) => [title, ...kinds.map((_, on) => errors(of(trained, on)))]),
    verdicts: [
      judge('on Fashion-MNIST one trained on emoji is worse', more(0), thousandths),
      judge('on emoji one trained on Fashion-MNIST is worse', more(1), thousandths),
    ],
  }
}

const plan = (seed: number, split: string[]): string[] => [
  ...[`model.encoder.latentDim=${units}`, `steps=${steps}`, `seed=${seed}`, 'validateEvery=200'],
  ...split,
]

async function pcaErrors(lab: Lab, run: string, own: Part, rest: Part, seed: number): Promise<Errors['pca']> {
  const rowsOf = async (part: Part): Promise<Float32Array> => {
    const latents = await lab.open(run, part)
    const rows = await latents.read(Int32Array.from({ length: latents.count }, (_, i) => i))
    await latents.close()
    return rows
  }
  const pca = fitPca(await rowsOf({ split: 'training' }), 784, units, createRandom(seed))
  const errorOf = (rows: Float32Array): number => {
    const kept = reconstructPca(pca, rows, units)
    return rows.reduce((sum, value, i) => sum + (value - kept[i]!) ** 2, 0) / rows.length
  }
  return { own: errorOf(await rowsOf(own)), others: errorOf(await rowsOf(rest)) }
}
