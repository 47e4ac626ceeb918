import { readHistory } from '../../src-main/engine/storage/runs.ts'
import { errors, judge, thousandths, type Found, type Verdict } from './figures.ts'
import { measured, usual, type Lab } from './lab.ts'

const epochs = 20
const perLayer = 2
const networks = [
  { name: 'relu-3', activation: 'relu', units: [256, 128] },
  { name: 'sigmoid-3', activation: 'sigmoid', units: [256, 128] },
  { name: 'relu-6', activation: 'relu', units: [256, 128, 128, 64, 64] },
  { name: 'sigmoid-6', activation: 'sigmoid', units: [256, 128, 128, 64, 64] },
]

/** Greedy pretraining eases training deep ones, with epochs of pretraining counted. */
export async function pretraining(lab: Lab): Promise<Found> {
  const rows: Found['rows'] = []
  const verdicts: Verdict[] = []
  for (const { name, activation, units } of networks) {
    const depth = units.length + 1
    const layers = units.map((count) => ({ type: 'dense', units: count, activation }))
    const network = [`model.encoder.layers=${JSON.stringify(layers)}`]
    const first = `pretraining={"epochs":${perLayer},"rate":0.002}`
    const arms = [
      { arm: 'whole', title: `${epochs} epochs of the whole`, whole: epochs, before: [] },
      {
        ...{ arm: 'greedy', title: `${perLayer} a layer, then ${epochs - perLayer * depth} of the whole` },
        ...{ whole: epochs - perLayer * depth, before: [first] },
      },
    ]
    const tests: number[][] = []
    for (const { arm, title, whole, before } of arms) {
      const found = await lab.ofSeeds(`pretraining-${name}-${arm}`, async (seed, own) => {
        const overrides = [...network, ...usual(seed, whole), ...before]
        const run = await lab.train(own, { recipe: 'deep', overrides })
        const history = await readHistory(run)
        const begin = history.find((row) => row.stage === 'train' && row.validation !== null)
        return {
          begin: begin!.validation!['reconstruction']! / 784,
          test: await lab.error(run, { split: 'test', limit: measured }),
        }
      })
      const test = found.map((one) => one.test)
      tests.push(test)
      const begin = found.map((one) => one.begin)
      rows.push([`${depth} layers, ${activation}`, title, errors(begin), errors(test)])
    }
    verdicts.push(
      judge(
        `${depth} layers of ${activation}: with pretraining the held-out error is lower after as many epochs`,
        tests[0]!.map((value, i) => value - tests[1]![i]!),
        thousandths,
      ),
    )
  }
  return {
    title: 'Greedy pretraining eases training deep networks',
    protocol: `784→256→128→32 and 784→256→128→128→64→64→32, Adam; errors in thousandths; *first epoch*: on validation images after the first epoch of the whole.`,
    header: ['network', 'training', 'first epoch', 'held-out error'],
    ...{ rows, verdicts },
  }
}
