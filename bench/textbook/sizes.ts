import { codesOf, headAccuracy, lessonOf } from './heads.ts'
import { errors, judge, percents, points, thousandths, type Found } from './figures.ts'
import { measured, usual, type Lab } from './lab.ts'

const epochs = 15
const sizes = [2, 4, 8, 16, 32, 64, 128]
const perClass = 100

/** The run of `deep` with so many numbers a code. */
export const deepRun = (lab: Lab, size: number, seed: number): Promise<string> =>
  lab.train(`size-${size}-${seed}`, {
    recipe: 'deep',
    overrides: [`model.encoder.latentDim=${size}`, ...usual(seed, epochs)],
  })

/** Too small a code hurts. */
export async function codeSizes(lab: Lab): Promise<Found> {
  const found = new Map<number, { test: number; accuracy: number }[]>()
  for (const size of sizes)
    found.set(
      size,
      await lab.ofSeeds(`size-${size}`, async (seed) => {
        const run = await deepRun(lab, size, seed)
        const parts = await codesOf(lab, run)
        return {
          test: await lab.error(run, { split: 'test', limit: measured }),
          accuracy: await headAccuracy(lab, parts, lessonOf(parts.training, perClass, seed), seed),
        }
      }),
    )
  const of = (key: 'test' | 'accuracy', size: number): number[] => found.get(size)!.map((each) => each[key])
  const less = (key: 'test' | 'accuracy', a: number, b: number): number[] =>
    of(key, a).map((value, i) => value - of(key, b)[i]!)
  return {
    title: 'Too small a code hurts',
    protocol: `\`deep\` (784→256→128→code), ${epochs} epochs; held-out error in thousandths; accuracy of a head on ${10 * perClass} labels in percent.`,
    header: ['numbers a code', 'held-out error', 'accuracy'],
    rows: sizes.map((size) => [size, errors(of('test', size)), percents(of('accuracy', size))]),
    verdicts: [
      judge('2 numbers leave a larger error than 8', less('test', 2, 8), thousandths),
      judge('8 leave a larger error than 32', less('test', 8, 32), thousandths),
      judge('32 leave a larger error than 128', less('test', 32, 128), thousandths),
      judge('a head on 8 numbers knows more than one on 2', less('accuracy', 8, 2), points),
      judge('a head on 32 numbers knows more than one on 8', less('accuracy', 32, 8), points),
      judge('a head on 128 numbers knows more than one on 32', less('accuracy', 128, 32), points),
    ],
  }
}
