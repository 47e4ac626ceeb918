// The estimated memory of a training step beside what the process really grows by, each in a process of its own. Linux only.
//   npx tsx bench/training-memory.ts [<recipe> <batch>]…
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Tensors } from '../src-main/engine/backend/backend.ts'
import { openTraced } from '../src-main/engine/backend/traced.ts'
import type { Recipe } from '../src-main/contract/recipe.ts'
import { buildAutoencoder } from '../src-main/engine/models/autoencoder.ts'
import { recipeInput } from '../src-main/engine/models/check-recipe.ts'
import { denoiserShapes, initDenoiser } from '../src-main/engine/models/denoiser.ts'
import { buildGan } from '../src-main/engine/models/gan.ts'
import { trainingMemory } from '../src-main/engine/models/memory.ts'
import { createRandom, type Random } from '../src-main/engine/numeric/random.ts'
import { loadRecipe } from '../src-main/engine/storage/recipes.ts'
import { adversarialInputs, adversarialStage } from '../src-main/engine/training/adversarial-terms.ts'
import {
  restorerInputs,
  restorerPass,
  type RestorerRecipe,
} from '../src-main/engine/training/restorer-terms.ts'
import {
  initialState,
  optimizerInputs,
  optimizerValues,
  trainingStep,
} from '../src-main/engine/training/step.ts'
import { autoencoderInputs, autoencoderTerms } from '../src-main/engine/training/terms.ts'

const mebibyte = 2 ** 20
/** ECG5000's columns, for recipes on rows. */
const columns = 140

/** First weights, updates and inputs of a recipe's training. */
function trainingOf(recipe: Recipe, input: number[], batch: number, random: Random) {
  const { model, loss } = recipe
  if (model.type === 'gan' && loss.type === 'adversarial') {
    const gan = buildGan(model, input)
    return {
      weights: gan.init(random),
      stage: adversarialStage(gan, loss),
      specs: adversarialInputs(gan, batch),
    }
  }
  if (model.type === 'autoencoder') {
    const network = buildAutoencoder(model, input)
    const trains = Object.keys(network.shapes)
    return {
      weights: network.init(random),
      stage: { updates: [{ trains, terms: autoencoderTerms(recipe, network) }] },
      specs: autoencoderInputs(recipe, network, batch),
    }
  }
  const restorer = recipe as RestorerRecipe
  const pass = restorerPass(restorer)
  const terms = (weights: Tensors, inputs: Tensors) => ({ loss: pass.run(weights, inputs).loss })
  return {
    weights: initDenoiser(restorer.model, random),
    stage: { updates: [{ trains: Object.keys(denoiserShapes(restorer.model)), terms }] },
    specs: restorerInputs(restorer, batch, input[0]!),
  }
}

async function measure(name: string, batch: number): Promise<void> {
  const recipe = { ...(await loadRecipe(name, join(import.meta.dirname, '../assets'))), batch }
  const input = recipeInput(recipe) ?? [columns]
  const { optimizer } = recipe
  const backend = await openTraced()
  const resident = (what: 'VmRSS' | 'VmHWM'): number =>
    Number(new RegExp(`${what}:\\s+(\\d+)`).exec(readFileSync('/proc/self/status', 'utf8'))![1]) * 1024
  const before = resident('VmRSS')

  const random = createRandom(1)
  const { weights, stage, specs } = trainingOf(recipe, input, batch, random)
  const signature = {
    state: initialState(optimizer, weights, stage),
    inputs: { ...specs, ...optimizerInputs(optimizer) },
  }
  const program = await backend.compile(trainingStep(optimizer, stage), signature)
  const batchOf = Object.entries(specs).map(([input, { shape, dtype }]) => {
    const length = shape.reduce((product, side) => product * side, 1)
    return [input, { shape, dtype, data: Float32Array.from({ length }, () => random.uniform()) }] as const
  })
  for (let step = 0; step < 6; step++)
    await program.run({ ...Object.fromEntries(batchOf), ...optimizerValues(optimizer, 1e-4, step) })

  const [grown, estimated] = [resident('VmHWM') - before, trainingMemory(recipe, input)]
  const share = Math.round((100 * estimated) / grown)
  console.log(
    `${name}, batch ${batch}: grew by ${Math.round(grown / mebibyte)} MiB, estimated ${Math.round(estimated / mebibyte)} (${share} %)`,
  )
  await program.dispose()
  await backend.close()
}

const [name, batch, ...more] = process.argv.slice(2)
if (name !== undefined && batch !== undefined && more.length === 0) await measure(name, Number(batch))
else {
  const given = [name, batch, ...more].filter((word) => word !== undefined)
  const defaults =
    'undercomplete 128 undercomplete 4096 conv-vae 128 conv-vae 1024 conv-denoising 1024'.split(' ')
  const words =
    given.length > 0
      ? given
      : [...defaults, ...'photo-denoiser 2 photo-denoiser 8 signal-conv 1024'.split(' ')]
  for (let i = 0; i < words.length; i += 2) {
    spawnSync(process.execPath, [...process.execArgv, import.meta.filename, words[i]!, words[i + 1]!], {
      stdio: 'inherit',
    })
  }
}
