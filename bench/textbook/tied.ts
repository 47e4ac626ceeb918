import { readRun } from '../../src-main/engine/storage/runs.ts'
import { errors, judge, thousandths, type Found, type Verdict } from './figures.ts'
import { measured, splitOf, type Lab } from './lab.ts'

const steps = 600
const items = [200, 1000, 4000]
const networks = [
  { name: 'tied', recipe: 'tied', overrides: [], title: '`tied`' },
  { name: 'untied', recipe: 'undercomplete', overrides: [], title: '`undercomplete`' },
  {
    ...{ name: 'half', recipe: 'undercomplete', title: '`undercomplete`, 32 units' },
    overrides: ['model.encoder.latentDim=32'],
  },
]

/** Tied weights halve the parameters and curb overfitting; beside them an untied network of as few parameters. */
export async function tied(lab: Lab): Promise<Found> {
  const rows: Found['rows'] = []
  const verdicts: Verdict[] = []
  for (const count of items) {
    const gaps = new Map<string, number[]>()
    const tests = new Map<string, number[]>()
    for (const { name, recipe, overrides, title } of networks) {
      const found = await lab.ofSeeds(`tied-${name}-${count}`, async (seed, own) => {
        const protocol = [`steps=${steps}`, `seed=${seed}`, 'validateEvery=200', ...splitOf(count)]
        const run = await lab.train(own, { recipe, overrides: [...overrides, ...protocol] })
        return {
          parameters: (await readRun(run)).parameters,
          training: await lab.error(run, { split: 'training', limit: measured }),
          test: await lab.error(run, { split: 'test', limit: measured }),
        }
      })
      const gap = found.map(({ training, test }) => test - training)
      gaps.set(name, gap)
      tests.set(
        name,
        found.map(({ test }) => test),
      )
      rows.push([
        ...[count, title, found[0]!.parameters.toLocaleString('en')],
        errors(found.map(({ training }) => training)),
        errors(tests.get(name)!),
        errors(gap),
      ])
    }
    const less = (of: Map<string, number[]>, other: string): number[] =>
      of.get(other)!.map((value, i) => value - of.get('tied')![i]!)
    verdicts.push(
      judge(`${count} images: tied weights narrow the gap`, less(gaps, 'untied'), thousandths),
      judge(`${count} images: and the held-out error is lower`, less(tests, 'untied'), thousandths),
      judge(
        `${count} images: lower than that of an untied network of as few parameters`,
        less(tests, 'half'),
        thousandths,
      ),
    )
  }
  return {
    title: 'Tied weights halve the parameters and curb overfitting',
    protocol: `64 units, ${steps} steps on 200, 1,000 or 4,000 images; errors of ${measured} images, in thousandths.`,
    header: ['images', 'network', 'parameters', 'training error', 'held-out error', 'gap'],
    ...{ rows, verdicts },
  }
}
