import type { TensorData } from '../../src-main/contract/tensors.ts'
import type { Backend } from '../../src-main/engine/backend/backend.ts'
import type { Dataset, Split } from '../../src-main/engine/data/dataset.ts'
import { openRunData, readTrainedRun, type TrainedRun } from '../../src-main/engine/jobs/trained-run.ts'
import { buildAutoencoder } from '../../src-main/engine/models/autoencoder.ts'
import { sizeOf } from '../../src-main/engine/models/layers.ts'
import { fitPca, reconstructPca, type Pca } from '../../src-main/engine/numeric/pca.ts'
import { createRandom } from '../../src-main/engine/numeric/random.ts'
import { readHistory } from '../../src-main/engine/storage/runs.ts'
import { drawAutoencoderInputs } from '../../src-main/engine/training/autoencoder-inputs.ts'
import { measureAutoencoder } from '../../src-main/engine/training/measure.ts'
import { sources } from '../../src-main/engine/training/sources.ts'

/** What a trained run does to the test split. Errors are squared, means over pixels or values. */
export interface Measured {
  parameters: number
  /** Of training. */
  seconds: number
  error: number
  /** Of what the network was given, where that is corrupted. */
  inputError: number | null
  /** Every term and measure of `darkroom evaluate`. */
  values: Record<string, number>
  /** Mean share of the code's units above 0.01 in a sample. */
  used: number
  /** Reconstruction loss on the validation split after the first epoch of the whole network. */
  firstEpoch: number
  /** Samples of the strip: what goes in, what is corrupted, what comes out, what is drawn from the prior. */
  strip: Float32Array[][]
}

interface Test {
  dataset: Dataset
  split: Split
  /** Indexes of the samples to show. */
  shown: Int32Array
}

const batch = 100
const usedAbove = 0.01

/** The test data of a run, as the run split and scaled them. */
export async function openTest(
  folder: string,
  data: { sources: string[]; labels: string | null },
  home: string,
) {
  const trained = await readTrainedRun(folder)
  const { dataset, split } = await openRunData(trained, data, {
    home,
    signal: new AbortController().signal,
    emit: () => undefined,
  })
  if (split === null) throw new Error(`${folder} was trained on other data`)
  return { trained, dataset, split, shown: oneOfEach(dataset, split.test) }
}

/** The first test sample of each class. */
function oneOfEach({ labels }: Dataset, test: Int32Array): Int32Array {
  const classes = labels?.names.map((_, label) => test.find((index) => labels.of[index] === label)) ?? []
  return Int32Array.from(classes.filter((index) => index !== undefined))
}

export async function measureRun(
  backend: Backend,
  trained: TrainedRun,
  { dataset, split, shown }: Test,
): Promise<Measured> {
  const { recipe, data, parameters } = trained.info
  if (recipe.model.type !== 'autoencoder') throw new Error('not an autoencoder')
  const model = buildAutoencoder(recipe.model, data.shape)
  const values = await measureAutoencoder(
    { backend, recipe, model, dataset, indexes: split.test },
    trained.weights,
  )
  const size = sizeOf(model.input)
  const program = await backend.compile(
    (state, { x }) => {
      const { code } = model.encode(state, x!)
      return { state, outputs: { code, output: model.decode(state, code).output } }
    },
    { state: trained.weights, inputs: { x: { shape: [batch, ...model.input], dtype: 'float32' } } },
  )
  const random = createRandom(recipe.seed).fork(sources.validation)
  /** Clean samples, what the network is given, its output and its code. */
  const pass = async (items: Int32Array) => {
    const filled = Int32Array.from({ length: batch }, (_, place) => items[place % items.length]!)
    const inputs = await drawAutoencoderInputs(recipe, model, {
      ...{ clean: await dataset.read(filled), count: batch, klWeight: 1, spare: undefined },
      randomOf: (place) => random.fork(filled[place]!),
    })
    const clean = (inputs['clean']!.data as Float32Array).slice(0, items.length * size)
    const given = (inputs['corrupted'] ?? inputs['clean']!).data as Float32Array
    const { output, code } = await program.run({ x: tensor([batch, ...model.input], given) })
    const real = (values: TensorData, each: number) =>
      (values.data as Float32Array).slice(0, items.length * each)
    return {
      ...{ clean, given: given.slice(0, clean.length) },
      ...{ output: real(output!, size), code: real(code!, sizeOf(model.code)) },
    }
  }

  const sums = { error: 0, input: 0, used: 0, codes: 0 }
  for (let from = 0; from < split.test.length; from += batch) {
    const { clean, given, output, code } = await pass(split.test.subarray(from, from + batch))
    sums.error += squaredError(clean, output)
    sums.input += squaredError(clean, given)
    sums.used += code.filter((h) => Math.abs(h) > usedAbove).length
    sums.codes += code.length
  }
  const strip: Float32Array[][] = []
  if (shown.length > 0) {
    const { clean, given, output } = await pass(shown)
    const rows = recipe.corruption.length > 0 ? [clean, given, output] : [clean, output]
    strip.push(...rows.map((row) => samplesOf(row, size)))
  }
  if (model.variational) strip.push(samplesOf(await drawPrior(backend, trained, shown.length), size))
  await program.dispose()

  const history = await readHistory(trained.path)
  const count = split.test.length * size
  return {
    ...{ parameters, values, strip, used: sums.used / sums.codes },
    ...{ error: sums.error / count, inputError: recipe.corruption.length > 0 ? sums.input / count : null },
    seconds: history.at(-1)?.seconds ?? NaN,
    firstEpoch:
      history.find((row) => row.stage === 'train' && row.epoch === 1)?.validation?.['reconstruction'] ?? NaN,
  }
}

