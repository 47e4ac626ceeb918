import type { RecipeDescription } from '../../src-main/contract/runs.ts'
import { deepAt, dimensions, families, protocol } from './families.ts'
import type { Baselines, Measured } from './measure.ts'

export interface Results {
  machine: string
  /** By the name of the run. */
  images: Map<string, Measured>
  baselines: Baselines
  signals: { runs: Map<string, Measured>; baselines: Baselines } | null
  /** Samples in the three parts of the split. */
  split: { training: number; validation: number; test: number }
  /** Weights of a 7→5→3→5→7 network without biases, plain and tied. */
  small: { plain: RecipeDescription; tied: RecipeDescription }
}

export const picturesFolder = 'pictures/autoencoders'

const table = (header: string[], rows: (string | number)[][]): string =>
  [header, header.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')

/** Squared error of a pixel, in thousandths. */
const error = (value: number): string => (1000 * value).toFixed(2)
const percent = (value: number): string => `${(100 * value).toFixed(value < 0.1 ? 1 : 0)} %`
const count = (value: number): string => value.toLocaleString('en-US')
const decibels = (value: number): string => (-10 * Math.log10(value)).toFixed(2)

export function writePage(results: Results): string {
  const { split, images } = results
  const runs = (name: string): Measured => images.get(name)!
  return `<!-- Written by bench/autoencoders.ts; change it there. -->
# Autoencoders

Every family that the program trains, with its formula, where it comes from, and what it does under one protocol: Fashion-MNIST
(Xiao, Rasul & Vollgraf 2017; the first 20,000 training images), split once into ${count(split.training)} to train, ${count(split.validation)} to validate and ${count(split.test)} to test, each
class alike; ${protocol.epochs} epochs in batches of 128, Adam, seed ${protocol.seed}. Errors are squared, means over the pixels (0 to 1) of the test images, in
thousandths. Times are of training, on ${results.machine}, with other work going on: a hint, no more.

\`npx tsx bench/autoencoders.ts\` trains all of it, goes on where it was stopped, and writes this page.

${summary(results)}

${families.map((family) => section(family, runs(family.recipe))).join('\n\n')}

${againstPca(results)}

## Trained layer by layer, or end to end

${stacked(results)}

## Tied weights

${tied(results)}

## Sparse codes with more units than pixels

${sparse(results)}

## How much the code moves

${contractive(results)}

## Denoisers

${denoisers(results)}

## Variational autoencoders

${variational(results)}
${results.signals === null ? '' : `\n${signals(results.signals)}\n`}`
}

function summary({ images, baselines }: Results): string {
  const rows = families.map(({ recipe }) => {
    const { error: mse, parameters, seconds, values, inputError } = images.get(recipe)!
    const code = values['active'] === undefined ? '' : percent(values['active'])
    return [
      `[\`${recipe}\`](#${recipe})`,
      inputError === null ? error(mse) : `${error(mse)} (of ${error(inputError)})`,
      count(parameters),
      seconds.toFixed(0),
      code,
      values['elbo']?.toFixed(1) ?? '',
    ]
  })
  return `${table(
    ['recipe', 'test error', 'parameters', 'seconds', 'units in use', 'ELBO, nats'],
    [...rows, ['mean image', error(baselines.mean), '', '', '', '']],
  )}

Of denoisers the error is that against the clean image, in brackets that of what they were given. A unit of the code is in use when its mean
activity over the test images (of variational models its mean KL, in nats) is above 0.01. ELBO: the evidence lower bound of a test image.`
}

function section(
  { recipe, title, formula, paper, words }: (typeof families)[number],
  { strip }: Measured,
): string {
  const rows = [
    'images',
    ...(strip.length === 3 && !recipe.includes('vae') ? ['what it sees'] : []),
    'what it makes of them',
  ]
  if (recipe.includes('vae')) rows.push('pictures drawn from the prior')
  return `## ${recipe}

**${title}.** ${words}

$$${formula}$$

${paper}.

\`darkroom train <folder> --recipe ${recipe} --out runs/${recipe}\`

![${rows.join(', ')}](${picturesFolder}/${recipe}.png)`
}

function againstPca({ images, baselines }: Results): string {
  const rows = dimensions.map((dimension) => {
    const [deep, pca] = [images.get(deepAt(dimension))!.error, baselines.pca.get(dimension)!]
    return [dimension, error(pca), error(deep), `${((deep / pca - 1) * 100).toFixed(0)} %`]
  })
  return `## Deep codes against PCA

Test error of \`deep\` with codes of 2, 10, 32 and 64 numbers (\`--set model.encoder.latentDim=N\`, ${protocol.epochs} epochs), and of as many principal components
of the same training images.

${table(['numbers', 'PCA', '`deep`', 'difference'], rows)}

The fewer the numbers, the more a curved code gains. With 64 the flat one has nearly all that there is, at once; the network would
have to be trained for longer.

![From the top: test images; PCA with 2 components, \`deep\` with 2; PCA with 10, \`deep\` with 10](${picturesFolder}/pca.png)`
}

function stacked({ images }: Results): string {
  const rows = (
    [
      ['`deep`', 'deep'],
      ['`deep`, 15 epochs longer', 'deep-longer'],
      ['`stacked`: 5 epochs a layer before', 'stacked'],
    ] as const
  ).map(([name, run]) => {
    const { error: mse, firstEpoch, seconds } = images.get(run)!
    return [name, firstEpoch.toFixed(1), error(mse), seconds.toFixed(0)]
  })
  return `One network, three ways. Pretraining shows in where the whole begins: its validation loss (squared error of an image) after one epoch.

${table(['', 'after one epoch', 'test error at the end', 'seconds'], rows)}

Pretraining gives the better start, and the better end after as many epochs of the whole. With its own epochs counted, training the whole for
longer is better still: layers like ReLU and steps like Adam's have taken away the need that pretraining was invented for.`
}

function tied({ images, small }: Results): string {
  const rows = ['undercomplete', 'tied'].map((run) => {
    const { parameters, error: mse } = images.get(run)!
    return [`\`${run}\``, count(parameters), error(mse)]
  })
  return `${table(['', 'parameters', 'test error'], rows)}

Of a 7→5→3→5→7 network without biases ${small.plain.parameters} weights become ${small.tied.parameters}.`
}

function sparse({ images }: Results): string {
  const rows = ['sparse', 'sparse-kl'].flatMap((recipe) =>
    [recipe, `${recipe}-free`].map((run) => {
      const { error: mse, used, values } = images.get(run)!
      const penalty = values[recipe === 'sparse' ? 'l1' : 'sparsity'] ?? NaN
      return [
        `\`${recipe}\`${run === recipe ? '' : ', λ = 0'}`,
        penalty.toFixed(1),
        percent(used),
        percent(values['active']!),
        error(mse),
      ]
    }),
  )
  return `1,024 units for 784 pixels. *In use for an image*: the mean share of units above 0.01 in one image; *in use at all*: as in the first table.

${table(['', 'penalty before λ', 'in use for an image', 'in use at all', 'test error'], rows)}`
}

function contractive({ images }: Results): string {
  const rows = ['contractive', 'contractive-free'].map((run) => {
    const { error: mse, values } = images.get(run)!
    const name = run === 'contractive' ? '`contractive`' : '`contractive`, λ = 0'
    return [name, values['contractive']!.toFixed(2), error(mse)]
  })
  return `Σ ‖∇ₓhᵢ‖² of the encoder, mean over the test images, exact, with the penalty and without.

${table(['', 'Σ ‖∇ₓhᵢ‖²', 'test error'], rows)}`
}

function denoisers({ images }: Results): string {
  const rows = families
    .filter(({ recipe }) => recipe.includes('denoising'))
    .map(({ recipe }) => {
      const { error: mse, inputError } = images.get(recipe)!
      return [`\`${recipe}\``, decibels(inputError!), decibels(mse)]
    })
  return `PSNR in dB (data range 1, of the mean squared error), against the clean images.

${table(['', 'what it sees', 'what it makes of it'], rows)}`
}

function variational({ images, baselines }: Results): string {
  const rows = ['vae', 'conv-vae', 'beta-vae'].map((run) => {
    const { values } = images.get(run)!
    return [`\`${run}\``, values['elbo']!.toFixed(1), values['kl']!.toFixed(1), percent(values['active']!)]
  })
  return `Bernoulli likelihood of gray values, nats an image. The simplest model that there is, every pixel by itself with its training mean, has a log-likelihood of
${baselines.bernoulli.toFixed(1)}.

${table(['', 'ELBO', 'KL', 'dimensions in use'], rows)}`
}

function signals({ runs, baselines }: NonNullable<Results['signals']>): string {
  const rows = [...runs].map(([name, { error: mse, parameters, seconds }]) => [
    `\`${name}\``,
    error(mse),
    count(parameters),
    seconds.toFixed(0),
  ])
  return `## Signals

ECG5000 (Goldberger et al. 2000; UCR archive): 3,500 heartbeats of 140 values, scaled to 0 to 1 by the training rows, split by class, through 8 numbers.
The recipes as they are. Dense: 140→32→16→8→16→32→140.

\`darkroom train ecg5000.csv --labels column:label --recipe signal --out runs/signal\`

${table(
  ['', 'test error', 'parameters', 'seconds'],
  [
    ...rows,
    ['PCA, 8 components', error(baselines.pca.get(8)!), '', ''],
    ['mean of the training rows', error(baselines.mean), '', ''],
  ],
)}

Several of the dense recipe's ReLU code units never wake up on the narrow range of the heartbeats, and PCA is ahead of it; convolutions with a
linear code are ahead of PCA.

![Heartbeats, and what \`signal\` and \`signal-conv\` make of them](${picturesFolder}/signal.png)

A long series, one moment a row in any number of columns, is learned in windows, and a texture in tiles; neither is measured here.
\`signal-window\` cuts windows of 64 rows, 8 apart (\`--set data.window.length=…\`, \`data.window.stride\`), scales each column by the training rows, and
keeps held-out windows from sharing rows with others: those between are left out. A window has the rarest label of its rows. \`tiles\` cuts images of any
size into tiles of 32×32, 16 pixels apart (\`data.tiles\`); all tiles of an image go into the same split. With \`--only normal\` either learns from the
items of that label alone.

\`darkroom train sensors.csv --labels column:state --only normal --recipe signal-window --out runs/sensors\``
}
