// One training step of the photo recipe (forward, backward, clipping, Adam, averaging; batch 12 of 96×96) against PyTorch's on the
// same network, in turns. PyTorch's step has no weight averaging.
//   npx tsx bench/training-step.ts [--engines traced,native: traced]
// `native-stock` is the native engine as tfjs-node has it: without relu's gradient as one kernel.
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import * as tf from '@tensorflow/tfjs-core'
import { compareWithTorch, type Contestant } from './against-torch.ts'
import { root } from './support.ts'
import { EngineChoice } from '../src-main/contract/engines.ts'
import type { TensorMap } from '../src-main/contract/tensors.ts'
import type { Tensors } from '../src-main/engine/backend/backend.ts'
import { ReluGrad } from '../src-main/engine/backend/gradients.ts'
import { openBackend } from '../src-main/engine/backend/select.ts'
import { denoiserShapes, initDenoiser } from '../src-main/engine/models/denoiser.ts'
import { createRandom } from '../src-main/engine/numeric/random.ts'
import { loadRecipe } from '../src-main/engine/storage/recipes.ts'
import { asRestorer } from '../src-main/engine/training/restoration.ts'
import { restorerInputs, restorerPass } from '../src-main/engine/training/restorer-terms.ts'
import {
  initialState,
  optimizerInputs,
  optimizerValues,
  trainingStep,
} from '../src-main/engine/training/step.ts'

const { values: options } = parseArgs({ options: { engines: { type: 'string', default: 'traced' } } })
const recipe = asRestorer(await loadRecipe('photo-denoiser', join(root, 'assets')))
const { optimizer, model, data } = recipe
const batchSize = 12
const random = createRandom(1)
const weights = initDenoiser(model, random)
const pass = restorerPass(recipe)
const terms = (tensors: Tensors, inputs: Tensors) => ({ loss: pass.run(tensors, inputs).loss })
const stage = { updates: [{ trains: Object.keys(denoiserShapes(model)), terms }] }
const given = restorerInputs(recipe, batchSize, data.patch)
const batch: TensorMap = Object.fromEntries(
  Object.entries(given).map(([name, spec]) => {
    const length = spec.shape.reduce((product, n) => product * n, 1)
    return [name, { ...spec, data: Float32Array.from({ length }, () => random.uniform()) }]
  }),
)

/** A training of its own on an engine. */
async function contestant(name: string): Promise<Contestant & { threads: number }> {
  const backend = await openBackend(EngineChoice.parse(name.replace(/-stock$/, '')))
  const program = await backend.compile(trainingStep(optimizer, stage), {
    state: initialState(optimizer, weights, stage),
    inputs: { ...given, ...optimizerInputs(optimizer) },
  })
  let step = 0
  const run = () => program.run({ ...batch, ...optimizerValues(optimizer, optimizer.rate, step++) })
  const { threads, version } = backend
  return {
    ...{ name: `${name}, ${version}`, threads },
    run: name.endsWith('-stock') ? () => withoutReluGrad(run) : run,
  }
}

/** Eager steps look for the kernel anew at every gradient. */
async function withoutReluGrad(run: () => Promise<unknown>): Promise<void> {
  const kernel = tf.getKernel(ReluGrad, 'tensorflow')
  tf.unregisterKernel(ReluGrad, 'tensorflow')
  await run()
  tf.registerKernel(kernel)
}

const ours: Awaited<ReturnType<typeof contestant>>[] = []
for (const name of options.engines.split(',')) ours.push(await contestant(name))
await compareWithTorch({ ours, threads: ours[0]!.threads, torch: ['train'], weights })
process.exit(0)