/** Pictures that the decoder makes of codes from the standard normal distribution. */
async function drawPrior(
  backend: Backend,
  { info, weights }: TrainedRun,
  count: number,
): Promise<Float32Array> {
  if (info.recipe.model.type !== 'autoencoder') throw new Error('not an autoencoder')
  const model = buildAutoencoder(info.recipe.model, info.data.shape)
  const random = createRandom(info.recipe.seed)
  const shape = [count, ...model.code]
  const program = await backend.compile(
    (state, { z }) => ({ state, outputs: { output: model.decode(state, z!).output } }),
    { state: weights, inputs: { z: { shape, dtype: 'float32' } } },
  )
  const z = tensor(
    shape,
    Float32Array.from({ length: sizeOf(shape) }, () => random.normal()),
  )
  const { output } = await program.run({ z })
  await program.dispose()
  return output!.data as Float32Array
}

/** What simple models that are fitted to the training split do to the test split. */
export interface Baselines {
  /** Squared error of the training mean. */
  mean: number
  /** Of PCA, by the number of components. */
  pca: Map<number, number>
  /** Log-likelihood in nats a sample of independent Bernoulli pixels with the training means. */
  bernoulli: number
  pcaStrips: Map<number, Float32Array[]>
}

export async function measureBaselines(
  { dataset, split, shown }: Test,
  dimensions: number[],
): Promise<Baselines> {
  const size = sizeOf(dataset.shape)
  const [training, test, visible] = await Promise.all(
    [split.training, split.test, shown].map((part) => dataset.read(part)),
  )
  const pca: Pca = fitPca(training!, size, Math.max(...dimensions), createRandom(1))
  const at = (dimension: number): number =>
    squaredError(test!, reconstructPca(pca, test!, dimension)) / test!.length
  return {
    mean: at(0),
    pca: new Map(dimensions.map((dimension) => [dimension, at(dimension)])),
    bernoulli: bernoulli(pca.mean, test!),
    pcaStrips: new Map(
      dimensions.map((dimension) => [dimension, samplesOf(reconstructPca(pca, visible!, dimension), size)]),
    ),
  }
}

function bernoulli(means: Float64Array, rows: Float32Array): number {
  const logs = Array.from(means, (mean) => {
    const p = Math.min(Math.max(mean, 1e-4), 1 - 1e-4)
    return [Math.log(p), Math.log(1 - p)] as const
  })
  let total = 0
  rows.forEach((value, i) => {
    const [one, zero] = logs[i % means.length]!
    total += value * one + (1 - value) * zero
  })
  return (total / rows.length) * means.length
}

const tensor = (shape: number[], data: Float32Array): TensorData => ({ shape, dtype: 'float32', data })

function squaredError(a: Float32Array, b: Float32Array): number {
  let total = 0
  for (let i = 0; i < a.length; i++) total += (a[i]! - b[i]!) ** 2
  return total
}

const samplesOf = (values: Float32Array, size: number): Float32Array[] =>
  Array.from({ length: values.length / size }, (_, i) => values.subarray(i * size, (i + 1) * size))
